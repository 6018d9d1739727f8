package diagnose

import (
	"math"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestFirstLastGradient: the first and the last biases alone count, a first layer to which nothing comes through with 0, and of a last one without a gradient
// there is no quotient.
func TestFirstLastGradient(t *testing.T) {
	layer := func(name string, offset int64, role v1.Role) *v1.Tensor {
		return &v1.Tensor{Name: name, Offset: offset, Length: 2, Role: role}
	}
	weight, bias := v1.Role_ROLE_WEIGHT, v1.Role_ROLE_BIAS
	layout := []*v1.Tensor{layer("1.weight", 0, weight), layer("1.bias", 2, bias), layer("2.weight", 4, weight), layer("2.bias", 6, bias),
		layer("3.weight", 8, weight), layer("3.bias", 10, bias)}
	for name, c := range map[string]struct {
		first, middle, last []float64
		want                float64 // NaN is unmeasured
	}{
		"vanishing":            {[]float64{3e-9, 4e-9}, []float64{7, 7}, []float64{0, -5}, 1e-9},
		"exploding":            {[]float64{3e9, -4e9}, []float64{7, 7}, []float64{5, 0}, 1e9},
		"nothing in the first": {[]float64{0, 0}, []float64{7, 7}, []float64{5, 0}, 0},
		"nothing in the last":  {[]float64{1, 0}, []float64{7, 7}, []float64{0, 0}, math.NaN()},
	} {
		g := make([]float64, 12)
		for i := range g {
			g[i] = 100 // weights have no part in it
		}
		copy(g[2:], c.first)
		copy(g[6:], c.middle)
		copy(g[10:], c.last)
		values, elements := make([]record.Value, 2), make([]record.Value, 18)
		tensorNorms{layout}.Measure(&record.Sample{Weights: make([]float64, 12), Gradient: g}, values, elements)
		switch x, is := values[1].Get(); {
		case math.IsNaN(c.want) && is:
			t.Errorf("%s: it is %v", name, x)
		case !math.IsNaN(c.want) && (!is || math.Abs(x-c.want) > 1e-12*c.want):
			t.Errorf("%s: it is %v, %t, want %v", name, x, is, c.want)
		}
	}
}
