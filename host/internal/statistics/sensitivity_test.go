package statistics

import (
	"math"
	"testing"
)

// TestSense: from 10 down to 1, all within 1 + 0.9 are about as good.
func TestSense(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name      string
		x, median []float64
		start     float64
		want      Sensitivity
	}{
		{"inside", []float64{1e-4, 1e-3, 1e-2, 1e-1, 1}, []float64{9, 1.9, 1, 1.5, inf}, 10,
			Sensitivity{Best: 1e-2, Median: 1, Threshold: 1.9, Low: 1e-3, High: 1e-1, Width: 2}},
		{"unordered, to the edge", []float64{1, 1e-2, 1e-1}, []float64{1, 5, 1.2}, 10,
			Sensitivity{Best: 1, Median: 1, Threshold: 1.9, Low: 0.1, High: 1, Width: 1, AtHigh: true}},
		{"two regions", []float64{1, 10, 100}, []float64{1, nan, 1}, 10,
			Sensitivity{Best: 1, Median: 1, Threshold: 1.9, Low: 1, High: 1, Width: 0, AtLow: true, Split: true}},
		{"a hyperparameter that may be zero", []float64{0, 0.9}, []float64{1, 1}, 2,
			Sensitivity{Best: 0, Median: 1, Threshold: 1.1, Low: 0, High: 0.9, Width: nan, AtLow: true, AtHigh: true}},
		{"worse than the start", []float64{1, 10}, []float64{5, 6}, 2,
			Sensitivity{Best: 1, Median: 5, Threshold: 5, Low: 1, High: 1, Width: 0, AtLow: true}},
		{"a start that is infinite", []float64{1, 10}, []float64{5, 6}, inf,
			Sensitivity{Best: 1, Median: 5, Threshold: 5, Low: 1, High: 1, Width: 0, AtLow: true}},
		{"all diverged", []float64{1, 10}, []float64{inf, nan}, 2,
			Sensitivity{Best: nan, Median: inf, Threshold: nan, Low: nan, High: nan, Width: nan}},
		{"nothing", nil, nil, 2, Sensitivity{Best: nan, Median: nan, Threshold: nan, Low: nan, High: nan, Width: nan}},
	} {
		got := Sense(c.x, c.median, c.start)
		allNear(t, c.name, []float64{got.Best, got.Median, got.Threshold, got.Low, got.High, got.Width},
			[]float64{c.want.Best, c.want.Median, c.want.Threshold, c.want.Low, c.want.High, c.want.Width}, 1e-12)
		if got.AtLow != c.want.AtLow || got.AtHigh != c.want.AtHigh || got.Split != c.want.Split {
			t.Errorf("%s: %+v, not %+v", c.name, got, c.want)
		}
	}
}
