package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// rastrigin is the egg box
//
//	f(x) = 10 n + Σ xᵢ² − 10 cos 2πxᵢ
//
// with a local minimum near every point of whole numbers up to |xᵢ| = 31, and only the one at 0 is the lowest.
var rastrigin = &Function{
	Name:    "rastrigin",
	Formula: "f(x) = 10 n + Σ (xᵢ² − 10 cos 2πxᵢ)",
	Domain:  "[-5.12, 5.12]ⁿ",
	Range:   [][2]float64{{-5.12, 5.12}},
	Source: "Rastrigin: Systems of Extremal Control, Nauka, 1974, for n = 2; for any n: Mühlenbein, Schomisch, Born: The " +
		"parallel genetic algorithm as function optimizer, Parallel Computing 17 (1991)",
	StartSource: "ours",
	Dimension:   2,
	Least:       1,
	Start:       constant(3.3),
	Critical: func(n int) []CriticalPoint {
		const next, top = 0.9949586376523348, 0.5025460365546747 // of one variable, beside 0
		local := make([]float64, n)
		local[0] = next
		list := []CriticalPoint{{Minimum, make([]float64, n)}, {LocalMinimum, local}, {Maximum, constant(top)(n)}}
		if n > 1 {
			mixed := make([]float64, n)
			mixed[0] = top
			list = append(list, CriticalPoint{Saddle, mixed})
		}
		return list
	},
	Eval: func(x, g []float64) float64 {
		f := 10 * float64(len(x))
		for i, t := range x {
			s, c := math.Sincos(2 * math.Pi * t)
			f += t*t - 10*c
			if g != nil {
				g[i] = 2*t + 20*math.Pi*s
			}
		}
		return f
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		dst.Zero()
		for i, t := range x {
			dst.SetSym(i, i, 2+40*math.Pi*math.Pi*math.Cos(2*math.Pi*t))
		}
	},
}
