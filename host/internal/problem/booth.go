package problem

import "gonum.org/v1/gonum/mat"

// booth is
//
//	f(x, y) = (x + 2y − 7)² + (2x + y − 5)²
var booth = &Function{
	Name:    "booth",
	Formula: "f(x, y) = (x + 2y − 7)² + (2x + y − 5)²",
	Domain:  "[-10, 10]²",
	Range:   [][2]float64{{-10, 10}},
	Source: "Jamil, Yang: A literature survey of benchmark functions for global optimisation problems, " +
		"International Journal of Mathematical Modelling and Numerical Optimisation 4 (2013)",
	StartSource: "ours",
	Dimension:   2,
	Start:       fixed(-8, -8),
	Critical:    points(CriticalPoint{Minimum, []float64{1, 3}}),
	Eval: func(x, g []float64) float64 {
		a, b := x[0]+2*x[1]-7, 2*x[0]+x[1]-5
		if g != nil {
			g[0] = 2*a + 4*b
			g[1] = 4*a + 2*b
		}
		return a*a + b*b
	},
	Hessian: func(_ []float64, dst *mat.SymDense) { setSym2(dst, 10, 8, 10) },
}
