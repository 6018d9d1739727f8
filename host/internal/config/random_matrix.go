package config

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/problem"
)

// maxDrawn is the most elements of random matrices that are drawn together.
const maxDrawn = 100_000_000

var randomMatrix = kind{
	name:  "random-matrix",
	about: "[random matrices as Hessians](problems.md#random-matrices)",
	keys:  func() keys { return randomMatrixKeys(&Problem{}) },
	read:  func(w *Workload, t *table) { t.fill(randomMatrixKeys(&w.Problem)) },
	build: func(w *Workload) problem.Problem {
		start := w.startPoint(1, maxRandom)
		if start == nil {
			return nil
		}
		n, samples := len(start), w.Problem.Samples
		if each := n * (n + 1) / 2; samples > maxDrawn/each {
			w.Fault("problem.samples", fmt.Sprintf("%d matrices of %d elements each are more than are drawn", samples, each), fmt.Sprintf("choose at most %d", maxDrawn/each))
			return nil
		}
		return w.withNoise(problem.RandomMatrix(start, samples, w.Problem.Seed))
	},
	least: func(Problem, problem.Part) (float64, bool) { return 0, false },
}

func randomMatrixKeys(p *Problem) keys {
	return append(keys{
		dimensionKey(p, 2, 1, maxRandom),
		integerKey(&p.Samples, "samples", 1, 1, maxDrawn, "how many matrices are drawn; step k meets matrix k modulo their number"),
		seedKey(&p.Seed, "what they are drawn from; the same in all runs"),
	}, randomStart(p, 1), noiseKey(p))
}
