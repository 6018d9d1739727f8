//go:build goexperiment.simd && amd64 && !amd64.v3

package lion

import (
	"simd/archsimd"
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

func TestKernel(t *testing.T) {
	if !archsimd.X86.AVX2() {
		t.Skip("this processor has no AVX2")
	}
	opttest.SameBits(t, step, stepAVX2, hyper{1e-4, 0.9, 0.99, 0.1}, hyper{0.1, 0, 0, 0})
}
