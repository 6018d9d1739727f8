package config

import (
	"cmp"
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
			keys:  func() keys { return functionKeys(&Problem{}, f) },
			read:  func(w *Workload, t *table) { t.fill(functionKeys(&w.Problem, f)) },
			build: func(w *Workload) problem.Problem {
				start := w.startPoint(f.Least, maxDimension)
				if start == nil {
					return nil
				}
				return w.withNoise(f.Problem(start))
			},
			least: func(p Problem, _ problem.Part) (float64, bool) {
				value, _, ok := f.Lowest(max(len(p.Start), f.Dimension))
				return value, ok
			},
		})
	}
	return list
}

// functionKeys are those of a function.
func functionKeys(p *Problem, f *problem.Function) (list keys) {
	if f.Least > 0 {
		list = keys{dimensionKey(p, f.Dimension, f.Least, maxDimension)}
	}
	start := startKey(p, maxDimension, func(n int) []float64 { return f.Start(cmp.Or(n, f.Dimension)) })
	return append(list, start.or("the function's"), noiseKey(p))
}

// dimensionKey is the number of variables, from least to most. Without it the length of start says it.
func dimensionKey(p *Problem, standard, least, most int) key {
	k := integerKey(&p.Dimension, "dimension", standard, least, most, "number of variables")
	k.read = func(t *table, _ *key) {
		n := standard
		if list, ok := t.keys["start"].([]any); ok && len(list) >= least && len(list) <= most {
			n = len(list)
		}
		p.Dimension = t.between("dimension", n, least, most)
	}
	return k
}

// startKey is where every run begins, of so many variables as dimension says, or one that may have at most so many.
func startKey(p *Problem, most int, standard func(n int) []float64) key {
	return key{name: "start", kind: "numbers or string", value: either(arrayOf(node{"type": "number"}), node{"type": "string"}),
		help: "where every run begins, or a CSV file, NumPy array or folder of [`record.weights`](#record) with it; its length is the default of `dimension`",
		read: func(t *table, _ *key) {
			if _, is := t.keys["start"].(string); is {
				p.StartFile, p.Start = t.str("start", ""), standard(p.Dimension)
				return
			}
			if list, ok := t.keys["start"].([]any); ok && len(list) > most {
				t.known = append(t.known, "start")
				t.fault(t.place("start"), fmt.Sprintf("start has %d numbers", len(list)), fmt.Sprintf("choose at most %d", most))
				return
			}
			p.Start = t.numbers("start", standard(p.Dimension))
		}}
}

// noiseKey is the noise on the gradients of a function.
func noiseKey(p *Problem) key {
	return numberKey(&p.GradientNoise, "gradient_noise", 0, "[0,inf)",
		"standard deviation of an error added to each component of the gradient; the loss stays exact").called("a standard deviation")
}

// withNoise is a function with the noise on its gradients, if there is any.
func (w *Workload) withNoise(p problem.Problem) problem.Problem {
	if w.Problem.GradientNoise > 0 {
		return problem.WithNoise(p, w.Problem.GradientNoise)
	}
	return p
}
