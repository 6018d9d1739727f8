package statistics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestProfiles follows the definition of Dolan and Moré by hand: solver 0 is best on problems 0 and 1, misses 2; 1 takes
// twice and three times as long, and solves 2; none solves 3; both take nothing on 4.
func TestProfiles(t *testing.T) {
	costs := [][]float64{{10, 20, inf, inf, 0}, {20, 60, 7, math.NaN(), 0}}
	p := Profiles(costs)
	for _, c := range []struct{ τ, first, second float64 }{
		{0.99, 0, 0}, {1, 0.6, 0.4}, {1.99, 0.6, 0.4}, {2, 0.6, 0.6}, {3, 0.6, 0.8}, {1e9, 0.6, 0.8},
	} {
		near(t, "first profile", p[0].At(c.τ), c.first, 1e-15)
		near(t, "second profile", p[1].At(c.τ), c.second, 1e-15)
	}
	allNear(t, "score", AlgoPerfScores(costs), []float64{0.6, (1 + 1 + 2./3 + 1./3) / 5}, 1e-15)
	if r := Ratios([][]float64{{0, 1}, {3, 1}}); r[0][0] != 1 || r[1][0] != inf {
		t.Errorf("ratios %v beside a cost of zero", r)
	}
}

// TestAlgoPerfScores compares with what AlgoPerf's scoring does: numpy.trapz over linspace(1, 4, 100), divided by 3. Its
// error is half a step for each jump at most.
func TestAlgoPerfScores(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 0))
	costs := make([][]float64, 4)
	for s := range costs {
		for range 8 {
			if c := math.Exp(random.NormFloat64()); random.Float64() < 0.1 {
				costs[s] = append(costs[s], inf)
			} else {
				costs[s] = append(costs[s], c)
			}
		}
	}
	profiles := Profiles(costs)
	for s, got := range AlgoPerfScores(costs) {
		const points = 100
		area := 0.0
		for i := range points - 1 {
			τ := func(i int) float64 { return 1 + 3*float64(i)/(points-1) }
			area += (profiles[s].At(τ(i)) + profiles[s].At(τ(i+1))) / 2 * (τ(i+1) - τ(i))
		}
		near(t, "score", got, area/3, 0.5/(points-1))
		if got <= 0 || got > 1 {
			t.Errorf("score %v", got)
		}
	}
}

// TestTargetsReached goes the way of COCO: a run's first hits of targets, and the share of pairs that a budget reaches.
func TestTargetsReached(t *testing.T) {
	hits := FirstHits([]float64{1, 2, 4, 8}, []float64{9, 5, math.NaN(), 0.5}, []float64{10, 5, 4.9, 0.1})
	if want := []float64{1, 2, 8, inf}; !slices.Equal(hits, want) {
		t.Errorf("hits at %v, not %v", hits, want)
	}
	e := ECDF(append(hits, 2))
	if want := (Staircase{[]float64{1, 2, 8}, []float64{0.2, 0.6, 0.8}}); !slices.Equal(e.X, want.X) || !slices.Equal(e.Y, want.Y) {
		t.Errorf("%v, not %v", e, want)
	}
	if e.At(0) != 0 || e.At(2) != 0.6 || e.At(7.9) != 0.6 || e.At(inf) != 0.8 || ECDF(nil).At(1) != 0 {
		t.Errorf("shares of %v", e)
	}
	targets := LogTargets(1e2, 1e-8, 51)
	if targets[0] != 1e2 || targets[50] != 1e-8 || len(LogTargets(1, 2, 1)) != 1 {
		t.Errorf("targets %v", targets)
	}
	near(t, "the sixth target of COCO", targets[5], 10, 1e-14)
}
