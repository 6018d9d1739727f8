package statistics

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestExpectedBest compares with the mean over all choices of k trials, which Python's itertools made.
func TestExpectedBest(t *testing.T) {
	w := scipy(t).Best
	allNear(t, "expected best", ExpectedBest(w.Values), w.Expected, 1e-14)
	allNear(t, "median best", MedianBest(w.Values), []float64{2.25, 1.5, 1.5, 1.5, 1.5, 1.5}, 0)

	diverging := []float64{inf, 3, inf, 1, math.NaN()} // of 3 trials all may have diverged, of 4 not
	allNear(t, "expected best", ExpectedBest(diverging), []float64{inf, inf, inf, 1.4, 1}, 1e-14)
	allNear(t, "median best", MedianBest(diverging), []float64{inf, 3, 1, 1, 1}, 0)
	for _, f := range []func([]float64) []float64{ExpectedBest, MedianBest} {
		if got := f(nil); len(got) > 0 {
			t.Errorf("%v of none", got)
		}
	}
}

// TestExpectedBestIsUnbiased: the mean of estimates from 8 uniform trials is 1/(k+1), within 4 standard errors. The
// estimate with replacement would be off by 0.02 at k = 4.
func TestExpectedBestIsUnbiased(t *testing.T) {
	const runs, n = 20000, 8
	random := rand.New(rand.NewPCG(11, 0))
	var sum, squares [n]float64
	values := make([]float64, n)
	for range runs {
		for i := range values {
			values[i] = random.Float64()
		}
		for k, v := range ExpectedBest(values) {
			sum[k] += v / runs
			squares[k] += v * v / runs
		}
	}
	for k := range n {
		se := math.Sqrt((squares[k] - sum[k]*sum[k]) / runs)
		if want := 1 / float64(k+2); math.Abs(sum[k]-want) > 4*se {
			t.Errorf("after %d trials %v, not %v", k+1, sum[k], want)
		}
	}
}

// TestTuningBudgetBand is how the curve gets its intervals.
func TestTuningBudgetBand(t *testing.T) {
	values := normals(rand.New(rand.NewPCG(12, 0)), 30)
	curve := ExpectedBest(values)
	for i, e := range BootstrapCurve(30, func(trials []int) []float64 { return ExpectedBest(Pick(values, trials)) }, 0.95, 1) {
		if e.Value != curve[i] || e.Interval.Low > e.Value || e.Interval.High < e.Value || e.N != 30 {
			t.Errorf("after %d trials %+v", i+1, e)
		}
	}
}
