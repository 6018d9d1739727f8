package problem

import "gonum.org/v1/gonum/mat"

// monkeySaddle is
//
//	f(x, y) = x³ − 3xy²
//
// Three valleys, for two legs and a tail, leave the origin, where gradient and Hessian are both zero.
var monkeySaddle = &Function{
	Name:        "monkey-saddle",
	Formula:     "f(x, y) = x³ − 3xy²",
	Domain:      "[-2, 2]²",
	Range:       [][2]float64{{-2, 2}},
	Source:      "Hilbert, Cohn-Vossen: Anschauliche Geometrie, Springer, 1932",
	StartSource: "ours, a thousandth beside the ridge",
	Dimension:   2,
	Start:       fixed(1, 0.001),
	Critical:    points(CriticalPoint{Degenerate, []float64{0, 0}}),
	Eval: func(x, g []float64) float64 {
		if g != nil {
			g[0] = 3 * (x[0]*x[0] - x[1]*x[1])
			g[1] = -6 * x[0] * x[1]
		}
		return x[0] * (x[0]*x[0] - 3*x[1]*x[1])
	},
	Hessian: func(x []float64, dst *mat.SymDense) { setSym2(dst, 6*x[0], -6*x[1], -6*x[0]) },
}
