//go:build goexperiment.simd && amd64 && !amd64.v3

package rmsprop

import (
	"simd/archsimd"

	"github.com/steepest/steepest/sdk"
)

// kernel is stepAVX where the processor has it. Under GOAMD64=v3 the compiler fuses multiplications with additions in
// step, and the two would differ in the last bit; then step alone is built.
func kernel() sdk.Option {
	return sdk.KernelIf(archsimd.X86.AVX(), "avx", stepAVX)
}

// stepAVX is step for four elements at a time.
func stepAVX(h hyper, s *state, x sdk.Tensor) {
	n := len(x.Grad) &^ 3
	g, u, r, m, b := x.Grad[:n], x.Update[:n], s.R[:n], s.M[:n], s.B[:n]
	lr, eps, zero := archsimd.BroadcastFloat64x4(-h.LR), archsimd.BroadcastFloat64x4(h.Eps), archsimd.BroadcastFloat64x4(0)
	rho, rest := archsimd.BroadcastFloat64x4(h.Alpha), archsimd.BroadcastFloat64x4(1-h.Alpha)
	momentum := h.Momentum > 0 // compared by a plain instruction, which must stay out of the loop
	beta := archsimd.BroadcastFloat64x4(h.Momentum)
	for i := 0; i < n; i += 4 {
		gi := archsimd.LoadFloat64x4Slice(g[i:])
		w := rho.Mul(archsimd.LoadFloat64x4Slice(r[i:])).Add(rest.Mul(gi).Mul(gi))
		w.StoreSlice(r[i:])
		if h.Centered {
			mi := rho.Mul(archsimd.LoadFloat64x4Slice(m[i:])).Add(rest.Mul(gi))
			mi.StoreSlice(m[i:])
			w = zero.Max(w.Sub(mi.Mul(mi))) // of two operands one of which is NaN, Max returns the second
		}
		d := gi.Div(eps.Add(w.Sqrt()))
		if momentum {
			d = beta.Mul(archsimd.LoadFloat64x4Slice(b[i:])).Add(d)
			d.StoreSlice(b[i:])
		}
		lr.Mul(d).StoreSlice(u[i:])
	}
	archsimd.ClearAVXUpperBits() // or the processor stumbles over the plain code that follows
	step(h, &state{s.R[n:], s.M[n:], s.B[n:]}, x.From(n))
}
