package prepare

import (
	"context"
	"fmt"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/proto"
)

// Examples are the data of an experiment as one of its runs sees them. The parts are row numbers.
type Examples struct {
	*config.Workload
	All                     int // rows
	Train, Validation, Test []int
	Batches                 *dataset.Batches
}

// Examples reads an experiment whose problem has data, for its run with the given seed, or its first run if that is nil. Of several
// problems the name says which. The plugins are not asked.
func (w With) Examples(ctx context.Context, file, name string, run *uint64) (Examples, error) {
	return regular.Until(ctx, func() (Examples, error) {
		e, err := config.LoadWith(file, w.Set)
		if err != nil {
			return Examples{}, err
		}
		if run == nil {
			run = &e.Seeds[0]
		}
		e.Seeds, e.Variables = []uint64{*run}, w.Variables // an order is checked against its split
		e.Build()
		if err := e.Errors(); err != nil {
			return Examples{}, err
		}
		w, err := workload(e, name)
		if err != nil {
			return Examples{}, err
		}
		built := w.Built
		data, is := built.(problem.Batched)
		if !is {
			return Examples{}, fmt.Errorf("the problem %q has no data; every step sees the whole function", w.Problem.Kind)
		}
		x, tree := Examples{Workload: w, All: data.Examples()}, seed.New(*run)
		x.Train, x.Validation, x.Test = data.Rows(tree)
		x.Batches = data.Batches(tree)
		return x, nil
	})
}

// workload is the experiment for the problem of that name, or for its only one.
func workload(e *config.Experiment, name string) (*config.Workload, error) {
	var names []string
	for _, w := range e.Workloads {
		if w.Name == name || name == "" && len(e.Workloads) == 1 {
			return w, nil
		}
		names = append(names, w.Name)
	}
	if name == "" {
		return nil, fmt.Errorf("the experiment has %d problems; choose one with --problem: %s", len(names), strings.Join(names, ", "))
	}
	return nil, fmt.Errorf("the experiment has no problem %q; %s", name, proto.DidYouMean(name, names))
}
