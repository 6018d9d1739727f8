package problem

import "gonum.org/v1/gonum/mat"

// saddle is
//
//	f(x, y) = 5x² − y²
//
// It has no minimum: who leaves the saddle descends for ever.
var saddle = &Function{
	Name:        "saddle",
	Formula:     "f(x, y) = 5x² − y²",
	Domain:      "[-2, 2]²",
	Range:       [][2]float64{{-2, 2}},
	Source:      "Goodfellow, Bengio, Courville: Deep Learning, MIT Press, 2016, section 8.2.3, on saddle points",
	StartSource: "ours, a thousandth beside the ridge",
	Dimension:   2,
	Start:       fixed(1, 0.001),
	Critical:    points(CriticalPoint{Saddle, []float64{0, 0}}),
	Eval: func(x, g []float64) float64 {
		if g != nil {
			g[0] = 10 * x[0]
			g[1] = -2 * x[1]
		}
		return 5*x[0]*x[0] - x[1]*x[1]
	},
	Hessian: func(_ []float64, dst *mat.SymDense) { setSym2(dst, 10, 0, -2) },
}
