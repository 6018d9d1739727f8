//go:build goexperiment.simd && amd64 && !amd64.v3

package adamw

import (
	"simd/archsimd"
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

func TestKernel(t *testing.T) {
	if !archsimd.X86.AVX() {
		t.Skip("this processor has no AVX")
	}
	opttest.SameBits(t, step, stepAVX, hyper{1e-3, 0.9, 0.999, 1e-8, 0.01}, hyper{0.1, 0, 0, 0, 0})
}
