package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// branin is
//
//	f(x, y) = (y − b x² + c x − 6)² + 10 (1 − t) cos x + 10,   b = 5.1 / 4π², c = 5 / π, t = 1 / 8π
//
// Where the bracket and sin x are both zero the gradient is zero: minima at odd multiples of π, saddles at even ones.
var branin = &Function{
	Name:    "branin",
	Formula: "f(x, y) = (y − 5.1/(4π²) x² + 5/π x − 6)² + 10 (1 − 1/(8π)) cos x + 10",
	Domain:  "x in [-5, 10], y in [0, 15]",
	Range:   [][2]float64{{-5, 10}, {0, 15}},
	Source: "Branin: Widely convergent method for finding multiple solutions of simultaneous nonlinear " +
		"equations, IBM Journal of Research and Development 16 (1972)",
	StartSource: "Schneider, Balles, Hennig: DeepOBS, ICLR 2019",
	Dimension:   2,
	Start:       fixed(2.5, 12.5),
	Critical: points(
		CriticalPoint{Minimum, []float64{-math.Pi, 12.275}}, CriticalPoint{Minimum, []float64{math.Pi, 2.275}},
		CriticalPoint{Minimum, []float64{3 * math.Pi, 2.475}},
		CriticalPoint{Saddle, []float64{0, 6}}, CriticalPoint{Saddle, []float64{2 * math.Pi, 1.1}}),
	Eval: func(x, g []float64) float64 {
		r := x[1] - braninB*x[0]*x[0] + braninC*x[0] - 6
		if g != nil {
			g[0] = 2*r*(braninC-2*braninB*x[0]) - braninA*math.Sin(x[0])
			g[1] = 2 * r
		}
		return r*r + braninA*math.Cos(x[0]) + 10
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		r := x[1] - braninB*x[0]*x[0] + braninC*x[0] - 6
		rx := braninC - 2*braninB*x[0]
		setSym2(dst, 2*rx*rx-4*braninB*r-braninA*math.Cos(x[0]), 2*rx, 2)
	},
}

const (
	braninA = 10 * (1 - 1/(8*math.Pi))
	braninB = 5.1 / (4 * math.Pi * math.Pi)
	braninC = 5 / math.Pi
)
