// Package matrix has what the update rules of matrices share. A matrix is a slice of its elements in row-major order, as a tensor's
// gradient is.
package matrix

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Of is the matrix with the given elements.
func Of(rows, columns int, elements []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: columns, Stride: max(1, columns), Data: elements[:rows*columns]}
}

// Identity makes m, a square one of n rows, scale times the identity.
func Identity(m []float64, n int, scale float64) {
	clear(m)
	for i := range n {
		m[i*n+i] = scale
	}
}

// Average makes a symmetric matrix, of n rows, keep times itself and take times a aᵀ, or aᵀ a if that is transposed. An empty a
// changes nothing.
func Average(m []float64, n int, keep float64, transposed bool, a blas64.General, take float64) {
	if len(a.Data) == 0 {
		return
	}
	product, done := Scratch(n * n)
	defer done()
	multiply(operand{a, transposed}, operand{a, !transposed}, Of(n, n, product), true)
	for i := range n {
		for j := i; j < n; j++ {
			p := take * product[i*n+j]
			if keep != 0 { // else whatever was there is forgotten
				p += keep * m[i*n+j]
			}
			m[i*n+j] = p
		}
	}
	mirror(m, n)
}

// Apply makes y the symmetric matrix m, of n rows, times x.
func Apply(m []float64, n int, x, y []float64) {
	blas64.Symv(1, symmetric(m, n), blas64.Vector{N: n, Inc: 1, Data: x}, 0, blas64.Vector{N: n, Inc: 1, Data: y})
}

// Norm is a vector's length, or a matrix's Frobenius norm. NaN shows in it.
func Norm(a []float64) float64 { return floats.Norm(a, 2) }

// Finite tells whether all elements are finite.
func Finite(a []float64) bool {
	sum := 0.0
	for _, x := range a {
		sum += 0 * x
	}
	return sum == 0
}

// Eigen makes m, a symmetric matrix of n rows, that of its eigenvectors, one in each column, and returns the eigenvalues, the largest
// first. Of what is not finite all is NaN.
func Eigen(m []float64, n int) (values []float64) {
	values = make([]float64, n)
	if n == 0 {
		return values
	}
	finite := Finite(m)
	if finite {
		work := make([]float64, 1)
		lapack64.Syev(lapack.EVCompute, symmetric(m, n), values, work, -1)
		work = make([]float64, int(work[0]))
		finite = lapack64.Syev(lapack.EVCompute, symmetric(m, n), values, work, len(work))
	}
	if !finite {
		fill(m, math.NaN())
		fill(values, math.NaN())
		return values
	}
	slices.Reverse(values)
	for i := range n {
		slices.Reverse(m[i*n : (i+1)*n])
	}
	return values
}

// InverseRoot makes root the p-th root of the inverse of m + ridge λ I, with m symmetric, positive semidefinite and of n rows, and λ
// its largest eigenvalue.
func InverseRoot(m []float64, n int, p, ridge float64, root []float64) {
	vectors, done := Scratch(2 * n * n)
	defer done()
	vectors, scaled := vectors[:n*n], vectors[n*n:]
	copy(vectors, m)
	values := Eigen(vectors, n)
	if n > 0 {
		for j, floor := 0, ridge*values[0]; j < n; j++ {
			values[j] = math.Pow(max(values[j], 0)+floor, -1/p)
		}
	}
	for i := range n {
		for j, value := range values {
			scaled[i*n+j] = vectors[i*n+j] * value
		}
	}
	Multiply(false, Of(n, n, scaled), true, Of(n, n, vectors), Of(n, n, root))
}

// Orthogonal makes m, of n rows and columns, the Q of its QR decomposition.
func Orthogonal(m []float64, n int) {
	switch {
	case n == 0:
		return
	case !Finite(m):
		fill(m, math.NaN())
		return
	}
	a, tau, size := Of(n, n, m), make([]float64, n), make([]float64, 1)
	lapack64.Geqrf(a, tau, size, -1)
	work := make([]float64, int(size[0]))
	lapack64.Geqrf(a, tau, work, len(work))
	lapack64.Orgqr(a, tau, size, -1)
	work = make([]float64, int(size[0]))
	lapack64.Orgqr(a, tau, work, len(work))
}

// DivideUpper makes b, from the right, b q⁻¹ with q upper triangular.
func DivideUpper(b blas64.General, q []float64) {
	if b.Rows > 0 && b.Cols > 0 {
		blas64.Trsm(blas.Right, blas.NoTrans, 1, blas64.Triangular{N: b.Cols, Stride: b.Cols, Data: q, Uplo: blas.Upper, Diag: blas.NonUnit}, b)
	}
}

// Transpose makes to the transpose of a, which has the given rows and columns.
func Transpose(a []float64, rows, columns int, to []float64) {
	const block = 16
	for i0 := 0; i0 < rows; i0 += block {
		for j0 := 0; j0 < columns; j0 += block {
			for i := i0; i < min(i0+block, rows); i++ {
				for j := j0; j < min(j0+block, columns); j++ {
					to[j*rows+i] = a[i*columns+j]
				}
			}
		}
	}
}

// Normal draws normal numbers by Box and Muller's transform, which is the same everywhere.
func Normal(random *rand.Rand, v []float64) {
	for i := range v {
		u, w := random.Float64(), random.Float64()
		v[i] = math.Sqrt(-2*math.Log(1-u)) * math.Cos(2*math.Pi*w)
	}
}

// Scratch lends n numbers of any value for the time of a step, until done is called. They are nobody's state.
func Scratch(n int) (numbers []float64, done func()) {
	lent, _ := pool.Get().(*[]float64)
	if lent == nil || cap(*lent) < n {
		fresh := make([]float64, n)
		lent = &fresh
	}
	return (*lent)[:n], func() { pool.Put(lent) }
}

var pool sync.Pool

func symmetric(m []float64, n int) blas64.Symmetric {
	return blas64.Symmetric{N: n, Stride: max(1, n), Data: m, Uplo: blas.Upper}
}

// mirror copies the upper triangle of a matrix onto the lower.
func mirror(m []float64, n int) {
	for i := range n {
		for j := range i {
			m[i*n+j] = m[j*n+i]
		}
	}
}

func fill(s []float64, x float64) {
	for i := range s {
		s[i] = x
	}
}
