package config

import (
	"slices"

	"github.com/steepest/steepest/host/internal/problem"
)

var nonstationaryQuadratic = kind{
	name:  "nonstationary-quadratic",
	about: "[a quadratic function whose minimum moves](problems.md#a-minimum-that-moves)",
	keys:  func() keys { return movingKeys(&Problem{}) },
	read:  func(w *Workload, t *table) { t.fill(movingKeys(&w.Problem)) },
	build: func(w *Workload) problem.Problem {
		p := w.Problem
		start := w.startPoint(1, maxQuadratic)
		if start == nil {
			return nil
		}
		return w.withNoise(problem.NonstationaryQuadratic(start, p.Condition, *p.Movement, p.Seed))
	},
	least: atLeast0,
}

// movingKeys are those of a quadratic made from its condition number, and how its minimum moves.
func movingKeys(p *Problem) keys {
	p.Movement = &problem.Movement{}
	list := quadraticNumbers(p)
	list[0] = dimensionKey(p, 10, 1, maxQuadratic)
	return append(slices.Clip(list),
		integerKey(&p.Movement.Every, "every", 100, 1, unbounded, "steps until the minimum moves again"),
		integerKey(&p.Movement.Changes, "changes", 10, 1, 10_000, "how often it moves; behind the last it stays, and `final` losses are of that place"),
		numberKey(&p.Movement.Distance, "distance", 1, "(0,1e6]", "from the origin, where it is at first, to every later place").called("a distance"),
		noiseKey(p))
}
