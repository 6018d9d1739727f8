package problem

import "gonum.org/v1/gonum/mat"

// rosenbrock is the curved valley
//
//	f(x) = Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)²   over i = 1 ... n − 1
//
// For n = 2 and 3 the minimum is its only critical point; from n = 4 on there is a local minimum near (−1, 1, ..., 1).
var rosenbrock = &Function{
	Name:    "rosenbrock",
	Formula: "f(x) = Σ (1 − xᵢ)² + 100 (xᵢ₊₁ − xᵢ²)² over i = 1 ... n − 1",
	Domain:  "[-2.048, 2.048]ⁿ",
	Range:   [][2]float64{{-2.048, 2.048}},
	Source: "Rosenbrock: An automatic method for finding the greatest or least value of a function, The Computer Journal 3 " +
		"(1960), equation 13, for n = 2; the chain for any n and its other minimum: Shang, Qiu: A note on the extended " +
		"Rosenbrock function, Evolutionary Computation 14 (2006)",
	StartSource: "Rosenbrock 1960; for any n the two numbers in turn",
	Dimension:   2,
	Least:       2,
	Start: func(n int) []float64 {
		x := constant(1)(n)
		for i := 0; i < n; i += 2 {
			x[i] = -1.2
		}
		return x
	},
	Critical: func(n int) []CriticalPoint {
		list := []CriticalPoint{{Minimum, constant(1)(n)}}
		if n == 4 {
			list = append(list, CriticalPoint{LocalMinimum,
				[]float64{-0.7756592265653526, 0.6130933654850433, 0.38206284633839305, 0.1459720185521945}})
		}
		return list
	},
	Eval: func(x, g []float64) float64 {
		f := 0.0
		clear(g)
		for i := range len(x) - 1 {
			t := x[i+1] - x[i]*x[i]
			f += (1-x[i])*(1-x[i]) + 100*t*t
			if g != nil {
				g[i] += -2*(1-x[i]) - 400*x[i]*t
				g[i+1] = 200 * t
			}
		}
		return f
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		dst.Zero()
		for i := range len(x) - 1 {
			dst.SetSym(i, i, dst.At(i, i)+2-400*x[i+1]+1200*x[i]*x[i])
			dst.SetSym(i, i+1, -400*x[i])
			dst.SetSym(i+1, i+1, 200)
		}
	},
}
