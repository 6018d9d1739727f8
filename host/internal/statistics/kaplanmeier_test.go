package statistics

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestKaplanMeier compares with R's survfit(conf.type = "log-log"): leukemia of Miller 1997 and of Freireich et al. 1963,
// among others.
func TestKaplanMeier(t *testing.T) {
	number := func(p *float64, missing float64) float64 {
		if p == nil {
			return missing
		}
		return *p
	}
	for name, w := range r(t).KaplanMeier {
		times := make([]Time, len(w.Time))
		for i := range times {
			times[i] = Time{w.Time[i], w.Status[i] == 1}
		}
		points := KaplanMeier(times, 0.95)
		if len(points) != len(w.At) {
			t.Fatalf("%s: %d points, not %d", name, len(points), len(w.At))
		}
		for i, p := range points {
			if p.At != w.At[i] || p.AtRisk != w.Risk[i] {
				t.Errorf("%s: %+v, not at %v of %d", name, p, w.At[i], w.Risk[i])
			}
			near(t, name+" survival", p.Survival, w.Survival[i], 1e-12)
			near(t, name+" low", p.Low, number(w.Low[i], math.NaN()), 1e-12)
			near(t, name+" high", p.High, number(w.High[i], math.NaN()), 1e-12)
		}
		m := KaplanMeierMedian(times, 0.95)
		near(t, name+" median", m.Value, number(w.Median, inf), 1e-12)
		near(t, name+" median, low", m.Interval.Low, number(w.MedianLow, 0), 1e-12)
		near(t, name+" median, high", m.Interval.High, number(w.MedianHigh, inf), 1e-12)
	}
}

// TestNotReachedByHalf: a number stands only for what more than half reached, and runs that diverged stay at risk for ever.
func TestNotReachedByHalf(t *testing.T) {
	at := func(x float64) Time { return Time{x, true} }
	until := func(x float64) Time { return Time{x, false} }
	for _, c := range []struct {
		name  string
		times []Time
		want  float64
	}{
		{"lucky", []Time{at(5), at(5), until(100), until(100), until(inf)}, inf},
		{"half", []Time{at(5), at(7), until(100), until(inf)}, inf},
		{"most", []Time{at(5), at(7), at(9), until(100), until(inf)}, 9},
		{"diverged", []Time{at(5), at(7), at(9), at(11), until(6), until(inf), until(inf)}, 11},
		{"censored with the last", []Time{at(5), at(7), at(9), until(9), until(100)}, 9},
		{"reached never", []Time{at(5), at(inf), at(inf)}, inf},
		{"all at once", []Time{at(5), at(5), at(5)}, 5},
	} {
		m, either := KaplanMeierMedian(c.times, 0.95), MedianTime(c.times, 0.95)
		if m.Value != c.want || either.Value != c.want || m.Interval.Low > m.Value || m.Interval.High < m.Value {
			t.Errorf("%s: %+v and %+v, not %v", c.name, m, either, c.want)
		}
		if exact := !either.Interval.Approximate; exact != (c.name != "diverged") {
			t.Errorf("%s: exact %v", c.name, exact)
		}
	}
	if e := MedianTime(nil, 0.95); !math.IsNaN(e.Value) || e.N != 0 {
		t.Errorf("%+v of none", e)
	}
}

// TestKaplanMeierCovers 93 to 97 % of medians of 40 exponential times of which a third is censored.
func TestKaplanMeierCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 0))
	times := make([]Time, 40)
	got := coverage(4000, math.Ln2, func(int) Interval {
		for i := range times {
			x, c := random.ExpFloat64(), 2*random.ExpFloat64()
			times[i] = Time{math.Min(x, c), x <= c}
		}
		return KaplanMeierMedian(times, 0.95).Interval
	})
	if got < 0.93 || got > 0.97 {
		t.Errorf("covers %v", got)
	}
}
