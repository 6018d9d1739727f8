package config

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/problem"
)

// maxRandom is the most variables of random functions and matrices.
const maxRandom = 1000

var randomFunction = kind{
	name:  "random-function",
	about: "[a random function](problems.md#random-functions)",
	keys:  func() keys { return randomFunctionKeys(&Problem{}) },
	read:  func(w *Workload, t *table) { t.fill(randomFunctionKeys(&w.Problem)) },
	build: func(w *Workload) problem.Problem {
		start := w.startPoint(1, maxRandom)
		if start == nil {
			return nil
		}
		return w.withNoise(problem.RandomFunction(start, w.Problem.Waves, w.Problem.Seed))
	},
	least: func(p Problem, _ problem.Part) (float64, bool) { return problem.LowestWaves(p.Waves), true },
}

func randomFunctionKeys(p *Problem) keys {
	return append(keys{
		dimensionKey(p, 10, 1, maxRandom),
		integerKey(&p.Waves, "waves", 500, 1, 100_000, "how many waves are added; the more, the nearer it is to a Gaussian field"),
		seedKey(&p.Seed, "what the waves are drawn from; the same in all runs"),
	}, randomStart(p, 0), noiseKey(p))
}

// randomStart begins at the same value in each variable, unless something else is asked.
func randomStart(p *Problem, value float64) key {
	return startKey(p, maxRandom, func(n int) []float64 { return slices.Repeat([]float64{value}, n) }).or(fmt.Sprintf("all %v", value))
}
