//go:build goexperiment.simd && amd64

package matrix

import "simd/archsimd"

// kernel is tileAVX2 where the processor has it.
func kernel() (tile func(a, b, c []float64, stride int), name string) {
	if archsimd.X86.AVX2() {
		return tileAVX2, "avx2"
	}
	return tilePlain, ""
}

// tileAVX2 is tilePlain for four columns at a time, and all sums in registers.
func tileAVX2(a, b, c []float64, stride int) {
	r0, r1, r2 := c[:8], c[stride:stride+8], c[2*stride:2*stride+8]
	s00, s01 := archsimd.LoadFloat64x4Slice(r0), archsimd.LoadFloat64x4Slice(r0[4:])
	s10, s11 := archsimd.LoadFloat64x4Slice(r1), archsimd.LoadFloat64x4Slice(r1[4:])
	s20, s21 := archsimd.LoadFloat64x4Slice(r2), archsimd.LoadFloat64x4Slice(r2[4:])
	for i, j := 0, 0; i <= len(a)-tileRows && j <= len(b)-tileColumns; i, j = i+tileRows, j+tileColumns {
		x, y := (*[tileRows]float64)(a[i:]), (*[tileColumns]float64)(b[j:])
		y0, y1 := archsimd.LoadFloat64x4((*[4]float64)(y[:4])), archsimd.LoadFloat64x4((*[4]float64)(y[4:]))
		f := archsimd.BroadcastFloat64x4(x[0])
		s00, s01 = s00.Add(f.Mul(y0)), s01.Add(f.Mul(y1))
		f = archsimd.BroadcastFloat64x4(x[1])
		s10, s11 = s10.Add(f.Mul(y0)), s11.Add(f.Mul(y1))
		f = archsimd.BroadcastFloat64x4(x[2])
		s20, s21 = s20.Add(f.Mul(y0)), s21.Add(f.Mul(y1))
	}
	s00.StoreSlice(r0)
	s01.StoreSlice(r0[4:])
	s10.StoreSlice(r1)
	s11.StoreSlice(r1[4:])
	s20.StoreSlice(r2)
	s21.StoreSlice(r2[4:])
	archsimd.ClearAVXUpperBits() // or the processor stumbles over the plain code that follows
}
