package quantile

import (
	"math"
	"slices"
	"testing"
)

// TestOf compares with numpy.quantile.
func TestOf(t *testing.T) {
	values := []float64{3.5, -1, 8, 0.25, 2}
	for p, want := range map[float64]float64{0: -1, 0.1: -0.5, 0.25: 0.25, 0.5: 2, 0.75: 3.5, 0.99: 7.82, 1: 8} {
		if got := Of(Sorted(values), p); math.Abs(got-want) > 1e-14 {
			t.Errorf("quantile %v is %v, not %v", p, got, want)
		}
	}
	if !slices.Equal(values, []float64{3.5, -1, 8, 0.25, 2}) {
		t.Errorf("the values became %v", values)
	}
}

// TestMedian has what compare's spread does not reach: no values, and infinities of both signs.
func TestMedian(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, nan}, {[]float64{4, 1}, 2.5}, {[]float64{nan, -inf}, nan}, {[]float64{-inf, 1}, -inf}, {[]float64{inf, -inf}, inf},
	} {
		if got := Median(c.values); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("median of %v is %v, not %v", c.values, got, c.want)
		}
	}
}
