package model

import "math"

// x Φ(x) with the normal distribution function Φ: Hendrycks and Gimpel 2016, section 2, the exact form.
var gelu = Activation{
	Name:      "gelu",
	Formula:   "x Φ(x), with the normal distribution function itself, not the tanh approximation",
	Steepest:  1.1289041,
	Rectifier: true,
	needsX:    true,
	forward: func(x []float64) {
		each(x, func(x float64) float64 { return x * normalCDF(x) })
	},
	backward: func(x, _, dy []float64) {
		for i, x := range x {
			dy[i] *= normalCDF(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}
	},
	second: func(x, _, d []float64) {
		for i, x := range x {
			d[i] *= (2 - x*x) * math.Exp(-x*x/2) / math.Sqrt(2*math.Pi)
		}
	},
}

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
