package config

import "github.com/steepest/steepest/host/internal/problem"

// stochasticKinds are the functions averaged over rows of data.
func stochasticKinds() []kind {
	var list []kind
	for _, f := range problem.StochasticFunctions {
		list = append(list, kind{
			name:      f.Name,
			about:     "[stochastic functions of DeepOBS](problems.md#stochastic-functions-of-deepobs)",
			read:      func(e *Experiment, t *table) { e.Problem.Batching = readBatching(t, f.Batching()) },
			build:     func(e *Experiment) problem.Problem { return e.buildStochastic(f) },
			least:     func(_ Problem, part problem.Part) (float64, bool) { return f.Lowest(part) },
			validates: true,
		})
	}
	return list
}

func (e *Experiment) buildStochastic(f *problem.StochasticFunction) problem.Problem {
	before := len(e.document.errors)
	e.checkBatches(f.Rows)
	e.readOrder(f.Rows, f.Rows, nil)
	if len(e.document.errors) > before {
		return nil
	}
	return f.Problem(*e.Problem.Batching)
}
