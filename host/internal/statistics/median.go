package statistics

import (
	"math"
	"sort"

	"github.com/steepest/steepest/host/internal/quantile"
)

// Median is the median m of values with a distribution-free interval between order statistics x₍₁₎ ≤ ... ≤ x₍ₙ₎:
//
//	[x₍ₖ₎, x₍ₙ₊₁₋ₖ₎],  P(x₍ₖ₎ ≤ m ≤ x₍ₙ₊₁₋ₖ₎) = 1 - 2 P(B ≤ k-1),  B ~ Binomial(n, 1/2)
//
// with the largest k whose coverage is at least level. Below 6 values there is none of 95 %: then k = 1, from the least to
// the largest value, Coverage says how much that is (93.75 % of 5), and a warning how many it takes. Ties only widen the
// coverage.
// Source: David and Nagaraja 2003, Order Statistics, section 7.1.
//
// golang.org/x/perf/benchmath's AssumeNothing has such an interval, yet not this one: of 5 values it is from -∞ to +∞ and
// said to cover 100 %; above 30 values its coverage is that of a normal approximation; and the median of infinite values
// is NaN.
func Median(values []float64, level float64) Estimate {
	return median(quantile.Sorted(values), level)
}

func median(x []float64, level float64) Estimate {
	n := len(x)
	if n == 0 {
		return none(level)
	}
	k, coverage := orderStatistics(n, level)
	interval := Interval{Low: x[k-1], High: x[n-k], Level: level, Coverage: coverage}
	e := Estimate{N: n, Value: quantile.Of(x, 0.5), Interval: interval}
	if coverage < level {
		need := n + 1
		for ; orderCoverage(need, 1) < level; need++ {
		}
		e.Warnings = []Warning{{Concern: TooFewForInterval, Have: n, Need: need, Level: level}}
	}
	return e
}

// orderStatistics is k of n values, and the coverage.
func orderStatistics(n int, level float64) (k int, coverage float64) {
	k = 1 + sort.Search((n+1)/2-1, func(i int) bool { return orderCoverage(n, i+2) < level })
	return k, orderCoverage(n, k)
}

func orderCoverage(n, k int) float64 {
	return math.Max(0, 1-2*heads(n, k-1))
}

// Summary is what a table says of a sample. Quartiles are interpolated (Hyndman and Fan 1996, type 7).
type Summary struct {
	Median       Estimate
	First, Third float64 // quartiles
	Best         float64 // the least value
	Infinite     int     // of the values, NaN among them
}

// Summarize is the summary of values with an interval of level for the median; all is NaN of none.
func Summarize(values []float64, level float64) Summary {
	x := quantile.Sorted(values)
	s := Summary{Median: median(x, level), First: quantile.Of(x, 0.25), Third: quantile.Of(x, 0.75), Best: quantile.Of(x, 0)}
	for _, v := range x {
		if math.IsInf(v, 0) || math.IsNaN(v) {
			s.Infinite++
		}
	}
	return s
}
