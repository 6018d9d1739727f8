//go:build goexperiment.simd && amd64 && !amd64.v3

package rmsprop

import (
	"simd/archsimd"
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

func TestKernel(t *testing.T) {
	if !archsimd.X86.AVX() {
		t.Skip("this processor has no AVX")
	}
	opttest.SameBits(t, step, stepAVX, hyper{0.01, 0.99, 1e-8, 0, false}, hyper{0.01, 0.9, 1e-8, 0.9, false},
		hyper{0.01, 0.99, 1e-8, 0, true}, hyper{0.01, 0, 0, 0.9, true})
}
