package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// threeHumpCamel is
//
//	f(x, y) = 2x² − 1.05x⁴ + x⁶/6 + xy + y²
//
// Its critical points have y = −x/2 and x = 0 or x² = 2.1 ± √0.91.
var threeHumpCamel = &Function{
	Name:    "three-hump-camel",
	Formula: "f(x, y) = 2x² − 1.05x⁴ + x⁶/6 + xy + y²",
	Domain:  "[-5, 5]²",
	Range:   [][2]float64{{-5, 5}},
	Source: "Branin, Hoo: A method for finding multiple extrema of a function of n variables, in Lootsma: " +
		"Numerical Methods for Non-linear Optimization, Academic Press, 1972",
	StartSource: "ours, nearest to a local minimum",
	Dimension:   2,
	Start:       fixed(-2, 2),
	Critical: func(int) []CriticalPoint {
		at := func(x float64) []float64 { return []float64{x, -x / 2} }
		hump, pass := math.Sqrt(2.1+math.Sqrt(0.91)), math.Sqrt(2.1-math.Sqrt(0.91))
		return []CriticalPoint{{Minimum, at(0)}, {LocalMinimum, at(hump)}, {LocalMinimum, at(-hump)},
			{Saddle, at(pass)}, {Saddle, at(-pass)}}
	},
	Eval: func(x, g []float64) float64 {
		s := x[0] * x[0]
		if g != nil {
			g[0] = x[0]*(4-4.2*s+s*s) + x[1]
			g[1] = x[0] + 2*x[1]
		}
		return s*(2-1.05*s+s*s/6) + x[0]*x[1] + x[1]*x[1]
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		s := x[0] * x[0]
		setSym2(dst, 4-12.6*s+5*s*s, 1, 2)
	},
}
