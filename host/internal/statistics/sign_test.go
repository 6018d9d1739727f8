package statistics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSigns compares with R's binom.test: exact p and Clopper-Pearson intervals.
func TestSigns(t *testing.T) {
	for _, w := range r(t).Sign {
		d := append(slices.Repeat([]float64{-2}, w.Wins), slices.Repeat([]float64{inf}, w.N-w.Wins)...)
		d = append(d, 0, 0) // ties
		// In R the wins are the successes; here they are below zero.
		near(t, "two-sided p", SignTest(d, TwoSided).P, w.TwoSided, 1e-12)
		near(t, "p of few wins", SignTest(d, Greater).P, w.Less, 1e-12)
		near(t, "p of many wins", SignTest(d, Less).P, w.Greater, 1e-12)
		e := Wins(d, w.Level)
		near(t, "share", e.Value, float64(w.Wins)/float64(w.N), 0)
		near(t, "low", e.Interval.Low, w.Low, 1e-9)
		near(t, "high", e.Interval.High, w.High, 1e-9)
		if e.N != w.N || SignTest(d, TwoSided).Ties != 2 {
			t.Errorf("%d of %d pairs count", e.N, w.N)
		}
	}
	if e := Wins([]float64{0}, 0.95); !math.IsNaN(e.Value) || e.Interval.Low != 0 || e.Interval.High != 1 {
		t.Errorf("%+v of no pairs", e)
	}
}

// TestSignTestIsExact: its size is the largest attainable level, as computed from the binomial distribution by hand: of 10
// coins P(B ≤ 1) = 11/1024, P(B ≤ 2) = 56/1024.
func TestSignTestIsExact(t *testing.T) {
	for _, c := range []struct {
		a    Alternative
		size float64
	}{{Less, 11. / 1024}, {Greater, 11. / 1024}, {TwoSided, 22. / 1024}} {
		decided := 0
		d := make([]float64, 10)
		for signs := range 1 << len(d) {
			for i := range d {
				d[i] = float64(signs>>i&1)*2 - 1
			}
			if SignTest(d, c.a).Decides(0.05) {
				decided++
			}
		}
		near(t, "size", float64(decided)/1024, c.size, 0)
	}
}

// TestWinsCover at least what they say.
func TestWinsCover(t *testing.T) {
	for _, share := range []float64{0.5, 0.9} {
		random := rand.New(rand.NewPCG(6, 0))
		d := make([]float64, 12)
		if got := coverage(2000, share, func(int) Interval {
			for i := range d {
				if d[i] = 1; random.Float64() < share {
					d[i] = -1
				}
			}
			return Wins(d, 0.95).Interval
		}); got < 0.94 {
			t.Errorf("a share of %v is covered in %v", share, got)
		}
	}
}

// TestTimeDifferences: both unreached is a tie, and so is what is not known.
func TestTimeDifferences(t *testing.T) {
	at := func(x float64) Time { return Time{x, true} }
	until := func(x float64) Time { return Time{x, false} }
	pairs := []struct {
		a, b Time
		want float64
	}{
		{at(5), at(8), -3},
		{at(5), until(100), -inf},
		{until(100), at(100), inf}, // reached with the last step of the other
		{at(100), until(100), -inf},
		{until(100), until(100), 0},
		{until(100), until(inf), 0}, // one may still arrive, yet did not
		{at(inf), until(50), 0},     // what is reached never is not reached
		{until(inf), at(7), inf},
		{at(150), until(100), 0}, // unequal budgets: the other may have arrived at 120
		{until(100), at(150), 0},
	}
	for _, p := range pairs {
		if got := TimeDifferences([]Time{p.a}, []Time{p.b})[0]; got != p.want {
			t.Errorf("%v - %v is %v, not %v", p.a, p.b, got, p.want)
		}
	}
}

// TestHolm compares with R's p.adjust.
func TestHolm(t *testing.T) {
	w := r(t).Holm
	allNear(t, "adjusted p", Holm(w.P), w.Adjusted, 1e-14)
	allNear(t, "adjusted p", Holm([]float64{0.02, math.NaN(), 0.03}), []float64{0.04, math.NaN(), 0.04}, 1e-14)
	if got := Holm(nil); len(got) > 0 {
		t.Errorf("%v of none", got)
	}
}
