package muon

import (
	"math"
	"slices"
	"testing"

	"github.com/steepest/steepest/sdk"
)

// TestKernel: the kernel of a convolution is stepped as the matrix with a row for each of its outputs.
func TestKernel(t *testing.T) {
	h := hyper{LR: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.1, Scaling: "original", Coefficients: "jordan", Iterations: 5, Eps: 1e-7}
	updates := func(shape ...int) (updates []float64) {
		s := state{B: make(sdk.Vec, 48)}
		x := sdk.Tensor{Shape: shape, Grad: make([]float64, 48), Weights: make([]float64, 48), Update: make([]float64, 48)}
		for x.K = 1; x.K <= 3; x.K++ {
			for i := range x.Grad {
				x.Grad[i], x.Weights[i] = math.Sin(float64(x.K*i+i*i)), math.Cos(float64(i))
			}
			step(h, &s, x)
			updates = append(updates, x.Update...)
		}
		return updates
	}
	if kernel, matrix := updates(4, 3, 2, 2), updates(4, 12); !slices.Equal(kernel, matrix) {
		t.Errorf("updates of a kernel are %v, of the matrix %v", kernel, matrix)
	}
	if slices.Equal(updates(4, 12), updates(12, 4)) {
		t.Error("the shape makes no difference")
	}
}
