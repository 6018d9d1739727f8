package transform

import "gonum.org/v1/gonum/floats"

var clipNorm = Kind{
	Name:  "clip_norm",
	Limit: "a norm above 0, such as 1.0; leave it out for no clipping",
	Help:  "a gradient whose Euclidean norm, over all tensors together, is larger is scaled down to it",
	Make:  ClipNorm,
}

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
