package train

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Transform changes a gradient, whose Euclidean norm is given, in place before the optimizer sees it.
type Transform func(gradient []float64, norm float64)

// ClipNorm scales a gradient that is longer than limit down to it and keeps its direction:
//
//	g ← g min(1, limit / ‖g‖)
//
// over all tensors together. (Pascanu, Mikolov, Bengio: On the difficulty of training recurrent neural networks, ICML 2013,
// algorithm 1.) It equals optax.clip_by_global_norm; torch's clip_grad_norm_ adds 1e-6 to ‖g‖. A norm that is not a number
// makes every component so.
func ClipNorm(limit float64) Transform {
	return func(g []float64, norm float64) {
		if !(norm <= limit) {
			floats.Scale(limit/norm, g)
		}
	}
}

// ClipValue brings every component into [−limit, limit], which changes the direction: torch's clip_grad_value_, optax.clip.
func ClipValue(limit float64) Transform {
	return func(g []float64, _ float64) {
		for i, x := range g {
			g[i] = math.Max(-limit, math.Min(limit, x))
		}
	}
}
