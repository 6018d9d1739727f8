package claim

import (
	"math"
	"testing"
)

// The interquartile ranges of 2 and of 1 at 1 and at 4: a slope of -1/3, and on logarithmic axes of -1/2.
func TestSpread(t *testing.T) {
	x := table{at: []float64{1, 4}, of: [][]float64{{5, 30}, {6, 30.5}, {7, 31}, {8, 31.5}, {9, 32}}}
	all := []int{0, 1, 2, 3, 4}
	s := x.spread(all)
	if s.of[0][0] != 2 || s.of[0][1] != 1 {
		t.Fatalf("interquartile ranges %v, want 2 and 1", s.of[0])
	}
	if got := s.slope([]int{0}); math.Abs(got+1.0/3) > 1e-15 {
		t.Errorf("slope %v, want -1/3", got)
	}
	if got := s.leastStep([]int{0}, true); got != 1 {
		t.Errorf("least step down %v, want 1", got)
	}
	if at, of := s.logarithms(); at+of != 0 || math.Abs(s.slope([]int{0})+0.5) > 1e-15 {
		t.Errorf("logarithmic slope %v, want -1/2", s.slope([]int{0}))
	}
	if x.at[1] != 4 {
		t.Error("the values of what was swept are not left alone")
	}
}
