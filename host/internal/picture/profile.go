package picture

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

var profileKind = Kind{Name: "profile", Help: "the share of problems that each optimizer solves within so many times the cost of the best (Dolan and Moré)", Across: profile}

func profile(r *Results, o Options) (figure.Figure, error) {
	optimizers, err := r.shared()
	if err != nil {
		return nil, err
	}
	values, m, q, err := r.of(o.Measure, optimizers)
	if err != nil {
		return nil, err
	}
	if q.Better == record.More {
		return nil, unfit("choose a cost, such as steps_to_target", "more of %s is better: it is no cost of which there are ratios", q.Name)
	}
	costs := medians(values)
	f := figure.Profile{Title: r.Experiment.Name, X: figure.Axis{Label: "median " + axis(q, m).Label + ", times the best", Log: true},
		Y: figure.Axis{Label: fmt.Sprintf("share of %d problems", len(r.Problems))}}
	for i, s := range statistics.Profiles(costs) {
		f.Lines = append(f.Lines, stairs(optimizers[i], s))
	}
	return f, nil
}
