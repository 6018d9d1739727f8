package problem

import "gonum.org/v1/gonum/mat"

// ravine is
//
//	f(x, y) = (x + y)² / 4 + 250 (x − y)²
//
// a straight valley with curvature 1 along its floor, the diagonal x = y, and 1000 across. It is turned by 45 degrees so
// that a rule that scales each coordinate by itself has no advantage.
var ravine = &Function{
	Name:    "ravine",
	Formula: "f(x, y) = (x + y)² / 4 + 250 (x − y)²",
	Domain:  "[-2, 2]²",
	Range:   [][2]float64{{-2, 2}},
	Source: "Sutton: Two problems with backpropagation and other steepest-descent learning procedures for networks, " +
		"Proceedings of the Cognitive Science Society, 1986, on ravines",
	StartSource: "ours",
	Dimension:   2,
	Start:       fixed(1.5, 1),
	Critical:    points(CriticalPoint{Minimum, []float64{0, 0}}),
	Eval: func(x, g []float64) float64 {
		u, v := x[0]+x[1], x[0]-x[1]
		if g != nil {
			g[0] = u/2 + 500*v
			g[1] = u/2 - 500*v
		}
		return u*u/4 + 250*v*v
	},
	Hessian: func(_ []float64, dst *mat.SymDense) { setSym2(dst, 500.5, -499.5, 500.5) },
}
