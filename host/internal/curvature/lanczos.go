package curvature

import (
	"errors"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// krylov is an orthonormal basis q of what products with a matrix make of a start, in which the matrix is tridiagonal: alpha on the diagonal
// and beta beside it. It is made by the algorithm of Lanczos with full reorthogonalisation (Golub and Van Loan, section 10.1 and 10.3).
type krylov struct {
	matrix      Matrix
	random      *rand.Rand
	q           [][]float64
	alpha, beta []float64 // beta[i] joins q[i] and q[i+1]
	scale       float64   // the largest element so far
}

// errNotFinite is the error of a matrix that has no eigenvalues.
var errNotFinite = errors.New("a product of the matrix is not finite: it has no eigenvalues")

func newKrylov(m Matrix, start []float64, random *rand.Rand) *krylov {
	k := &krylov{matrix: m, random: random}
	q := append([]float64(nil), start...)
	normalised(q)
	k.q = [][]float64{q}
	return k
}

// grow adds a column: an element of alpha, and the next vector of the basis with its beta unless the basis is complete. Where the products
// lead to nothing new beta is 0 and the next vector drawn at random, so that no eigenvalue is missed.
func (k *krylov) grow() error {
	last := k.q[len(k.alpha)]
	w := make([]float64, k.matrix.N)
	k.matrix.Multiply(last, w)
	alpha := floats.Dot(last, w)
	if math.IsNaN(alpha) || math.IsInf(alpha, 0) {
		return errNotFinite
	}
	k.alpha = append(k.alpha, alpha)
	k.scale = max(k.scale, math.Abs(alpha))
	if len(k.q) == k.matrix.N {
		return nil
	}
	orthogonalise(w, k.q)
	beta := normalised(w)
	if math.IsNaN(beta) || math.IsInf(beta, 0) {
		return errNotFinite
	}
	if beta <= 1e-14*k.scale {
		beta = 0
		for norm := 0.0; norm < 0.1; { // of a unit vector little may be left
			rademacher(k.random, w)
			normalised(w)
			orthogonalise(w, k.q)
			norm = normalised(w)
		}
	}
	k.scale = max(k.scale, beta)
	k.beta = append(k.beta, beta)
	k.q = append(k.q, w)
	return nil
}

// ritz are the eigenvalues of the tridiagonal matrix, in ascending order, and its eigenvectors in columns.
func (k *krylov) ritz() ([]float64, *mat.Dense, error) {
	n := len(k.alpha)
	t := mat.NewSymBandDense(n, min(1, n-1), nil)
	for i, a := range k.alpha {
		t.SetSymBand(i, i, a)
		if i+1 < n {
			t.SetSymBand(i, i+1, k.beta[i])
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(t, true) {
		return nil, nil, errors.New("the eigenvalues of the tridiagonal matrix were not found")
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	return eigen.Values(nil), &vectors, nil
}

// Eigenpair is an eigenvalue with its eigenvector v, of unit length.
type Eigenpair struct {
	Value    float64
	Vector   []float64
	Residual float64 // ‖A v − value v‖, which bounds the error of the value
}

// Extremes are pairs at both ends of the spectrum, and how many products they took.
type Extremes struct {
	Smallest, Largest []Eigenpair // in ascending order each
	Products          int
	Converged         bool // whether all residuals are within the tolerance
}

// Extreme finds the smallest and the largest eigenvalues, as many as are asked for, by the algorithm of Lanczos: until all residuals are at
// most tolerance times the largest absolute eigenvalue, or most products were made. Of an eigenvalue that occurs several times it may find fewer. The memory is that of
// one vector for each product.
func Extreme(m Matrix, smallest, largest int, tolerance float64, most int, random *rand.Rand) (e Extremes, err error) {
	start := make([]float64, m.N)
	for i := range start {
		start[i] = random.NormFloat64()
	}
	k := newKrylov(m, start, random)
	most = min(most, m.N)
	smallest, largest = min(smallest, most), min(largest, most)
	for next := max(smallest+largest+2, 10); ; {
		for len(k.alpha) < min(next, most) {
			if err := k.grow(); err != nil {
				return e, err
			}
		}
		values, s, err := k.ritz()
		if err != nil {
			return e, err
		}
		n := len(values)
		last := 0.0 // the residuals vanish when the basis is complete
		if n <= len(k.beta) {
			last = k.beta[n-1]
		}
		size := max(math.Abs(values[0]), math.Abs(values[n-1]))
		e.Converged = true
		at := func(i int) bool { return last*math.Abs(s.At(n-1, i)) <= tolerance*size }
		for i := range smallest {
			e.Converged = e.Converged && at(i)
		}
		for i := n - largest; i < n; i++ {
			e.Converged = e.Converged && at(i)
		}
		if e.Converged || n == most {
			e.Products = n
			for i := range smallest {
				e.Smallest = append(e.Smallest, k.pair(values[i], s, i, last))
			}
			for i := n - largest; i < n; i++ {
				e.Largest = append(e.Largest, k.pair(values[i], s, i, last))
			}
			return e, nil
		}
		next += max(5, next/4)
	}
}

// pair is an eigenvalue with its vector in the coordinates of the matrix.
func (k *krylov) pair(value float64, s *mat.Dense, column int, last float64) Eigenpair {
	v := make([]float64, k.matrix.N)
	n := len(k.alpha)
	for i, q := range k.q[:n] {
		floats.AddScaled(v, s.At(i, column), q)
	}
	normalised(v)
	return Eigenpair{Value: value, Vector: v, Residual: last * math.Abs(s.At(n-1, column))}
}
