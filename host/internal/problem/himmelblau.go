package problem

import "gonum.org/v1/gonum/mat"

// himmelblau is
//
//	f(x, y) = (x² + y − 11)² + (x + y² − 7)²
//
// with four minima of value 0, a maximum between them and four saddles.
var himmelblau = &Function{
	Name:        "himmelblau",
	Formula:     "f(x, y) = (x² + y − 11)² + (x + y² − 7)²",
	Domain:      "[-5, 5]²",
	Range:       [][2]float64{{-5, 5}},
	Source:      "Himmelblau: Applied Nonlinear Programming, McGraw-Hill, 1972",
	StartSource: "ours, near the maximum",
	Dimension:   2,
	Start:       fixed(0, 0),
	Critical: points(
		CriticalPoint{Minimum, []float64{3, 2}}, CriticalPoint{Minimum, []float64{-2.805118086952745, 3.131312518250573}},
		CriticalPoint{Minimum, []float64{-3.779310253377747, -3.283185991286169}},
		CriticalPoint{Minimum, []float64{3.5844283403304917, -1.8481265269644034}},
		CriticalPoint{Maximum, []float64{-0.2708445906673476, -0.9230385564799816}},
		CriticalPoint{Saddle, []float64{0.08667750455539634, 2.884254701174776}},
		CriticalPoint{Saddle, []float64{3.385154183607021, 0.07385187983774928}},
		CriticalPoint{Saddle, []float64{-0.12796134673068005, -1.9537149802445766}},
		CriticalPoint{Saddle, []float64{-3.0730257507643897, -0.08135304428796751}}),
	Eval: func(x, g []float64) float64 {
		a, b := x[0]*x[0]+x[1]-11, x[0]+x[1]*x[1]-7
		if g != nil {
			g[0] = 4*a*x[0] + 2*b
			g[1] = 2*a + 4*b*x[1]
		}
		return a*a + b*b
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		a, b := x[0]*x[0]+x[1]-11, x[0]+x[1]*x[1]-7
		setSym2(dst, 8*x[0]*x[0]+4*a+2, 4*(x[0]+x[1]), 2+8*x[1]*x[1]+4*b)
	},
}
