package statistics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/steepest/steepest/host/internal/quantile"
)

// TestSignedRank compares with R's wilcox.test, coin's wilcoxsign_test and SciPy's wilcoxon: exact p with ties and zeros.
func TestSignedRank(t *testing.T) {
	want := r(t).SignedRank
	d := Differences(want.X, want.Y)
	for name, a := range alternatives {
		if w, ok := want.Tests[name]; ok {
			got := SignedRank(d, a)
			near(t, name+" V", got.Statistic, w.V, 0)
			near(t, name+" p", got.P, w.P, 1e-14)
		}
	}
	for _, c := range append(scipy(t).SignedRank, r(t).Pratt) {
		for name, p := range c.P {
			near(t, fmt.Sprint(name, c.D), SignedRank(c.D, alternatives[name]).P, p, 1e-14)
		}
	}
}

// TestFiveSeeds: 5 of 5 decide a directional claim, and no number of seeds that tie does.
func TestFiveSeeds(t *testing.T) {
	better := []float64{-1, -2, -3, -4, math.Inf(-1)}
	for name, test := range map[string]func([]float64, Alternative) Test{"rank": SignedRank, "sign": SignTest} {
		if got := test(better, Less); got.P != 1./32 || !got.Decides(0.05) || len(got.Warnings(0.05)) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if got := test(better, Greater); got.P != 1 {
			t.Errorf("%s: %+v", name, got)
		}
		two := test(better, TwoSided)
		if two.P != 1./16 || !slices.Equal(two.Warnings(0.05), []Warning{{TooFewToDecide, 5, 6, 0.05}}) {
			t.Errorf("%s: %+v %v", name, two, two.Warnings(0.05))
		}
		for _, d := range [][]float64{nil, {0, 0, 0}, {math.NaN()}} {
			if got := test(d, TwoSided); got.P != 1 || got.Smallest != 1 || got.Ties != len(d) {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

// TestSignedRankIsExact: over all signs of the differences, ties, zeros and infinities or not, p is at most the level
// exactly as often as the largest attainable p up to it says, hence never more often than the level.
func TestSignedRankIsExact(t *testing.T) {
	for _, magnitudes := range [][]float64{
		{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {1, 1, 1, 2, 2, 3}, {2, 2, 2, 2, 2, 2, 2},
		{0, 0, 1, 2, 2, 3, 4, inf}, {1, 2, 3, inf, inf, inf, 0.5},
	} {
		for _, a := range []Alternative{TwoSided, Less, Greater} {
			for _, level := range []float64{0.01, 0.05, 0.1} {
				decided, attained, all := 0, 0.0, 1<<len(magnitudes)
				d := make([]float64, len(magnitudes))
				for signs := range all {
					for i, m := range magnitudes {
						if d[i] = m; signs>>i&1 > 0 {
							d[i] = -m
						}
					}
					if p := SignedRank(d, a).P; p <= level {
						decided++
						attained = math.Max(attained, p)
					}
				}
				if size := float64(decided) / float64(all); size != attained || size > level {
					t.Errorf("%v, alternative %v: size %v at %v, largest attainable level %v", magnitudes, a, size, level, attained)
				}
			}
		}
	}
}

// TestSignedRankOfMany: where p becomes approximate it hardly changes. What a normal distribution leaves out is φ(z) (z³-3z)/24
// times the kurtosis of T, -3.6/n: most of it about z = 0.74, nothing at z = 0, where T is if signs take turns.
func TestSignedRankOfMany(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 0))
	d := make([]float64, manyRanks)
	for i := range d {
		d[i] = math.Abs(random.NormFloat64()) * float64(1-i%2*2)
	}
	for _, a := range []Alternative{TwoSided, Less, Greater} {
		exact := SignedRank(d, a)
		var ranks []int
		for i, m := range Midranks(magnitudes(d)) {
			if d[i] != 0 {
				ranks = append(ranks, int(2*m))
			}
		}
		near(t, "p", a.p(normalRanks(ranks, int(2*exact.Statistic))), exact.P, 4e-4)
		if exact.Approximate || !SignedRank(append(d, d...), a).Approximate {
			t.Errorf("%v is exact for a few, approximate for many", a)
		}
	}
}

func TestDifferences(t *testing.T) {
	nan := math.NaN()
	got := Differences([]float64{1, inf, 1, inf, nan, nan, 2}, []float64{2, 1, inf, inf, inf, 1, 2})
	if want := []float64{-1, inf, -inf, 0, 0, inf, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

// TestHodgesLehmann compares with R's wilcox.test(conf.int = TRUE).
func TestHodgesLehmann(t *testing.T) {
	want := r(t).SignedRank
	d := Differences(want.X, want.Y)
	for _, w := range want.Intervals {
		got := HodgesLehmann(d, w.Level)
		near(t, "estimate", got.Value, w.Estimate, 1e-12)
		near(t, "low", got.Interval.Low, w.Low, 1e-12)
		near(t, "high", got.Interval.High, w.High, 1e-12)
	}
	few := HodgesLehmann([]float64{1, 2, 3, 4, 5}, 0.95)
	if few.Value != 3 || few.Interval.Low != 1 || few.Interval.High != 5 || few.Interval.Coverage != 0.9375 ||
		!slices.Equal(few.Warnings, []Warning{{TooFewForInterval, 5, 6, 0.95}}) {
		t.Errorf("%+v", few)
	}
	if e := HodgesLehmann([]float64{inf, -inf, 1, -3}, 0.9); e.Value != -0.5 || e.Interval.Largest() != inf {
		t.Errorf("%+v", e) // averages: -∞ 4 times... 0, -1, 1, -3 in the middle, +∞
	}
}

// TestHodgesLehmannIsTheTest: shifted by what is outside its interval, differences are rejected; by what is inside, they
// are not.
func TestHodgesLehmannIsTheTest(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 0))
	for n := 6; n <= 30; n += 4 {
		d := make([]float64, n)
		for i := range d {
			d[i] = random.NormFloat64()
		}
		i := HodgesLehmann(d, 0.95).Interval
		shifted := func(by float64) float64 {
			s := make([]float64, n)
			for k := range d {
				s[k] = d[k] - by
			}
			return SignedRank(s, TwoSided).P
		}
		const ε = 1e-9
		below, low, high, above := shifted(i.Low-ε), shifted(i.Low+ε), shifted(i.High-ε), shifted(i.High+ε)
		if α := 1 - i.Level; below > α || low <= α || high <= α || above > α {
			t.Errorf("n = %d: %+v against p %v, %v, %v, %v", n, i, below, low, high, above)
		}
		near(t, "coverage", i.Coverage, 1-shifted(i.Low-ε), 1e-12)
	}
}

// TestHodgesLehmannCovers what it states, within 4 standard errors.
func TestHodgesLehmannCovers(t *testing.T) {
	const runs = 4000
	for _, n := range []int{5, 10, 20} {
		random := rand.New(rand.NewPCG(5, uint64(n)))
		d := make([]float64, n)
		stated := 0.0
		got := coverage(runs, 0.3, func(int) Interval {
			for i := range d {
				d[i] = 0.3 + random.NormFloat64()*random.ExpFloat64()
			}
			i := HodgesLehmann(d, 0.95).Interval
			stated = i.Coverage
			return i
		})
		if se := math.Sqrt(stated * (1 - stated) / runs); math.Abs(got-stated) > 4*se {
			t.Errorf("n = %d: covers %v, not %v", n, got, stated)
		}
	}
}

// TestWalshAverages: what is found among the averages is what stands there when all are made and sorted, with ties, zeros, numbers that are rounded
// away, and infinities.
func TestWalshAverages(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 0))
	pool := []float64{math.Inf(-1), -1e300, -2, -1, -5e-324, 0, 0, 5e-324, 0.1, 1, 1, 1 + 1e-16, 3, 1e300, math.MaxFloat64, math.Inf(1), math.Inf(1)}
	for trial := range 300 {
		n := 1 + random.IntN(12)
		d := normals(random, n)
		if trial%2 == 0 {
			for i := range d {
				d[i] = pool[random.IntN(len(pool))]
			}
		}
		w := walsh(quantile.Sorted(d))
		var all []float64
		for i := range w {
			for j := i; j < n; j++ {
				x := w[i]/2 + w[j]/2
				if math.IsNaN(x) {
					x = 0
				}
				all = append(all, x)
			}
		}
		slices.Sort(all)
		for k, want := range all {
			if got := w.at(k); got != want || math.Signbit(got) && got == 0 {
				t.Fatalf("average %d of %v is %v, not %v", k, d, got, want)
			}
		}
		if e := HodgesLehmann(d, 0.9); e.Value != quantile.Of(all, 0.5) {
			t.Fatalf("%+v of %v, of which the median is %v", e, d, quantile.Of(all, 0.5))
		}
	}
}

func magnitudes(d []float64) []float64 {
	m := make([]float64, len(d))
	for i, v := range d {
		m[i] = math.Abs(v)
	}
	return m
}

// BenchmarkSignedRank is of as many pairs as are exact.
func BenchmarkSignedRank(b *testing.B) {
	random := rand.New(rand.NewPCG(7, 0))
	d := normals(random, manyRanks)
	for b.Loop() {
		SignedRank(d, TwoSided)
	}
}

// BenchmarkHodgesLehmann is of as many pairs as a comparison of ten thousand runs has.
func BenchmarkHodgesLehmann(b *testing.B) {
	d := normals(rand.New(rand.NewPCG(8, 0)), 2000)
	for b.Loop() {
		HodgesLehmann(d, 0.95)
	}
}
