//go:build goexperiment.simd && amd64 && !amd64.v3

package lion

import (
	"simd/archsimd"

	"github.com/steepest/steepest/sdk"
)

// kernel is stepAVX2 where the processor has it. Under GOAMD64=v3 the compiler fuses multiplications with additions in
// step, and the two would differ in the last bit; then step alone is built.
func kernel() sdk.Option {
	return sdk.KernelIf(archsimd.X86.AVX2(), "avx2", stepAVX2)
}

// stepAVX2 is step for four elements at a time.
func stepAVX2(h hyper, s *state, x sdk.Tensor) {
	n := len(x.Grad) &^ 3
	g, w, u, m := x.Grad[:n], x.Weights[:n], x.Update[:n], s.M[:n]
	lr, decay := archsimd.BroadcastFloat64x4(-h.LR), archsimd.BroadcastFloat64x4(h.WeightDecay)
	beta1, rest1 := archsimd.BroadcastFloat64x4(h.Beta1), archsimd.BroadcastFloat64x4(1-h.Beta1)
	beta2, rest2 := archsimd.BroadcastFloat64x4(h.Beta2), archsimd.BroadcastFloat64x4(1-h.Beta2)
	zero, one, minus := archsimd.BroadcastFloat64x4(0), archsimd.BroadcastFloat64x4(1), archsimd.BroadcastFloat64x4(-1)
	for i := 0; i < n; i += 4 {
		gi, mi := archsimd.LoadFloat64x4Slice(g[i:]), archsimd.LoadFloat64x4Slice(m[i:])
		c := beta1.Mul(mi).Add(rest1.Mul(gi))
		sign := one.Merge(minus.Merge(c, c.Less(zero)), c.Greater(zero)) // 0 and NaN stay
		beta2.Mul(mi).Add(rest2.Mul(gi)).StoreSlice(m[i:])
		lr.Mul(sign.Add(decay.Mul(archsimd.LoadFloat64x4Slice(w[i:])))).StoreSlice(u[i:])
	}
	archsimd.ClearAVXUpperBits() // or the processor stumbles over the plain code that follows
	step(h, &state{s.M[n:]}, x.From(n))
}
