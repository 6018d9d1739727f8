package model

var sigmoid = Activation{
	Name:     "sigmoid",
	Formula:  "1 / (1 + e⁻ˣ)",
	Steepest: 0.25,
	forward:  func(x []float64) { each(x, logistic) },
	backward: func(_, y, dy []float64) {
		for i, y := range y {
			dy[i] *= y * (1 - y)
		}
	},
	second: func(_, y, d []float64) {
		for i, y := range y {
			d[i] *= y * (1 - y) * (1 - 2*y)
		}
	},
}
