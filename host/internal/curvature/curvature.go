// Package curvature finds what a symmetric matrix is like that is known by its products with vectors alone, such as the Hessian of a loss.
package curvature

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Matrix is a symmetric n x n matrix.
type Matrix struct {
	N        int
	Multiply func(v, into []float64) // writes the product with v; v is not changed
}

// MaxWhole is the size up to which all eigenvalues of a matrix are computed: the time grows as n³, some seconds here.
const MaxWhole = 2000

// Spectrum are all eigenvalues, in ascending order, with the eigenvectors in the columns of a matrix if they are asked for. The time is that
// of n products and about 10 n³ multiplications.
func Spectrum(h mat.Symmetric, vectors bool) (values []float64, columns *mat.Dense, err error) {
	n := h.SymmetricDim()
	if n > MaxWhole {
		return nil, nil, fmt.Errorf("all eigenvalues of %d parameters are too many; they are computed up to %d: ask for the largest and the smallest, "+
			"or for the spectral density", n, MaxWhole)
	}
	for i := range n {
		for j := i; j < n; j++ {
			if x := h.At(i, j); math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, nil, fmt.Errorf("an element of the matrix is %v: it has no eigenvalues", x)
			}
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(h, vectors) {
		return nil, nil, fmt.Errorf("the eigenvalues of the matrix of %d rows were not found", n)
	}
	if vectors {
		columns = new(mat.Dense)
		eigen.VectorsTo(columns)
	}
	return eigen.Values(nil), columns, nil
}

// Rounding is the absolute value up to which eigenvalues cannot be told from 0: as many times the unit in the last place of the largest as the matrix
// has rows (Golub and Van Loan, section 5.4.1). Eigenvalues that are 0 come out on both sides of it.
func Rounding(n int, smallest, largest float64) float64 {
	return float64(n) * 0x1p-52 * max(math.Abs(smallest), math.Abs(largest))
}

// rademacher draws a vector of ±1.
func rademacher(r *rand.Rand, v []float64) {
	for i := range v {
		v[i] = float64(int(r.Uint64()>>63)*2 - 1)
	}
}

// normalised scales a vector to length 1 and returns the length that it had.
func normalised(v []float64) float64 {
	norm := floats.Norm(v, 2)
	if norm > 0 {
		floats.Scale(1/norm, v)
	}
	return norm
}

// orthogonalise takes the parts along an orthonormal basis out of a vector; twice, for the first leaves rounding errors of the size of what
// it takes.
func orthogonalise(v []float64, basis [][]float64) {
	for range 2 {
		for _, q := range basis {
			floats.AddScaled(v, -floats.Dot(q, v), q)
		}
	}
}
