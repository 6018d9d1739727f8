package compare

import (
	"slices"

	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Tuning is what is to be expected of the best of k trials of an optimizer, drawn at random from those that were made.
type Tuning struct {
	Optimizer string   `json:"optimizer"`
	Trials    int      `json:"trials"`
	Expected  []Number `json:"expected_best"` // after 1, 2, ... trials
	Median    []Number `json:"median_best"`
}

var tuning = statistic{name: "tuning", each: tune, table: tuningTable}

func tune(_ *Comparison, p *Problem) {
	var bases []string
	values := map[string][]float64{}
	for _, r := range p.tried() {
		if r.Variants != 1 || len(r.losses()) == 0 {
			continue
		}
		if !slices.Contains(bases, r.Base) {
			bases = append(bases, r.Base)
		}
		values[r.Base] = append(values[r.Base], quantile.Median(r.losses()))
	}
	for _, base := range bases {
		xs := values[base]
		if len(xs) < fewestValues {
			continue
		}
		t := Tuning{Optimizer: base, Trials: len(xs)}
		for _, x := range statistics.ExpectedBest(xs) {
			t.Expected = append(t.Expected, Number(p.sign*x))
		}
		for _, x := range statistics.MedianBest(xs) {
			t.Median = append(t.Median, Number(p.sign*x))
		}
		p.Tuning = append(p.Tuning, t)
	}
}

func tuningTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "best after k trials", Columns: []string{"", "k", "expected best", "median best"},
		Notes: []string{"Of k trials drawn at random from those that were made, each by its median over seeds."}}
	for _, of := range p.Tuning {
		for k := 1; k <= of.Trials; k *= 2 {
			t.Rows = append(t.Rows, []Cell{{Text: of.Optimizer}, whole("trials", k), valued("expected_best", p.Unit, of.Expected[k-1]), valued("median_best", p.Unit, of.Median[k-1])})
			if k < of.Trials && 2*k > of.Trials {
				last := of.Trials
				t.Rows = append(t.Rows, []Cell{{Text: of.Optimizer}, whole("trials", last), valued("expected_best", p.Unit, of.Expected[last-1]),
					valued("median_best", p.Unit, of.Median[last-1])})
			}
		}
	}
	return t
}
