package statistics

import "math"

// Alternative is what a test of paired differences holds against the hypothesis that they lie symmetrically about zero.
type Alternative int

const (
	TwoSided Alternative = iota // they lie elsewhere
	Less                        // they lie below zero: the first of each pair is less
	Greater                     // they lie above zero
)

// Test is the outcome of a test of paired differences, see [Differences]. NaN among them is a tie.
type Test struct {
	Alternative Alternative
	N           int     // pairs
	Ties        int     // of them, with a difference of zero
	Statistic   float64 // see the test
	P           float64 // the probability of what was seen or more, given the hypothesis
	Smallest    float64 // the least P that so many pairs without ties can have
	Approximate bool    // P is of a normal distribution, since there are many pairs
}

// Decides is whether the hypothesis is rejected at a level of significance. A test rejects a true one with at most that
// probability.
func (t Test) Decides(level float64) bool { return t.P <= level }

// Warnings say whether there are too few pairs to decide anything at this level.
func (t Test) Warnings(level float64) []Warning {
	if t.Smallest <= level || level <= 0 {
		return nil
	}
	need := 1
	for ; smallest(need, t.Alternative) > level; need++ {
	}
	return []Warning{{Concern: TooFewToDecide, Have: t.N - t.Ties, Need: need, Level: level}}
}

// smallest is the p if all of n differences have the sign that the alternative expects: of 2ⁿ equally probable ones, one
// does.
func smallest(n int, alternative Alternative) float64 {
	p := math.Ldexp(1, -n)
	if alternative == TwoSided {
		p *= 2
	}
	return math.Min(1, p)
}

// p is that of an alternative, from the probabilities of so small a statistic or less, and of so large a one or more.
func (a Alternative) p(low, high float64) float64 {
	switch a {
	case Less:
		return low
	case Greater:
		return high
	}
	return math.Min(1, 2*math.Min(low, high))
}
