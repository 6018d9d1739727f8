package model

import "math"

// eluAlpha is torch's default.
const eluAlpha = 1.0

// x for x > 0, else exp(x) - 1: Clevert et al. 2016, equation 15 with α = 1.
var elu = Activation{
	Name:      "elu",
	Formula:   "x for x > 0, else eˣ − 1",
	Steepest:  1,
	Rectifier: true,
	forward: func(x []float64) {
		for i, v := range x {
			if !(v > 0) {
				x[i] = eluAlpha * math.Expm1(v)
			}
		}
	},
	backward: func(_, y, dy []float64) {
		for i, y := range y {
			if y <= 0 {
				dy[i] *= y + eluAlpha
			}
		}
	},
	second: func(_, y, d []float64) {
		for i, y := range y {
			if y > 0 {
				d[i] = 0
			} else {
				d[i] *= y + eluAlpha
			}
		}
	},
}
