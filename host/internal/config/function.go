package config

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/problem"
)

// maxDimension is the most variables of a function.
const maxDimension = 100_000

// functionKinds are the analytic functions.
func functionKinds() []kind {
	var list []kind
	for _, f := range problem.Functions {
		list = append(list, kind{
			name:  f.Name,
			about: "[analytic functions](problems.md#analytic-functions)",
			read: func(w *Workload, t *table) {
				w.readPoint(t, f.Dimension, f.Least, maxDimension, f.Start)
				w.readNoise(t)
			},
			build: func(w *Workload) problem.Problem { return w.withNoise(f.Problem(w.Problem.Start)) },
			least: func(p Problem, _ problem.Part) (float64, bool) {
				value, _, ok := f.Lowest(max(len(p.Start), f.Dimension))
				return value, ok
			},
		})
	}
	return list
}

// readPoint reads dimension, if the function exists for any from least to most, and start. Without dimension the length of
// start says it.
func (w *Workload) readPoint(t *table, dimension, least, most int, start func(n int) []float64) {
	p := &w.Problem
	if least > 0 {
		if list, ok := t.keys["start"].([]any); ok && len(list) > most {
			t.fault(t.place("start"), fmt.Sprintf("start has %d numbers", len(list)), fmt.Sprintf("choose at most %d", most))
			t.known = append(t.known, "start", "dimension")
			return
		} else if ok && len(list) >= least {
			dimension = len(list)
		}
		dimension = t.between("dimension", dimension, least, most)
		p.Dimension = dimension
	}
	p.Start = t.numbers("start", start(dimension))
}

// readNoise reads the noise on the gradients of a function.
func (w *Workload) readNoise(t *table) {
	w.Problem.GradientNoise = t.number("gradient_noise", 0, func(x float64) bool { return x >= 0 },
		"a standard deviation of at least 0")
}

// withNoise is a function with the noise on its gradients, if there is any.
func (w *Workload) withNoise(p problem.Problem) problem.Problem {
	if w.Problem.GradientNoise > 0 {
		return problem.WithNoise(p, w.Problem.GradientNoise)
	}
	return p
}
