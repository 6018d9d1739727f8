package problem

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

// Quadratic is
//
//	f(x) = ½ (x − c)ᵀ A (x − c)
//
// with gradient A (x − c) and Hessian A. A is n x n and symmetric; centre c and start have n elements. A need not be
// positive: with a negative eigenvalue c is a saddle point.
func Quadratic(a *mat.Dense, center, start []float64) (Problem, error) {
	rows, columns := a.Dims()
	if rows != columns {
		return nil, fmt.Errorf("the matrix is %d x %d; it must be square", rows, columns)
	}
	if len(center) != rows || len(start) != rows {
		return nil, fmt.Errorf("the matrix is %d x %d, but the center has %d and the start %d numbers; they need %d each",
			rows, columns, len(center), len(start), rows)
	}
	s := mat.NewSymDense(rows, nil)
	for i := range rows {
		for j := i; j < rows; j++ {
			x, y := a.At(i, j), a.At(j, i)
			if math.Abs(x-y) > 1e-12*math.Max(math.Abs(x), math.Abs(y)) {
				return nil, fmt.Errorf("the matrix is not symmetric: row %d, column %d is %v, but row %d, column %d is %v; "+
					"use the mean of the two, which gives the same function", i+1, j+1, x, j+1, i+1, y)
			}
			s.SetSym(i, j, x)
		}
	}
	return &quadratic{function{start: start}, s, mat.NewVecDense(rows, center)}, nil
}

// quadratic gives each run a buffer of its own.
type quadratic struct {
	function
	a      *mat.SymDense
	center *mat.VecDense
}

func (q *quadratic) Objective(seed.Tree) Objective {
	n := len(q.start)
	d, ad := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	return &function{start: q.start, eval: func(x, g []float64) float64 {
		d.SubVec(mat.NewVecDense(n, x), q.center)
		ad.MulVec(q.a, d)
		copy(g, ad.RawVector().Data)
		return mat.Dot(d, ad) / 2
	}}
}
