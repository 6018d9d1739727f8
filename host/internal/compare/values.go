package compare

import (
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Summary is what is said of the measure over the seeds of a row. A run that diverged is infinitely bad. Runs that failed or did not end
// are in none of it but the last two: the medians that there would be had they ended as well, or as badly, as is possible.
type Summary struct {
	Median        Estimate `json:"median"`
	LowerQuartile Number   `json:"lower_quartile"`
	UpperQuartile Number   `json:"upper_quartile"`
	Best          Number   `json:"best"`
	Infinite      int      `json:"infinite"` // of n
	AtBest        Number   `json:"median_at_best"`
	AtWorst       Number   `json:"median_at_worst"`
}

var valuesPart = statistic{name: "values", each: summarize, table: valuesTable}

func summarize(c *Comparison, p *Problem) {
	for _, r := range p.Rows {
		xs := r.losses()
		if len(xs) == 0 {
			continue
		}
		s := statistics.Summarize(xs, c.Confidence)
		r.Value = &Summary{Median: estimate(s.Median, p.sign), LowerQuartile: Number(p.sign * s.First), UpperQuartile: Number(p.sign * s.Third),
			Best: Number(p.sign * s.Best), Infinite: s.Infinite}
		if p.sign < 0 {
			r.Value.LowerQuartile, r.Value.UpperQuartile = r.Value.UpperQuartile, r.Value.LowerQuartile
		}
		best, worst := xs, xs
		for _, x := range r.all {
			if x.value.State() == measure.Unknown {
				low, high := x.value.Between()
				best, worst = append(slices.Clip(best), p.sign*low), append(slices.Clip(worst), p.sign*high)
			}
		}
		r.Value.AtBest = Number(p.sign * statistics.Median(best, c.Confidence).Value)
		r.Value.AtWorst = Number(p.sign * statistics.Median(worst, c.Confidence).Value)
	}
	p.chooseBaseline(c)
}

// losses are the values of the seeds of a row, of which less is better.
func (r *Entry) losses() (xs []float64) {
	for _, seed := range r.seeds {
		if u := r.units[seed]; u.counts {
			xs = append(xs, u.loss)
		}
	}
	return xs
}

// median is that of a row, of which less is better; +∞ if there is none.
func (p *Problem) median(r *Entry) float64 {
	if r.Value == nil {
		return math.Inf(1)
	}
	return p.sign * float64(r.Value.Median.Value)
}

func valuesTable(c *Comparison, p *Problem) Table {
	unit := p.Unit
	t := Table{Title: p.Measure, Columns: []string{"", "median", "coverage", "quartiles", "best", "seeds", "runs"},
		Notes: []string{fmt.Sprintf("Median over seeds with an interval of order statistics, and the probability with which it holds the median; asked for is %g %%. "+
			"A diverged run is infinitely bad.", 100*c.Confidence)}}
	counts := []struct {
		name string
		of   func(*Entry) int
	}{{"diverged", func(r *Entry) int { return r.Diverged }}, {"stopped", func(r *Entry) int { return r.Stopped }},
		{"pruned", func(r *Entry) int { return r.Pruned }}, {"failed", func(r *Entry) int { return r.Failed }},
		{"partial", func(r *Entry) int { return r.Partial }}, {"missing", func(r *Entry) int { return r.Missing }}}
	sums := make([]int, len(counts))
	for _, r := range p.Rows {
		for i, k := range counts {
			sums[i] += k.of(r)
		}
	}
	for i, k := range counts {
		if i == 0 || sums[i] > 0 {
			t.Columns = append(t.Columns, k.name)
		}
	}
	for _, r := range p.Rows {
		cells := []Cell{{Text: r.Name}}
		if v := r.Value; v == nil {
			cells = append(cells, none, none, none, none)
		} else {
			cells = append(cells, ranged("median", unit, &v.Median), coverage("median", &v.Median),
				Cell{shownIn(unit, v.LowerQuartile) + ", " + shownIn(unit, v.UpperQuartile), []Named{{"lower_quartile", v.LowerQuartile}, {"upper_quartile", v.UpperQuartile}}},
				valued("best", unit, v.Best))
			if r.Failed+r.Partial > 0 {
				t.Notes = append(t.Notes, fmt.Sprintf("%s: %d runs failed and %d did not end; however they had ended, its median would be %s to %s.", r.Name,
					r.Failed, r.Partial, shownIn(unit, v.AtBest), shownIn(unit, v.AtWorst)))
			}
		}
		cells = append(cells, whole("seeds", r.Seeds), whole("runs", r.Runs))
		for i, k := range counts {
			if i == 0 || sums[i] > 0 {
				cells = append(cells, whole(k.name, k.of(r)))
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
