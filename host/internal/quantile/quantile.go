// Package quantile computes medians and other quantiles by linear interpolation of the empirical distribution (Hyndman and
// Fan 1996, type 7: what R and NumPy do unless told otherwise). gonum has neither that type nor values that are not finite.
package quantile

import (
	"cmp"
	"math"
	"slices"
)

// Median is the middle of values in any order; NaN of none.
func Median(values []float64) float64 { return Of(Sorted(values), 0.5) }

// Sorted is a copy of the values in their order. NaN stands after infinity, so that as a loss it is the worst of all.
func Sorted(values []float64) []float64 {
	return slices.SortedFunc(slices.Values(values), func(a, b float64) int { return cmp.Compare(-b, -a) })
}

// Of is the quantile p of [Sorted] values; NaN of none. An interpolation from or towards infinity is infinite, one towards
// NaN is NaN.
func Of(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	h := p * float64(len(sorted)-1)
	low, high := sorted[int(math.Floor(h))], sorted[int(math.Ceil(h))]
	switch {
	case low == high || math.IsInf(high, 1):
		return high
	case math.IsInf(low, -1) && !math.IsNaN(high):
		return low
	}
	return low + (h-math.Floor(h))*(high-low)
}
