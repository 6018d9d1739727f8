package blas

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// Numerics is the arithmetic that the bits of a result depend on, besides the programs. Two that are equal give the same
// bits; numbers of threads and cores have no part in it.
type Numerics struct {
	BLAS string `json:"blas"` // see [Name]
	Arch string `json:"arch"` // the processor's architecture, as Go names it
	FMA  bool   `json:"fma"`  // products and sums are fused, by Go's compiler or in its exponential function
	// Fingerprint sums up the bits of a few thousand results: of elementary functions, and of products in all forms. It
	// tells apart what has the same names: another build of the library, or blocks of another size for another cache.
	Fingerprint string `json:"fingerprint"`
}

func (n Numerics) String() string {
	fused := "no fused multiply-add"
	if n.FMA {
		fused = "fused multiply-add"
	}
	return fmt.Sprintf("%s, %s with %s, fingerprint %s", n.BLAS, n.Arch, fused, n.Fingerprint)
}

// NumericsMet is the arithmetic in use. It takes a few milliseconds.
func NumericsMet() Numerics {
	return Numerics{BLAS: Name(), Arch: runtime.GOARCH, FMA: fused(), Fingerprint: fingerprint()}
}

// fused tells whether a multiplication and an addition are rounded once: by the compiler, which may do so on most
// architectures, or by Go's exponential function, which asks the processor (GODEBUG=cpu.fma=off makes it do without).
func fused() bool {
	x := 1 + float64(len(name))*0x1p-40 // nothing that the compiler knows
	if x*x-float64(x*x) != 0 {
		return true
	}
	return runtime.GOARCH == "amd64" && math.Exp(-0.1875) == 0x1.a876812c0877bp-01 // ...c without
}

// fingerprint computes the same numbers each time.
func fingerprint() string {
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.NormFloat64()
		}
		return x
	}
	var bits []byte
	add := func(x ...float64) {
		for _, v := range x {
			bits = binary.LittleEndian.AppendUint64(bits, math.Float64bits(v))
		}
	}
	sum := 0.0
	for _, x := range draw(200) {
		sum += x * x
		add(math.Exp(x), math.Expm1(x), math.Log(math.Abs(x)), math.Log1p(math.Abs(x)), math.Pow(math.Abs(x), 1.7), math.Tanh(x),
			math.Sin(x), math.Cos(x), math.Erfc(x), sum)
	}
	const m, n, k = 37, 29, 900 // no multiples of any kernel's size, and k longer than its blocks
	a, b, c := draw(m*k), draw(n*k), draw(m*n)
	for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
		for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
			lda, ldb, product := k, n, slices.Clone(c)
			if tA != blas.NoTrans {
				lda = m
			}
			if tB != blas.NoTrans {
				ldb = k
			}
			blas64.Implementation().Dgemm(tA, tB, m, n, k, 1, a, lda, b, ldb, 0.5, product, n)
			add(product...)
		}
		y := slices.Clone(a)
		blas64.Implementation().Dgemv(tA, m, k, 1, a, k, b, 1, 0.5, y, 1)
		add(y[:k]...)
	}
	digest := sha256.Sum256(bits)
	return hex.EncodeToString(digest[:6])
}
