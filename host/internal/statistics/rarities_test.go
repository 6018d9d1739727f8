package statistics

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRarities: whatever values are, nothing panics, p is a probability, an interval holds its estimate, and Holm keeps the order.
func TestRarities(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	random := rand.New(rand.NewPCG(14, 0))
	rare := []float64{math.NaN(), inf, -inf, 0, math.Copysign(0, -1), 1, 1, -1, 2, 1e300, 1e-300}
	draw := func(n int) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = rare[random.IntN(len(rare))]
		}
		return v
	}
	for range 1000 {
		n := random.IntN(9)
		a, b := draw(n), draw(n)
		times, others := make([]Time, n), make([]Time, n)
		for i := range times {
			times[i], others[i] = Time{math.Abs(a[i]), random.IntN(2) == 0}, Time{math.Abs(b[i]), random.IntN(2) == 0}
		}
		for _, d := range [][]float64{a, Differences(a, b), TimeDifferences(times, others)} {
			var p []float64
			for _, alternative := range []Alternative{TwoSided, Less, Greater} {
				for _, test := range []Test{SignedRank(d, alternative), SignTest(d, alternative)} {
					if !(test.P >= 0 && test.P <= 1) || test.P < test.Smallest*(1-1e-12) || test.Ties > test.N {
						t.Fatalf("%+v of %v", test, d)
					}
					p = append(p, test.P)
				}
			}
			for i, q := range Holm(p) {
				if q < p[i] || q > 1 {
					t.Fatalf("%v adjusted of %v", q, p)
				}
			}
			for name, e := range map[string]Estimate{"effect": HodgesLehmann(d, 0.9), "wins": Wins(d, 0.9), "median": Median(d, 0.9),
				"reached": MedianTime(times, 0.9), "survival": KaplanMeierMedian(times, 0.9)} {
				i := e.Interval
				if low, value, high := loss(i.Low), loss(e.Value), loss(i.High); e.N > 0 && !(low <= value && value <= high) {
					t.Fatalf("%s %+v of %v, %v", name, e, d, times)
				}
				if !(i.Coverage >= 0 && i.Coverage <= 1) || e.N > 0 && i.Coverage < i.Level && len(e.Warnings) == 0 {
					t.Fatalf("%s %+v of %v, %v", name, e, d, times)
				}
			}
		}
		finite := magnitudes(a) // or +∞
		for name, curve := range map[string][]float64{"expected": ExpectedBest(finite), "median": MedianBest(a), "share": ECDF(a).Y} {
			for i, v := range curve {
				if rising := name == "share"; math.IsNaN(v) || i > 0 && v != curve[i-1] && (v > curve[i-1]) != rising &&
					math.Abs(v-curve[i-1]) > 1e-12*math.Abs(v) {
					t.Fatalf("%s %v of %v", name, curve, a)
				}
			}
		}
		for _, s := range AlgoPerfScores([][]float64{finite, magnitudes(b)}) {
			if n > 0 && !(s >= 0 && s <= 1+1e-15) {
				t.Fatalf("score %v of %v, %v", s, a, b)
			}
		}
		CompareRanks([][]float64{a, b}, 0.05)
		Sense(a, b, rare[n])
		FirstHits(a, b, a)
		Spearman(a, b)
		Monotone(a)
	}
}
