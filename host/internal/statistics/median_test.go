package statistics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMedianOfFive has the example: no interval of 95 % exists below 6.
func TestMedianOfFive(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	e := Median(values, 0.95)
	if e.Value != 3 || e.Interval.Low != 1 || e.Interval.High != 5 || e.Interval.Coverage != 0.9375 {
		t.Errorf("%+v", e)
	}
	if want := []Warning{{TooFewForInterval, 5, 6, 0.95}}; !slices.Equal(e.Warnings, want) {
		t.Errorf("warnings %v, not %v", e.Warnings, want)
	}
	if got, want := e.Warnings[0].String(), "an interval of 95 % needs 6 values, there are 5"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	if !slices.Equal(values, []float64{5, 1, 4, 2, 3}) {
		t.Errorf("the values became %v", values)
	}
	if e = Median([]float64{5, 1, 4, 2, 3, 6}, 0.95); e.Interval.Coverage != 0.96875 || len(e.Warnings) > 0 || e.Interval.High != 6 {
		t.Errorf("%+v", e)
	}
}

func TestMedianOfLegalRarities(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values           []float64
		value, low, high float64
	}{
		{nil, nan, nan, nan},
		{[]float64{7}, 7, 7, 7},
		{[]float64{inf, 1, inf, 2, 3}, 3, 1, inf},          // two of five diverged
		{[]float64{inf, 1, inf, inf, 3}, inf, 1, inf},      // most did
		{[]float64{inf, 1, inf, 2}, inf, 1, inf},           // half did
		{[]float64{2, 2, 2, 2, 2, 2, 2}, 2, 2, 2},          // nothing is random
		{[]float64{nan, 1, 2, 3, 4, 5, 6, 7}, 4.5, 1, inf}, // NaN is as bad as infinity
	} {
		e := Median(c.values, 0.95)
		near(t, "median", e.Value, c.value, 0)
		near(t, "low", e.Interval.Low, c.low, 0)
		near(t, "high", loss(e.Interval.High), loss(c.high), 0)
	}
}

// TestOrderCoverage compares with SciPy's binomial distribution, and with its sum as the definition has it.
func TestOrderCoverage(t *testing.T) {
	for _, c := range scipy(t).Order {
		near(t, "coverage", orderCoverage(c.N, c.K), c.Coverage, 1e-12)
	}
	for n := 1; n <= 40; n++ {
		k, got := orderStatistics(n, 0.95)
		below, next := 0.0, 0.0 // P(B ≤ k-1) and P(B ≤ k), by logarithms of the gamma function
		for i := range k + 1 {
			a, _ := math.Lgamma(float64(n + 1))
			b, _ := math.Lgamma(float64(i + 1))
			c, _ := math.Lgamma(float64(n - i + 1))
			if next += math.Exp(a - b - c - float64(n)*math.Ln2); i < k {
				below = next
			}
		}
		near(t, "coverage", got, math.Max(0, 1-2*below), 1e-12)
		if got < 0.95 && k > 1 || 1-2*next >= 0.95 && k < (n+1)/2 {
			t.Errorf("k of %d is %d, coverage %v, the next %v", n, k, got, 1-2*next)
		}
	}
}

// TestMedianCovers: simulated intervals cover as much as is stated, whatever the distribution; tolerance: 4 standard errors.
func TestMedianCovers(t *testing.T) {
	runs := 20000
	if testing.Short() {
		runs = 2000
	}
	for name, c := range map[string]struct {
		median float64
		draw   func(*rand.Rand) float64
	}{
		"normal":      {0, (*rand.Rand).NormFloat64},
		"exponential": {math.Ln2, (*rand.Rand).ExpFloat64},
		"diverging": {-math.Log(1 - 0.5/0.7), func(r *rand.Rand) float64 { // three of ten
			if r.Float64() < 0.3 {
				return inf
			}
			return r.ExpFloat64()
		}},
	} {
		for _, n := range []int{5, 6, 10, 31} {
			random := rand.New(rand.NewPCG(1, uint64(n)))
			values := make([]float64, n)
			stated := 0.0
			got := coverage(runs, c.median, func(int) Interval {
				for i := range values {
					values[i] = c.draw(random)
				}
				i := Median(values, 0.95).Interval
				stated = i.Coverage
				return i
			})
			if se := math.Sqrt(stated * (1 - stated) / float64(runs)); math.Abs(got-stated) > 4*se {
				t.Errorf("%s, n = %d: covers %v, not %v", name, n, got, stated)
			}
		}
	}
}

func TestSummarize(t *testing.T) {
	s := Summarize([]float64{3.5, -1, 8, 0.25, 2, inf, math.NaN()}, 0.95)
	if s.Best != -1 || s.Median.Value != 3.5 || s.First != 1.125 || !math.IsInf(s.Third, 1) || s.Infinite != 2 || s.Median.N != 7 {
		t.Errorf("%+v", s)
	}
}

// BenchmarkSummarize is 10,000 runs x 5 measures, five seeds each.
func BenchmarkSummarize(b *testing.B) {
	values := []float64{5, 1, 4, 2, inf}
	for b.Loop() {
		for range 10_000 {
			Summarize(values, 0.95)
		}
	}
}
