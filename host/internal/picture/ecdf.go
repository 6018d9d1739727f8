package picture

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/statistics"
)

var ecdfKind = Kind{Name: "ecdf", Help: "the share of runs, over all problems and seeds, that met their targets within so many steps (COCO)", Across: ecdf}

func ecdf(r *Results, o Options) (figure.Figure, error) {
	optimizers, err := r.shared()
	if err != nil {
		return nil, err
	}
	values, m, q, err := r.of(o.Measure, optimizers)
	if err != nil {
		return nil, err
	}
	f := figure.ECDF{Title: r.Experiment.Name, Y: figure.Axis{Label: fmt.Sprintf("share of runs on %d problems", len(r.Problems))}}
	var all [][]float64
	for i, problems := range values {
		runs := slices.Concat(problems...)
		s := statistics.ECDF(runs)
		f.Lines, all = append(f.Lines, stairs(optimizers[i], s)), append(all, runs)
	}
	f.X = axis(q, m, all...)
	return f, nil
}
