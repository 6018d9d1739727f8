//go:build goexperiment.simd && amd64 && !amd64.v3

package sgd

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
	g, u := x.Grad[:n], x.Update[:n]
	lr := archsimd.BroadcastFloat64x4(-h.LR)
	for i := 0; i < n; i += 4 {
		lr.Mul(archsimd.LoadFloat64x4Slice(g[i:])).StoreSlice(u[i:])
	}
	archsimd.ClearAVXUpperBits() // or the processor stumbles over the plain code that follows
	step(h, s, x.From(n))
}
