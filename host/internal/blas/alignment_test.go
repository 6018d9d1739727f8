package blas

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// TestAlignmentChangesNoBit: what runs are computed with gives the same bits wherever in memory its operands begin, in shared
// memory or on Go's heap. (gonum's floats.Sum does not: nothing that is recorded may use it.)
func TestAlignmentChangesNoBit(t *testing.T) {
	at := func(k int, x []float64) []float64 { return append(make([]float64, k, k+len(x)), x...)[k:] }
	each(t, func(t *testing.T) {
		if strings.HasSuffix(Name(), "Prescott") {
			t.Skip("OpenBLAS's oldest kernels depend on it")
		}
		const m, n, k = 33, 65, 300
		r := rand.New(rand.NewPCG(1, 2))
		x, y, z := random(r, m*k), random(r, k*n), random(r, k)
		var want []float64
		for i := range 8 {
			for j := range 8 {
				a, b := at(i, x), at(j, y)
				got := []float64{floats.Dot(a, b[:len(a)]), floats.Norm(a, 2)}
				for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
					c := at((i+j)%8, z)
					blas64.Implementation().Dgemv(tA, m, k, 1, a, k, b, 1, 1, c, 1)
					got = append(got, c...)
					for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
						lda, ldb, c := k, n, at((i+j)%8, make([]float64, m*n))
						if tA != blas.NoTrans {
							lda = m
						}
						if tB != blas.NoTrans {
							ldb = k
						}
						blas64.Implementation().Dgemm(tA, tB, m, n, k, 1, a, lda, b, ldb, 0, c, n)
						got = append(got, c...)
					}
				}
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("operands that begin %d and %d numbers later have other bits", i, j)
				}
			}
		}
	})
}
