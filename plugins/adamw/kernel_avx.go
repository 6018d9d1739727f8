//go:build goexperiment.simd && amd64 && !amd64.v3

package adamw

import (
	"math"
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
	g, w, u, s1, r2 := x.Grad[:n], x.Weights[:n], x.Update[:n], s.S[:n], s.R[:n]
	c1, c2 := 1-math.Pow(h.Beta1, float64(x.K)), 1-math.Pow(h.Beta2, float64(x.K))
	lr, eps := archsimd.BroadcastFloat64x4(-(h.LR * math.Sqrt(c2) / c1)), archsimd.BroadcastFloat64x4(h.Eps*math.Sqrt(c2))
	decay := archsimd.BroadcastFloat64x4(h.LR * h.WeightDecay)
	beta1, rest1 := archsimd.BroadcastFloat64x4(h.Beta1), archsimd.BroadcastFloat64x4(1-h.Beta1)
	beta2, rest2 := archsimd.BroadcastFloat64x4(h.Beta2), archsimd.BroadcastFloat64x4(1-h.Beta2)
	for i := 0; i < n; i += 4 {
		gi := archsimd.LoadFloat64x4Slice(g[i:])
		si := beta1.Mul(archsimd.LoadFloat64x4Slice(s1[i:])).Add(rest1.Mul(gi))
		ri := beta2.Mul(archsimd.LoadFloat64x4Slice(r2[i:])).Add(rest2.Mul(gi).Mul(gi))
		si.StoreSlice(s1[i:])
		ri.StoreSlice(r2[i:])
		lr.Mul(si).Div(eps.Add(ri.Sqrt())).Sub(decay.Mul(archsimd.LoadFloat64x4Slice(w[i:]))).StoreSlice(u[i:])
	}
	archsimd.ClearAVXUpperBits() // or the processor stumbles over the plain code that follows
	step(h, &state{s.S[n:], s.R[n:]}, x.From(n))
}
