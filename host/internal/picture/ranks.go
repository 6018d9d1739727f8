package picture

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/statistics"
)

var ranksKind = Kind{Name: "ranks", Help: "mean ranks over problems, with the difference below which they are not told apart (Demšar)", Across: ranks}

func ranks(r *Results, o Options) (figure.Figure, error) {
	optimizers, err := r.shared()
	if err != nil {
		return nil, err
	}
	measure := o.Measure
	if measure == "" {
		measure = "train_loss"
	}
	values, m, q, err := r.of(measure, optimizers)
	if err != nil {
		return nil, err
	}
	rows := make([][]float64, len(r.Problems)) // of each problem
	for _, column := range medians(values) {
		for i, x := range column {
			rows[i] = append(rows[i], x)
		}
	}
	c := statistics.CompareRanks(rows, 1-confidence)
	f := figure.Critical{Title: r.Experiment.Name, Distance: c.CriticalDifference,
		Notes: []string{fmt.Sprintf("Ranks of the median %s on %d problems. Friedman's test: p = %.3g.", axis(q, m).Label, c.N, c.P)}}
	for i, s := range optimizers {
		f.Ranks = append(f.Ranks, figure.Rank{Series: s, Mean: c.Ranks[i]})
	}
	return f, nil
}
