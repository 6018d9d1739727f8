package model

// leakySlope is torch's default.
const leakySlope = 0.01

var leakyReLU = Activation{
	Name:      "leaky-relu",
	Formula:   "max(x, 0.01 x)",
	Steepest:  1,
	Rectifier: true,
	forward: func(x []float64) {
		for i, v := range x {
			x[i] = max(v, leakySlope*v)
		}
	},
	backward: func(_, y, dy []float64) {
		for i, y := range y {
			if y <= 0 {
				dy[i] *= leakySlope
			}
		}
	},
}
