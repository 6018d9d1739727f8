package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// plateau is the Gaussian well
//
//	f(x) = 1 − exp(−‖x‖² / 2)
//
// in a plane of height 1, where the gradient x exp(−‖x‖² / 2) vanishes faster than any power.
var plateau = &Function{
	Name:    "plateau",
	Formula: "f(x) = 1 − exp(−‖x‖² / 2)",
	Domain:  "[-4, 4]ⁿ",
	Range:   [][2]float64{{-4, 4}},
	Source: "Dennis, Welsch: Techniques for nonlinear least squares and robust regression, Communications in Statistics B 7 " +
		"(1978), their loss as a function of the residual",
	StartSource: "ours",
	Dimension:   2,
	Least:       1,
	Start: func(n int) []float64 { // at distance √13, wherever n is
		return constant(math.Sqrt(13 / float64(n)))(n)
	},
	Critical: func(n int) []CriticalPoint { return []CriticalPoint{{Minimum, make([]float64, n)}} },
	Eval: func(x, g []float64) float64 {
		s := 0.0
		for _, t := range x {
			s += t * t
		}
		e := math.Exp(-s / 2)
		if g != nil {
			for i, t := range x {
				g[i] = t * e
			}
		}
		return -math.Expm1(-s / 2)
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		s := 0.0
		for _, t := range x {
			s += t * t
		}
		e := math.Exp(-s / 2)
		for i := range x {
			for j := i; j < len(x); j++ {
				dst.SetSym(i, j, -x[i]*x[j]*e)
			}
			dst.SetSym(i, i, (1-x[i]*x[i])*e)
		}
	},
}
