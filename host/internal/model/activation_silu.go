package model

// x sigmoid(x): Hendrycks and Gimpel 2016; also called swish.
var silu = Activation{
	Name:      "silu",
	Formula:   "x / (1 + e⁻ˣ)",
	Steepest:  1.0998393,
	Rectifier: true,
	needsX:    true,
	forward: func(x []float64) {
		each(x, func(x float64) float64 { return x * logistic(x) })
	},
	backward: func(x, _, dy []float64) {
		for i, x := range x {
			s := logistic(x)
			dy[i] *= s * (1 + x*(1-s))
		}
	},
	second: func(x, _, d []float64) {
		for i, x := range x {
			s := logistic(x)
			d[i] *= s * (1 - s) * (2 + x*(1-2*s))
		}
	},
}
