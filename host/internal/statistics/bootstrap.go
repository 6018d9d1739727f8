package statistics

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/steepest/steepest/host/internal/quantile"
)

const (
	resamples      = 2000
	bootstrapSeeds = 20 // from which on the coverage is about what it says
)

// Bootstrap is a statistic θ of n seeds with an interval of level. Whole seeds are drawn, with replacement, so that what
// they have in common (initial weights, batches, all values of what was swept) stays together: statistic gets n indices of
// seeds, some of them several times, in a slice that it must not keep, and first each once. The interval holds the
// quantiles of the resampled θ*:
//
//	[θ*(α), θ*(1-α)],  α = Φ(-√(n/(n-1)) t),  t = quantile (1+level)/2 of Student's t with n-1 degrees of freedom
//
// This expanded percentile interval makes good that resamples vary by √((n-1)/n) less than samples do, and that the
// variance is estimated. In simulations at n = 30 it covers 94 to 96 % instead of 95 % for means, medians, slopes and
// correlations, the plain percentile interval 92 to 95 %, and BCa, expanded alike, 94 to 96 % with n evaluations more
// (means of skewed values: 94, 92, 94 %). Below 20 seeds a warning says that it is too narrow; of one seed nothing is
// known. Where resamples leave the statistic undefined, it counts as infinitely small for Low and infinitely large for
// High, and a warning says how often. The same seed gives the same bits.
// Source: Efron and Tibshirani 1993, section 13.3; Hesterberg 2015, Am. Stat. 69:371, section 5.3.
func Bootstrap(n int, statistic func(seeds []int) float64, level float64, seed uint64) Estimate {
	if n == 0 {
		return none(level)
	}
	return BootstrapCurve(n, func(seeds []int) []float64 { return []float64{statistic(seeds)} }, level, seed)[0]
}

// BootstrapCurve is [Bootstrap] for each of several statistics of the same resamples, such as the points of a curve.
// Intervals hold for each point alone. It is empty for no seeds.
func BootstrapCurve(n int, statistic func(seeds []int) []float64, level float64, seed uint64) []Estimate {
	if n == 0 {
		return nil
	}
	seeds := sequence(n)
	θ := slices.Clone(statistic(seeds))
	draws := make([][]float64, len(θ))
	random := rand.New(rand.NewPCG(seed, 0))
	for range resamples {
		for i := range seeds {
			seeds[i] = random.IntN(n)
		}
		for i, v := range statistic(seeds) {
			draws[i] = append(draws[i], v)
		}
	}
	α := expandedTail(n, level)
	estimates := make([]Estimate, len(θ))
	for i, v := range θ {
		low, high, undefined := between(draws[i], α)
		if n == 1 {
			low, high = math.Inf(-1), math.Inf(1)
		}
		interval := Interval{Low: low, High: high, Level: level, Coverage: level, Approximate: true}
		e := Estimate{N: n, Value: v, Interval: interval}
		if n < bootstrapSeeds {
			e.Warnings = append(e.Warnings, Warning{TooFewForBootstrap, n, bootstrapSeeds, level})
		}
		if undefined > 0 {
			e.Warnings = append(e.Warnings, Warning{Undefined, undefined, resamples, level})
		}
		estimates[i] = e
	}
	return estimates
}

// expandedTail is α; 0 of one seed.
func expandedTail(n int, level float64) float64 {
	if n < 2 {
		return 0
	}
	m := float64(n)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: m - 1}.Quantile((1 + level) / 2)
	return distuv.UnitNormal.CDF(-math.Sqrt(m/(m-1)) * t)
}

// between are the quantiles α and 1-α of draws, of which some are NaN.
func between(draws []float64, α float64) (low, high float64, undefined int) {
	sorted := quantile.Sorted(draws) // NaN last
	for undefined < len(sorted) && math.IsNaN(sorted[len(sorted)-1-undefined]) {
		undefined++
	}
	for i := len(sorted) - undefined; i < len(sorted); i++ {
		sorted[i] = math.Inf(1)
	}
	high = quantile.Of(sorted, 1-α)
	if undefined > 0 {
		sorted = slices.Concat(slices.Repeat([]float64{math.Inf(-1)}, undefined), sorted[:len(sorted)-undefined])
	}
	return quantile.Of(sorted, α), high, undefined
}
