package model

var relu = Activation{
	Name:      "relu",
	Formula:   "max(x, 0)",
	Steepest:  1,
	Rectifier: true,
	forward: func(x []float64) {
		for i, v := range x {
			x[i] = max(v, 0)
		}
	},
	backward: func(_, y, dy []float64) {
		for i, y := range y {
			if y <= 0 {
				dy[i] = 0
			}
		}
	},
}
