package compare

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Response is how much the measure depends on a hyperparameter that was swept.
type Response struct {
	Optimizer string   `json:"optimizer"` // and what else was chosen
	Key       string   `json:"key"`
	Values    []Number `json:"values"`
	Medians   []Number `json:"medians"`
	Start     Number   `json:"start"` // before training
	Best      Number   `json:"best"`  // value
	Median    Number   `json:"best_median"`
	Threshold Number   `json:"threshold"`
	Low       Number   `json:"low"` // of the region that is about as good
	High      Number   `json:"high"`
	Width     Number   `json:"decades"`
	AtLow     bool     `json:"at_low,omitempty"` // the region ends where the sweep does
	AtHigh    bool     `json:"at_high,omitempty"`
	Split     bool     `json:"split,omitempty"`
}

var sensitivity = statistic{name: "sensitivity", each: sense, table: sensitivityTable}

// fewestValues are needed to say how much depends on one.
const fewestValues = 3

func sense(_ *Comparison, p *Problem) {
	type point struct{ x, median float64 }
	type line struct {
		optimizer, key string
		points         []point
	}
	var lines []*line
	for _, r := range p.tried() {
		if r.Variants != 1 || len(r.losses()) == 0 {
			continue
		}
		o := r.all[0].Optimizer
		for i, c := range o.Choices {
			x, is := c.Number()
			if !is {
				continue
			}
			name := []string{r.Base}
			for j, other := range o.Choices {
				if j != i && other.Key != "plugin" { // it is called after it
					name = append(name, other.Name()+"="+other.String())
				}
			}
			optimizer := strings.Join(name, " ")
			at := slices.IndexFunc(lines, func(l *line) bool { return l.optimizer == optimizer && l.key == c.Name() })
			if at < 0 {
				at = len(lines)
				lines = append(lines, &line{optimizer: optimizer, key: c.Name()})
			}
			if !slices.ContainsFunc(lines[at].points, func(q point) bool { return q.x == x }) {
				lines[at].points = append(lines[at].points, point{x, quantile.Median(r.losses())})
			}
		}
	}
	lines = slices.DeleteFunc(lines, func(l *line) bool { return len(l.points) < fewestValues })
	if len(lines) == 0 {
		return
	}
	start, known := p.start()
	if !known {
		start = math.NaN()
	}
	for _, l := range lines {
		slices.SortFunc(l.points, func(a, b point) int { return cmp.Compare(a.x, b.x) })
		var xs, ys []float64
		out := Response{Optimizer: l.optimizer, Key: l.key, Start: Number(p.sign * start)}
		for _, q := range l.points {
			xs, ys = append(xs, q.x), append(ys, q.median)
			out.Values, out.Medians = append(out.Values, Number(q.x)), append(out.Medians, Number(p.sign*q.median))
		}
		from := start
		if !known {
			from = slices.Min(ys) // only what is as good as the best is in the region
		}
		s := statistics.Sense(xs, ys, from)
		out.Best, out.Median, out.Threshold = Number(s.Best), Number(p.sign*s.Median), Number(p.sign*s.Threshold)
		out.Low, out.High, out.Width = Number(s.Low), Number(s.High), Number(s.Width)
		out.AtLow, out.AtHigh, out.Split = s.AtLow, s.AtHigh, s.Split
		p.Sensitivity = append(p.Sensitivity, out)
	}
}

// tried are the rows of which one was chosen, or else those that are compared.
func (p *Problem) tried() []*Entry {
	if len(p.trials) > 0 {
		return p.trials
	}
	return p.Rows
}

var errFirst = errors.New("the first row is enough")

// start is the median over the seeds of the quantity before training, of which less is better.
func (p *Problem) start() (x float64, known bool) {
	if p.quantity.Better == record.Neither || !p.quantity.Column {
		return 0, false
	}
	var own []*member
	seen := map[uint64]bool{}
	for _, r := range p.tried() {
		for _, m := range r.all {
			if !seen[m.Seed] {
				seen[m.Seed] = true
				own = append(own, m)
			}
		}
	}
	first := make([]record.Value, len(own))
	_ = atOnce(own, func(i int, m *member) error {
		return m.Column(p.quantity.Name, func(_ int, _ time.Duration, x float64, measured bool) error {
			if measured {
				first[i] = record.Measured(p.sign * x)
			}
			return errFirst
		})
	})
	var xs []float64
	for _, v := range first {
		if x, measured := v.Get(); measured {
			xs = append(xs, x)
		}
	}
	if len(xs) == 0 {
		return 0, false
	}
	return quantile.Median(xs), true
}

func sensitivityTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "sensitivity", Columns: []string{"", "key", "values", "best value", "median there", "start", "good from", "to", "decades"},
		Notes: []string{"Good: next to the best, with a median of at most best + 0.1 (start - best)."}}
	for _, s := range p.Sensitivity {
		name := Cell{Text: s.Optimizer}
		from, to := number("good_low", s.Low), number("good_high", s.High)
		if s.AtLow {
			from.Text += " or less"
		}
		if s.AtHigh {
			to.Text += " or more"
		}
		t.Rows = append(t.Rows, []Cell{name, {Text: s.Key}, whole("values", len(s.Values)), number("best_value", s.Best), valued("best_median", p.Unit, s.Median),
			valued("start", p.Unit, s.Start), from, to, number("decades", s.Width)})
		if s.Split {
			t.Notes = append(t.Notes, s.Optimizer+": beyond a value of "+s.Key+" that is worse there is another region that is about as good.")
		}
	}
	return t
}
