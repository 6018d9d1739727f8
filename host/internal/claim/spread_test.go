package claim

import (
	"math"
	"testing"

	"github.com/steepest/steepest/host/internal/measure"
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

// TestSpreadOfTheDiverged: a value at which most runs are infinitely bad is not left out of the trend.
func TestSpreadOfTheDiverged(t *testing.T) {
	levels := []Level{{At: 1}, {At: 2}, {At: 3}}
	for i := range 40 {
		x := math.Sin(float64(i * i))
		levels[0].Samples = append(levels[0].Samples, known(10*x)...)
		levels[1].Samples = append(levels[1].Samples, known(x)...)
		levels[2].Samples = append(levels[2].Samples, known(math.Inf(1))...)
		for _, l := range levels {
			l.Samples[i].Seed = uint64(i + 1)
		}
	}
	c := Claim{Measure: measure.Measure{Quantity: loss.Name}, Over: measure.IQR, Trend: Decreasing, Against: "width", Confidence: 0.95}
	if v := c.Judge(Case{Quantity: loss, Levels: levels[:2]}); v.Result != Pass {
		t.Errorf("of those that ended: %+v", v)
	}
	if v := c.Judge(Case{Quantity: loss, Levels: levels}); v.Result != Inconclusive {
		t.Errorf("with those that diverged: %+v", v)
	}
}
