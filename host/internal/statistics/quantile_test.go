package statistics

import (
	"math"
	"testing"
)

// TestQuantile: the median's interval is that of Median; others by scipy.stats.binom and by numpy.quantile.
func TestQuantile(t *testing.T) {
	inf := math.Inf(1)
	x := []float64{11, 3, 7, 1, 5, 9, 2, 8, 10, 4, 6} // 1 to 11
	for _, c := range []struct {
		n                          int
		p, level                   float64
		value, low, high, coverage float64
	}{
		// binom.cdf(k, n, p) and binom.sf(k, n, p) around 0.025
		{11, 0.5, 0.95, 6, 2, 10, 0.98828125},
		{11, 0.25, 0.95, 3.5, -inf, 7, 0.992438793182373},
		{11, 0.75, 0.95, 8.5, 5, inf, 0.992438793182373},
		{11, 0.75, 0.90, 8.5, 6, 11, 0.9234373569488525},
		{5, 0.5, 0.90, 5, 1, 11, 0.9375},
		{5, 0.5, 0.95, 5, -inf, inf, 1},
		{1, 0.5, 0.95, 11, -inf, inf, 1},
	} {
		e := Quantile(x[:c.n], c.p, c.level)
		if i := e.Interval; math.Abs(e.Value-c.value) > 1e-14 || i.Low != c.low || i.High != c.high || !(math.Abs(i.Coverage-c.coverage) < 1e-12) {
			t.Errorf("quantile %v of %d at %v: %+v", c.p, c.n, c.level, e)
		}
	}
	for n := 6; n <= 40; n++ {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i * 7 % n)
		}
		a, b := Quantile(values, 0.5, 0.95), Median(values, 0.95)
		if a.Value != b.Value || a.Interval.Low != b.Interval.Low || a.Interval.High != b.Interval.High ||
			math.Abs(a.Interval.Coverage-b.Interval.Coverage) > 1e-12 {
			t.Errorf("of %d: %+v, and as a median %+v", n, a, b)
		}
	}
	if e := Quantile([]float64{1, math.NaN(), inf}, 1, 0.5); !math.IsNaN(e.Value) {
		t.Errorf("%+v", e)
	}
	if e := Quantile(nil, 0.5, 0.95); !math.IsNaN(e.Value) || !math.IsNaN(e.Interval.Low) {
		t.Errorf("of nothing: %+v", e)
	}
}

// TestAtLeast: scipy.stats.binom.sf(m - 1, n, p).
func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		m, n    int
		p, want float64
	}{
		{5, 5, 0.5, 0.03125}, {4, 5, 0.25, 0.015625}, {7, 8, 0.5, 9. / 256}, {48, 80, 0.5, 0.04645594111027311}, {0, 5, 0.5, 1}, {6, 5, 0.5, 0},
		{1, 5, 0, 0}, {5, 5, 1, 1},
	} {
		if got := AtLeast(c.m, c.n, c.p); !(math.Abs(got-c.want) < 1e-11) {
			t.Errorf("at least %d of %d with %v: %v, not %v", c.m, c.n, c.p, got, c.want)
		}
	}
	if Fewest(0.5, 0.05) != 5 || Fewest(0.5, 0.025) != 6 || Fewest(0.75, 0.05) != 11 || Fewest(1, 0.05) != 0 || FewestOf(0.25, 0.05) != 11 {
		t.Error("the least numbers are others")
	}
}
