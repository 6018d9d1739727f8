//go:build goexperiment.simd && amd64 && !amd64.v3

package momentum

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
	g, u, v := x.Grad[:n], x.Update[:n], s.V[:n]
	lr, rho := archsimd.BroadcastFloat64x4(-h.LR), archsimd.BroadcastFloat64x4(h.Momentum)
	for i := 0; i < n; i += 4 {
		gi := archsimd.LoadFloat64x4Slice(g[i:])
		vi := rho.Mul(archsimd.LoadFloat64x4Slice(v[i:])).Add(gi)
		vi.StoreSlice(v[i:])
		if h.Nesterov {
			vi = gi.Add(rho.Mul(vi))
		}
		lr.Mul(vi).StoreSlice(u[i:])
	}
	archsimd.ClearAVXUpperBits() // or the processor stumbles over the plain code that follows
	step(h, &state{s.V[n:]}, x.From(n))
}
