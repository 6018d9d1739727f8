package model

var hyperbolicTangent = Activation{
	Name:     "tanh",
	Formula:  "tanh x",
	Steepest: 1,
	forward:  tanh,
	backward: func(_, y, dy []float64) {
		for i, y := range y {
			dy[i] *= 1 - y*y
		}
	},
	second: func(_, y, d []float64) {
		for i, y := range y {
			d[i] *= -2 * y * (1 - y*y)
		}
	},
}
