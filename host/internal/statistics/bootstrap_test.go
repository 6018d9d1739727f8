package statistics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/quantile"
)

// TestBootstrapCovers: 93 to 97 % at n = 30, for medians, slopes over values that a seed has in common, and correlations.
// The simulation's own standard error is 1.3 %, or 2.2 % if short; the limits are widened by two of it.
func TestBootstrapCovers(t *testing.T) {
	const n = 30
	runs, slack := 300, 0.025
	if testing.Short() {
		runs, slack = 100, 0.044
	}
	swept := logs([]float64{0.01, 0.1, 1, 10})
	xs := slices.Repeat(swept, n)
	for name, c := range map[string]struct {
		truth float64
		draw  func(*rand.Rand) func(seeds []int) float64
	}{
		"mean": {0, func(r *rand.Rand) func([]int) float64 {
			v := normals(r, n)
			return func(seeds []int) float64 { return stat.Mean(Pick(v, seeds), nil) }
		}},
		"median": {0, func(r *rand.Rand) func([]int) float64 {
			v := normals(r, n)
			return func(seeds []int) float64 { return quantile.Median(Pick(v, seeds)) }
		}},
		"slope": {0.5, func(r *rand.Rand) func([]int) float64 {
			y := make([][]float64, n)
			for i := range y {
				level, slope := 0.3*r.NormFloat64(), 0.5+0.2*r.NormFloat64() // of this seed
				for _, x := range swept {
					y[i] = append(y[i], level+slope*x+0.3*r.NormFloat64())
				}
			}
			return func(seeds []int) float64 {
				ys := make([]float64, 0, len(xs))
				for _, k := range seeds {
					ys = append(ys, y[k]...)
				}
				return Slope(xs, ys)
			}
		}},
		"Pearson":  {0.5, correlated(n, Pearson)},
		"Spearman": {6 / math.Pi * math.Asin(0.25), correlated(n, Spearman)}, // of normal values with r = 1/2
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(9, 0))
			got := coverage(runs, c.truth, func(run int) Interval { return Bootstrap(n, c.draw(random), 0.95, uint64(run)).Interval })
			if got < 0.93-slack || got > 0.97+slack {
				t.Errorf("covers %v", got)
			}
		})
	}
}

func normals(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	return v
}

func correlated(n int, of func(x, y []float64) float64) func(*rand.Rand) func([]int) float64 {
	return func(r *rand.Rand) func([]int) float64 {
		x, y := normals(r, n), normals(r, n)
		for i := range y {
			y[i] = 0.5*x[i] + math.Sqrt(0.75)*y[i]
		}
		return func(seeds []int) float64 { return of(Pick(x, seeds), Pick(y, seeds)) }
	}
}

// TestBootstrapIsOfSeeds: the same seed gives the same bits, another one others; what it cannot know it says.
func TestBootstrapIsOfSeeds(t *testing.T) {
	v := normals(rand.New(rand.NewPCG(10, 0)), 25)
	mean := func(seeds []int) float64 { return stat.Mean(Pick(v, seeds), nil) }
	a, b, c := Bootstrap(25, mean, 0.95, 1), Bootstrap(25, mean, 0.95, 1), Bootstrap(25, mean, 0.95, 2)
	if a.Interval != b.Interval || a.Interval == c.Interval || a.Value != stat.Mean(v, nil) || len(a.Warnings) > 0 {
		t.Errorf("%+v, %+v, %+v", a, b, c)
	}
	few := Bootstrap(19, mean, 0.95, 1)
	if !slices.Equal(few.Warnings, []Warning{{TooFewForBootstrap, 19, 20, 0.95}}) {
		t.Errorf("%v", few.Warnings)
	}
	one := Bootstrap(1, mean, 0.95, 1)
	if one.Value != v[0] || !math.IsInf(one.Interval.Low, -1) || !math.IsInf(one.Interval.High, 1) {
		t.Errorf("%+v of one", one)
	}
	if none := Bootstrap(0, mean, 0.95, 1); !math.IsNaN(none.Value) {
		t.Errorf("%+v of none", none)
	}
}

// TestBootstrapOfTheUndefined: a correlation has no value where all draws are of one seed, and that widens its interval.
func TestBootstrapOfTheUndefined(t *testing.T) {
	x := []float64{1, 2}
	e := Bootstrap(2, func(seeds []int) float64 { return Pearson(Pick(x, seeds), Pick(x, seeds)) }, 0.95, 1)
	if math.Abs(e.Value-1) > 1e-15 || !math.IsInf(e.Interval.Low, -1) || !math.IsInf(e.Interval.High, 1) ||
		e.Warnings[1].Concern != Undefined || math.Abs(float64(e.Warnings[1].Have)/float64(e.Warnings[1].Need)-0.5) > 0.05 {
		t.Errorf("%+v", e)
	}
}

// TestTrends compares with R's lm and cor.
func TestTrends(t *testing.T) {
	w := r(t).Trend
	near(t, "slope", Slope(w.X, w.Y), w.Slope, 1e-12)
	near(t, "slope of logarithms", LogSlope(w.X, w.Y), w.LogSlope, 1e-12)
	near(t, "Pearson", Pearson(w.X, w.Y), w.Pearson, 1e-12)
	near(t, "Spearman", Spearman(w.X, w.Y), w.Spearman, 1e-12)
	near(t, "Spearman of what diverges", Spearman([]float64{1, 2, 3}, []float64{1, 5, inf}), 1, 1e-15)
	for _, f := range []func(x, y []float64) float64{Slope, LogSlope, Pearson} {
		for _, y := range [][]float64{nil, {1}, {1, inf}} {
			if got := f([]float64{1, 2}[:len(y)], y); !math.IsNaN(got) {
				t.Errorf("%v of %v", got, y)
			}
		}
	}
	for _, c := range []struct {
		y    []float64
		want float64
	}{
		{[]float64{1, 2, 4, 4.5}, 0.5}, {[]float64{1, 3, 2}, -1}, {[]float64{1, 2, inf}, 1}, {[]float64{1, inf, inf}, 0},
		{[]float64{1, inf, 3}, -inf}, {[]float64{1}, inf}, {nil, inf},
	} {
		if got := Monotone(c.y); got != c.want {
			t.Errorf("least rise of %v is %v, not %v", c.y, got, c.want)
		}
	}
}
