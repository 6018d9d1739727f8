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
// with gradient A (x − c) and Hessian A. A is n x n and symmetric up to rounding, see symmetric; centre c and start have n
// elements. A need not be positive: with a negative eigenvalue c is a saddle point.
func Quadratic(a *mat.Dense, center, start []float64) (Problem, error) {
	rows, columns := a.Dims()
	if rows != columns {
		return nil, fmt.Errorf("the matrix is %d x %d; it must be square", rows, columns)
	}
	if len(center) != rows || len(start) != rows {
		return nil, fmt.Errorf("the matrix is %d x %d, but the center has %d and the start %d numbers; they need %d each",
			rows, columns, len(center), len(start), rows)
	}
	s, err := symmetric(a)
	if err != nil {
		return nil, err
	}
	return newQuadratic(s, center, start), nil
}

// asymmetry is how far a_ij and a_ji may differ by rounding, relative to the largest element of the matrix. Products and
// inverses of 1000 rows computed in float32 stay below 4e-7, in float64 below 1e-9 even with the condition number 1e8; what
// is written with six digits differs by 1e-5.
const asymmetry = 1e-5

// symmetric is (A + Aᵀ) / 2, which gives the same quadratic as A, if A differs from Aᵀ by rounding alone.
func symmetric(a *mat.Dense) (*mat.SymDense, error) {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	largest, worst, row, column := 0.0, 0.0, 0, 0
	for i := range n {
		for j := i; j < n; j++ {
			x, y := a.At(i, j), a.At(j, i)
			s.SetSym(i, j, x+(y-x)/2)
			largest = max(largest, math.Abs(x), math.Abs(y))
			if d := math.Abs(x - y); d > worst {
				worst, row, column = d, i, j
			}
		}
	}
	if worst <= asymmetry*largest {
		return s, nil
	}
	return nil, &AsymmetryError{row, column, a.At(row, column), a.At(column, row), worst / largest}
}

// AsymmetryError says where a matrix is least symmetric.
type AsymmetryError struct {
	Row, Column  int     // from 0
	Value, Other float64 // the element and the one across the diagonal
	Relative     float64 // their difference, divided by the largest element
}

func (e *AsymmetryError) Error() string {
	return fmt.Sprintf("the matrix is not symmetric: row %d, column %d is %v, but row %d, column %d is %v; rounding explains "+
		"%.0e of the largest element, and this is %.2g of it", e.Row+1, e.Column+1, e.Value, e.Column+1, e.Row+1, e.Other,
		asymmetry, e.Relative)
}

// Remedy says what would be right.
func (e *AsymmetryError) Remedy() string {
	return "correct the element, or write (A + Aᵀ) / 2 into the file, which is the same function"
}

// ConditionedQuadratic is the quadratic f(x) = ½ xᵀ A x in n = len(start) variables with given condition number κ: A has
// the eigenvalues κ^(−i/(n−1)), i = 0 ... n − 1, evenly spaced in the exponent from 1 down to 1/κ, and eigenvectors drawn
// evenly from all rotations, the same for the same seed. Gradient descent is stable for learning rates below 2.
func ConditionedQuadratic(start []float64, condition float64, matrixSeed uint64) Problem {
	return newQuadratic(conditioned(len(start), condition, matrixSeed), make([]float64, len(start)), start)
}

// conditioned is A.
func conditioned(n int, condition float64, matrixSeed uint64) *mat.SymDense {
	r := seed.New(matrixSeed).Branch("quadratic").Rand()
	normal := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			normal.Set(i, j, r.NormFloat64())
		}
	}
	// Stewart, SIAM Journal on Numerical Analysis 17 (1980): Q of a normal matrix is evenly distributed if the signs of
	// R's diagonal are moved to it; here they cancel, because A has each column of Q twice.
	var qr mat.QR
	var q, scaled, product mat.Dense
	qr.Factorize(normal)
	qr.QTo(&q)
	eigenvalues := make([]float64, n)
	for i := range n {
		eigenvalues[i] = math.Pow(condition, -float64(i)/float64(max(n-1, 1)))
	}
	scaled.Apply(func(_, j int, v float64) float64 { return v * eigenvalues[j] }, &q)
	product.Mul(&scaled, q.T())
	a := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	return a
}

func newQuadratic(a *mat.SymDense, center, start []float64) Problem {
	return &quadratic{function{start: start}, a, center}
}

// quadratic gives each run buffers of its own.
type quadratic struct {
	function
	a      *mat.SymDense
	center []float64
}

func (q *quadratic) Objective(seed.Tree) Objective {
	b := newBowl(q.a)
	return &functionRun{function: &function{b.function(q.center), q.start}}
}

// bowl evaluates ½ (x − c)ᵀ A (x − c) of one A for one run.
type bowl struct {
	a     *mat.SymDense
	d, ad *mat.VecDense
}

func newBowl(a *mat.SymDense) *bowl {
	n := a.SymmetricDim()
	return &bowl{a, mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)}
}

func (b *bowl) eval(c, x, g []float64) float64 {
	for i, xi := range x {
		b.d.SetVec(i, xi-c[i])
	}
	b.ad.MulVec(b.a, b.d)
	copy(g, b.ad.RawVector().Data)
	return mat.Dot(b.d, b.ad) / 2
}

// function is the one of a centre.
func (b *bowl) function(c []float64) *Function {
	return &Function{
		Eval:    func(x, g []float64) float64 { return b.eval(c, x, g) },
		Hessian: func(_ []float64, dst *mat.SymDense) { dst.CopySym(b.a) },
	}
}
