package problem

import "gonum.org/v1/gonum/mat"

// sphere is
//
//	f(x) = Σ xᵢ²
var sphere = &Function{
	Name:    "sphere",
	Formula: "f(x) = Σ xᵢ²",
	Domain:  "[-5.12, 5.12]ⁿ",
	Range:   [][2]float64{{-5.12, 5.12}},
	Source: "De Jong: An analysis of the behavior of a class of genetic adaptive systems, PhD thesis, University " +
		"of Michigan, 1975, function F1",
	StartSource: "ours",
	Dimension:   2,
	Least:       1,
	Start:       constant(1),
	Critical:    func(n int) []CriticalPoint { return []CriticalPoint{{Minimum, make([]float64, n)}} },
	Eval: func(x, g []float64) float64 {
		f := 0.0
		for i, xi := range x {
			f += xi * xi
			if g != nil {
				g[i] = 2 * xi
			}
		}
		return f
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		dst.Zero()
		for i := range x {
			dst.SetSym(i, i, 2)
		}
	},
}
