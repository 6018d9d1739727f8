package config

import (
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
)

// stochasticKinds are the functions averaged over rows of data.
func stochasticKinds() []kind {
	var list []kind
	for _, f := range problem.StochasticFunctions {
		list = append(list, kind{
			name:      f.Name,
			about:     "[stochastic functions of DeepOBS](problems.md#stochastic-functions-of-deepobs)",
			keys:      func() keys { return batchKeys(&dataset.Batching{}, f.Batching()) },
			read:      func(w *Workload, t *table) { w.Problem.Batching = readBatching(t, f.Batching()) },
			build:     func(w *Workload) problem.Problem { return w.buildStochastic(f) },
			least:     func(_ Problem, part problem.Part) (float64, bool) { return f.Lowest(part) },
			validates: true,
		})
	}
	return list
}

func (w *Workload) buildStochastic(f *problem.StochasticFunction) problem.Problem {
	before := len(w.errors)
	w.checkBatches(f.Rows)
	w.readOrder(f.Problem(*w.Problem.Batching), f.Rows, f.Rows, nil)
	if len(w.errors) > before {
		return nil
	}
	return f.Problem(*w.Problem.Batching)
}
