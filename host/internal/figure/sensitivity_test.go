package figure

import (
	"math"
	"slices"
	"testing"
)

// TestUpper: bands are seen to their upper ends, and one that is far above or infinite does not press the rest together.
func TestUpper(t *testing.T) {
	line := Response{Median: []float64{1, 2}, Low: []float64{1, 2}, High: []float64{2.5, 1000}}
	for _, c := range []struct {
		log  bool
		want []float64
	}{{false, []float64{2.5, 3}}, {true, []float64{2.5, 4}}} {
		f := Sensitivity{Y: Axis{Log: c.log}, Lines: []Response{line, {High: []float64{math.Inf(1)}}}}
		if got := f.upper([][]float64{line.Median, line.Low}); !slices.Equal(got, c.want) {
			t.Errorf("logarithmic %v: %v, want %v", c.log, got, c.want)
		}
	}
}
