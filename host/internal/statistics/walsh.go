package statistics

import "math"

// walsh are sorted differences d₁ ≤ ... ≤ dₙ, whose averages (dᵢ + dⱼ)/2, i ≤ j, are a matrix that rises in its rows and columns, rounded as they
// are and infinite as they may be. So how many are at most x is counted along one staircase, without a look at the others (as in Johnson
// and Mizoguchi 1978, SIAM J. Comput. 7:147; Monahan 1984, ACM Trans. Math. Softw. 10:265, does it for this very median).
type walsh []float64

// average is that of two of them. Two that are infinite in opposite directions have the average of two large ones, zero.
func (w walsh) average(i, j int) float64 {
	d, e := w[i], w[j]
	if math.IsInf(d, 0) && d == -e {
		return 0
	}
	return d/2 + e/2
}

// count is how many averages are at most x.
func (w walsh) count(x float64) (n int) {
	j := len(w) - 1
	for i := range w {
		for j >= i && w.average(i, j) > x {
			j--
		}
		if j < i {
			return n
		}
		n += j - i + 1
	}
	return n
}

// at is the average that k others precede in their order: the least number that more than k are at most. It is found by halving the range of all
// float64 in their order, so that it is exact.
func (w walsh) at(k int) float64 {
	low, high := ordinal(math.Inf(-1)), ordinal(math.Inf(1))
	for low < high {
		middle := low + (high-low)/2
		if w.count(ordered(middle)) > k {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return ordered(low) + 0 // of the two zeros the one without a sign
}

const signBit = 1 << 63

// ordinal is the place of a number among all float64 in their order.
func ordinal(x float64) uint64 {
	b := math.Float64bits(x)
	if b&signBit != 0 {
		return ^b
	}
	return b | signBit
}

// ordered is the number at a place.
func ordered(place uint64) float64 {
	if place&signBit != 0 {
		return math.Float64frombits(place &^ signBit)
	}
	return math.Float64frombits(^place)
}
