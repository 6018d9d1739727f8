package problem

// Rosenbrock is the curved valley
//
//	f(x, y) = (1 − x)² + 100 (y − x²)²
//
// with its only critical point, the minimum 0, at (1, 1). Rosenbrock: An automatic method for finding the greatest or
// least value of a function, The Computer Journal 3 (1960), equation 13, from (−1.2, 1).
func Rosenbrock(start []float64) Problem {
	return &function{start: start, eval: func(x, g []float64) float64 {
		t := x[1] - x[0]*x[0]
		if g != nil {
			g[0] = -2*(1-x[0]) - 400*x[0]*t
			g[1] = 200 * t
		}
		return (1-x[0])*(1-x[0]) + 100*t*t
	}}
}

// RosenbrockStart is the published starting point.
var RosenbrockStart = []float64{-1.2, 1}
