package adahessian

import (
	"slices"
	"testing"
)

// TestSmooth: each kernel of a convolution has the mean of its absolute values, and matrices and biases stay as they are.
func TestSmooth(t *testing.T) {
	for _, c := range []struct {
		shape   []int
		d, want []float64
	}{
		{[]int{2, 1, 1, 2}, []float64{1, -3, -4, 4}, []float64{2, 2, 4, 4}},
		{[]int{2, 2}, []float64{1, -3, -4, 4}, []float64{1, -3, -4, 4}},
		{[]int{4}, []float64{1, -3, -4, 4}, []float64{1, -3, -4, 4}},
		{[]int{0, 1, 3}, nil, nil},
	} {
		if smooth(c.d, c.shape); !slices.Equal(c.d, c.want) {
			t.Errorf("%v: %v, want %v", c.shape, c.d, c.want)
		}
	}
}
