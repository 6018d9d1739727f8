//go:build goexperiment.simd && amd64 && !amd64.v3

package adagrad

import (
	"simd/archsimd"
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

func TestKernel(t *testing.T) {
	if !archsimd.X86.AVX() {
		t.Skip("this processor has no AVX")
	}
	opttest.SameBits(t, step, stepAVX, hyper{0.1, 0, 1e-10}, hyper{0.1, 0.01, 0})
}
