package compare

import (
	"slices"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Diagnosed is what a diagnostic took in the runs of a row that ended, each in the program that ended it.
type Diagnosed struct {
	Diagnostic  string   `json:"diagnostic"`
	Points      Estimate `json:"points"`
	Equivalents Estimate `json:"gradient_equivalents"`
	Seconds     Estimate `json:"seconds"`
	Share       Estimate `json:"share"` // of the time of the run
}

var diagnosed = statistic{name: "diagnosed", each: diagnose, table: diagnosedTable}

func diagnose(c *Comparison, p *Problem) {
	for _, r := range p.Rows {
		taken := map[string][]record.Diagnosed{}
		shares := map[string][]float64{}
		var names []string
		for _, m := range r.all {
			if !m.Outcome.Status.Ended() {
				continue
			}
			for _, d := range m.Outcome.Diagnosed {
				if taken[d.Name] == nil {
					names = append(names, d.Name)
				}
				taken[d.Name] = append(taken[d.Name], d)
				if wall := m.Outcome.Wall; wall > 0 {
					shares[d.Name] = append(shares[d.Name], d.Time.Seconds()/wall.Seconds())
				}
			}
		}
		for _, name := range names {
			median := func(of func(record.Diagnosed) float64) Estimate {
				var xs []float64
				for _, d := range taken[name] {
					xs = append(xs, of(d))
				}
				return estimate(statistics.Median(xs, c.Confidence), 1)
			}
			d := Diagnosed{name, median(func(d record.Diagnosed) float64 { return float64(d.Points) }), median(func(d record.Diagnosed) float64 { return d.Equivalents }),
				median(func(d record.Diagnosed) float64 { return d.Time.Seconds() }), Estimate{}}
			if len(shares[name]) > 0 {
				d.Share = estimate(statistics.Median(shares[name], c.Confidence), 1)
			}
			r.Diagnosed = append(r.Diagnosed, d)
		}
	}
}

func diagnosedTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "what diagnostics took", Columns: []string{"", "diagnostic", "points", "gradient equivalents", "time", "of the run's"},
		Notes: []string{"Medians over runs, of the program that ended each. A gradient of a batch is 1 gradient equivalent, a product with the Hessian 2. The time of a step is without them."}}
	for _, r := range p.Rows {
		ordered := slices.Clone(r.Diagnosed)
		slices.SortStableFunc(ordered, func(a, b Diagnosed) int {
			switch x, y := a.Seconds.Value, b.Seconds.Value; {
			case x > y:
				return -1
			case x < y:
				return 1
			}
			return 0
		})
		for _, d := range ordered {
			share := none
			if d.Share.N > 0 {
				share = Cell{shown(100*d.Share.Value) + " %", []Named{{d.Diagnostic + "_share_percent", 100 * d.Share.Value}}}
			}
			t.Rows = append(t.Rows, []Cell{{Text: r.Name}, {Text: d.Diagnostic}, number(d.Diagnostic+"_points", d.Points.Value),
				number(d.Diagnostic+"_gradient_equivalents", d.Equivalents.Value), ranged(d.Diagnostic+"_seconds", "seconds", &d.Seconds), share})
		}
	}
	return t
}
