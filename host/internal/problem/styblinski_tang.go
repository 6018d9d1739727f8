package problem

import "gonum.org/v1/gonum/mat"

// styblinskiTang is
//
//	f(x) = ½ Σ xᵢ⁴ − 16 xᵢ² + 5 xᵢ
//
// Its 3ⁿ critical points have each coordinate at one of the roots of 2t³ − 16t + 2.5: the lowest point, a maximum, a
// local minimum of the one variable.
var styblinskiTang = &Function{
	Name:    "styblinski-tang",
	Formula: "f(x) = ½ Σ (xᵢ⁴ − 16 xᵢ² + 5 xᵢ)",
	Domain:  "[-5, 5]ⁿ",
	Range:   [][2]float64{{-5, 5}},
	Source: "Styblinski, Tang: Experiments in nonconvex optimization: stochastic approximation with function smoothing and " +
		"simulated annealing, Neural Networks 3 (1990)",
	StartSource: "ours, near the maximum",
	Dimension:   2,
	Least:       1,
	Start:       constant(0),
	Critical: func(n int) []CriticalPoint {
		const low, top, other = -2.903534027771177, 0.1567312567803401, 2.746802770990837
		list := []CriticalPoint{{Minimum, constant(low)(n)}, {Maximum, constant(top)(n)}, {LocalMinimum, constant(other)(n)}}
		if n > 1 {
			mixed := constant(low)(n)
			mixed[0] = top
			list = append(list, CriticalPoint{Saddle, mixed})
		}
		return list
	},
	Eval: func(x, g []float64) float64 {
		f := 0.0
		for i, t := range x {
			f += (t*t*t*t - 16*t*t + 5*t) / 2
			if g != nil {
				g[i] = 2*t*t*t - 16*t + 2.5
			}
		}
		return f
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		dst.Zero()
		for i, t := range x {
			dst.SetSym(i, i, 6*t*t-16)
		}
	},
}
