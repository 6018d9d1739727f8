package statistics

import (
	"math"
	"sort"

	"gonum.org/v1/gonum/mathext"

	"github.com/steepest/steepest/host/internal/quantile"
)

// Quantile is the quantile q of values (interpolated: Hyndman and Fan 1996, type 7), which has the probability p of a smaller value, with
// a distribution-free interval between order statistics x₍₁₎ ≤ ... ≤ x₍ₙ₎:
//
//	[x₍ᵢ₎, x₍ⱼ₎],  P(q < x₍ᵢ₎) = P(B ≤ i-1),  P(x₍ⱼ₎ < q) = P(B ≥ j),  B ~ Binomial(n, p)
//
// with the largest i and the least j of which either is at most (1 - level)/2, so that each end alone is a bound of (1 + level)/2. Of
// few values an end may have no such order statistic: then it is infinite. Ties only widen the coverage.
// Source: David and Nagaraja 2003, Order Statistics, section 7.1.
func Quantile(values []float64, p, level float64) Estimate {
	x, n := quantile.Sorted(values), len(values)
	if n == 0 {
		return none(level)
	}
	tail := (1 - level) / 2
	e := Estimate{N: n, Value: quantile.Of(x, p), Interval: Interval{Low: math.Inf(-1), High: math.Inf(1), Level: level, Coverage: 1}}
	if i := sort.Search(n, func(i int) bool { return AtLeast(n-i, n, 1-p) > tail }); i > 0 { // B ≤ i: at least n - i are not smaller
		e.Interval.Low = x[i-1]
		e.Interval.Coverage -= AtLeast(n-i+1, n, 1-p)
	}
	if j := sort.Search(n, func(j int) bool { return AtLeast(j+1, n, p) <= tail }); j < n {
		e.Interval.High = x[j]
		e.Interval.Coverage -= AtLeast(j+1, n, p)
	}
	if math.IsInf(e.Interval.Low, -1) || math.IsInf(e.Interval.High, 1) {
		if need := FewestOf(p, tail); n < need {
			e.Warnings = []Warning{{Concern: TooFewForInterval, Have: n, Need: need, Level: level}}
		}
	}
	return e
}

// AtLeast is P(B ≥ m), B ~ Binomial(n, p): how probable it is that at least m of n values are of a sort that each is with the
// probability p. It is the one-sided p of a test whether a quantile lies at or beyond a limit, m values being short of it.
func AtLeast(m, n int, p float64) float64 {
	switch {
	case m <= 0:
		return 1
	case m > n || p <= 0:
		return 0
	case p >= 1:
		return 1
	case p == 0.5:
		return heads(n, n-m)
	}
	return mathext.RegIncBeta(float64(m), float64(n-m+1), p)
}

// Fewest is the least n with pⁿ ≤ tail: below, not even all values of a sort that each is with the probability p are improbable enough.
// It is 0 if there is none.
func Fewest(p, tail float64) int {
	if !(p < 1 && tail > 0) {
		return 0
	}
	n := 1
	for ; math.Pow(p, float64(n)) > tail; n++ {
	}
	return n
}

// FewestOf is how many values an interval of the quantile p takes whose ends both miss with at most the probability tail.
func FewestOf(p, tail float64) int { return max(Fewest(p, tail), Fewest(1-p, tail)) }
