package model

import "math"

// ln(1 + exp(x)), whose derivative is the sigmoid, 1 - exp(-y). It is max(x, 0) + ln(1 + exp(-|x|)), which neither overflows nor
// loses digits.
var softplus = Activation{
	Name:     "softplus",
	Formula:  "ln(1 + eˣ)",
	Steepest: 1,
	forward: func(x []float64) {
		each(x, func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) })
	},
	backward: func(_, y, dy []float64) {
		for i, y := range y {
			dy[i] *= -math.Expm1(-y)
		}
	},
	second: func(_, y, d []float64) {
		for i, y := range y {
			d[i] *= -math.Expm1(-y) * math.Exp(-y)
		}
	},
}
