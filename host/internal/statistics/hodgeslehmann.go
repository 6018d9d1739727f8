package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/steepest/steepest/host/internal/quantile"
)

// HodgesLehmann is the effect that belongs to [SignedRank]: the median of the m = n(n+1)/2 Walsh averages of paired
// differences,
//
//	w = (dᵢ + dⱼ)/2,  i ≤ j
//
// with the exact distribution-free interval
//
//	[w₍c₊₁₎, w₍ₘ₋c₎],  coverage 1 - 2 P(T ≤ c)
//
// of the largest c whose coverage is at least level, T being the signed-rank statistic of n differences without ties or
// zeros. It holds if differences lie symmetrically about their median; ties only widen the coverage. Below 6 pairs there
// is no interval of 95 %; then c = 0. The average of two differences that are infinite in opposite directions is zero, as
// for two large ones. Its [Interval.Largest] is what could still hide between two that look alike.
// Source: Hodges and Lehmann 1963, Ann. Math. Stat. 34:598; Hollander, Wolfe and Chicken 2014, sections 3.2 and 3.3.
//
// None of the averages is kept: those that are needed are found by [walsh.at], in time for n log n and then n for each bit of a number.
func HodgesLehmann(differences []float64, level float64) Estimate {
	n := len(differences)
	if n == 0 {
		return none(level)
	}
	w := walsh(quantile.Sorted(known(differences)))
	m := n * (n + 1) / 2
	c, coverage, approximate := walshIndex(n, level)
	middle := []float64{w.at((m - 1) / 2), w.at(m / 2)}
	e := Estimate{N: n, Value: quantile.Of(middle, 0.5), Interval: Interval{
		Low: w.at(c), High: w.at(m - 1 - c), Level: level, Coverage: coverage, Approximate: approximate}}
	if coverage < level {
		need := n + 1
		for ; 1-smallest(need, TwoSided) < level; need++ {
		}
		e.Warnings = []Warning{{Concern: TooFewForInterval, Have: n, Need: need, Level: level}}
	}
	return e
}

// walshIndex is c of n differences with the coverage.
func walshIndex(n int, level float64) (c int, coverage float64, approximate bool) {
	r := make([]int, n)
	for i := range r {
		r[i] = i + 1
	}
	if n > manyRanks {
		m := float64(n)
		normal := distuv.Normal{Mu: m * (m + 1) / 4, Sigma: math.Sqrt(m * (m + 1) * (2*m + 1) / 24)}
		c = int(math.Floor(normal.Quantile((1-level)/2) - 0.5))
		return c, 1 - 2*normal.CDF(float64(c)+0.5), true
	}
	p := rankSums(r, n*(n+1)/4)
	low := p[0]
	for c+1 < len(p) && 1-2*(low+p[c+1]) >= level {
		c++
		low += p[c]
	}
	return c, math.Max(0, 1-2*low), false
}
