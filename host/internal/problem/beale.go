package problem

import "gonum.org/v1/gonum/mat"

// beale is
//
//	f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²
//
// with rᵢ = cᵢ − x (1 − yⁱ) for the terms. The plane is flat towards the corners and steep beyond |y| > 1.
var beale = &Function{
	Name:    "beale",
	Formula: "f(x, y) = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
	Domain:  "[-4.5, 4.5]²",
	Range:   [][2]float64{{-4.5, 4.5}},
	Source: "Beale: On an iterative method for finding a local minimum of a function of more than one variable, technical " +
		"report 25, Statistical Techniques Research Group, Princeton University, 1958",
	StartSource: "Moré, Garbow, Hillstrom: Testing unconstrained optimization software, ACM TOMS 7 (1981), problem 5",
	Dimension:   2,
	Start:       fixed(1, 1),
	Critical:    points(CriticalPoint{Minimum, []float64{3, 0.5}}, CriticalPoint{Saddle, []float64{0, 1}}),
	Eval: func(x, g []float64) float64 {
		x0, y := x[0], x[1]
		r1, r2, r3 := 1.5-x0*(1-y), 2.25-x0*(1-y*y), 2.625-x0*(1-y*y*y)
		if g != nil {
			g[0] = -2 * (r1*(1-y) + r2*(1-y*y) + r3*(1-y*y*y))
			g[1] = 2 * x0 * (r1 + 2*r2*y + 3*r3*y*y)
		}
		return r1*r1 + r2*r2 + r3*r3
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		x0, y := x[0], x[1]
		t1, t2, t3 := 1-y, 1-y*y, 1-y*y*y
		r1, r2, r3 := 1.5-x0*t1, 2.25-x0*t2, 2.625-x0*t3
		s2, s3 := 2*y, 3*y*y // derivatives of y² and y³
		setSym2(dst, 2*(t1*t1+t2*t2+t3*t3),
			2*(r1+r2*s2+r3*s3)-2*x0*(t1+t2*s2+t3*s3),
			2*x0*x0*(1+s2*s2+s3*s3)+2*x0*(2*r2+6*y*r3))
	},
}
