package diagnose

import (
	"math"
	"testing"

	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestDefinite: a minimum is told from a saddle, and of random matrices the share is the probability that is known.
func TestDefinite(t *testing.T) {
	share := func(p problem.Problem, w []float64) (share, cost float64) {
		values := make([]record.Value, 1)
		cost = definite.Make(nil, NewRun(p, seed.New(1))).Measure(&record.Sample{Weights: w}, values, nil)
		share, _ = values[0].Get()
		return share, cost
	}
	f, _ := problem.Functions.Find("himmelblau")
	for _, c := range []struct {
		x    []float64
		want float64
	}{{[]float64{3, 2}, 1}, {[]float64{-0.270845, -0.923039}, 0}, {[]float64{0.0866775, 2.884255}, 0}} {
		if got, cost := share(f.Problem(c.x), c.x); got != c.want || cost != 4 {
			t.Errorf("at %v: %v, cost %v; want %v", c.x, got, cost, c.want)
		}
	}
	const samples = 40_000
	for n, want := range map[int]float64{1: 0.5, 2: (2 - math.Sqrt2) / 4, 3: (math.Pi - 2*math.Sqrt2) / (4 * math.Pi)} {
		x := make([]float64, n)
		if got, cost := share(problem.RandomMatrix(x, samples, 3), x); !(math.Abs(got-want) < 4*math.Sqrt(want*(1-want)/samples)) || cost != samples {
			t.Errorf("n = %d: %v, cost %v; want %v", n, got, cost, want)
		}
	}
	if message, _ := definite.Refuses(nil, f.Problem(make([]float64, 3000))); message == "" {
		t.Error("a matrix of 9 million elements is made")
	}
}
