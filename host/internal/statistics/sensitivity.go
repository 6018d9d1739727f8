package statistics

import (
	"cmp"
	"math"
	"slices"
)

// Sensitivity is how much depends on the choice of a swept hyperparameter.
type Sensitivity struct {
	Best      float64 // the value of the hyperparameter with the least median; the first of several
	Median    float64 // that median
	Threshold float64 // that a median may have at most to be about as good
	Low, High float64 // the first and last value as swept of the region around Best with such medians: it reaches at least so far
	Width     float64 // of the region, in decades; NaN if a value is not above zero

	AtLow, AtHigh bool // the region ends where the sweep does, so it may be wider
	Split         bool // beyond a value that is worse, there is another region that is about as good
}

// Sense is the sensitivity to a hyperparameter that took the values x, each with the median over seeds of what less is
// better of, and the value at the start:
//
//	threshold = best + (start - best)/10,  width = log₁₀(high/low)
//
// over the values next to the best whose medians are at most the threshold: they kept nine tenths of what was to gain.
// Where nothing is better than the start, or the start is infinite, only what is as good as the best is in the region. It
// panics if x and medians differ in length; of none, all is NaN. If all diverged there is no best: NaN, with an infinite
// median.
func Sense(x, medians []float64, start float64) Sensitivity {
	if len(x) != len(medians) {
		panic("statistics: a sweep without a median for each value")
	}
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	nan := math.NaN()
	s := Sensitivity{Best: nan, Median: math.Inf(1), Threshold: nan, Low: nan, High: nan, Width: nan}
	if len(x) == 0 {
		s.Median = nan
	}
	best := -1
	for i, o := range order {
		if m := loss(medians[o]); m < s.Median {
			best, s.Best, s.Median = i, x[o], m
		}
	}
	if best < 0 {
		return s
	}
	s.Threshold = s.Median
	if start > s.Median && !math.IsInf(start, 1) {
		s.Threshold += (start - s.Median) / 10
	}
	good := func(i int) bool { return loss(medians[order[i]]) <= s.Threshold }
	low, high := best, best
	for low > 0 && good(low-1) {
		low--
	}
	for high+1 < len(order) && good(high+1) {
		high++
	}
	for i := range order {
		s.Split = s.Split || (i < low || i > high) && good(i)
	}
	s.Low, s.High = x[order[low]], x[order[high]]
	s.AtLow, s.AtHigh = low == 0, high == len(order)-1
	if s.Low > 0 {
		s.Width = math.Log10(s.High) - math.Log10(s.Low)
	}
	return s
}
