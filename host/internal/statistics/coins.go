package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// heads is P(B ≤ k) of n fair coins, Σ C(n, i)/2ⁿ over i ≤ k: without any rounding up to 40 of them, so that p of a test
// equals its level where it should.
func heads(n, k int) float64 {
	const most = 1000 // C(n, i) is below the largest float64
	switch {
	case k < 0:
		return 0
	case n > most:
		return distuv.Binomial{N: float64(n), P: 0.5}.CDF(float64(k))
	}
	sum, choose := 0.0, 1.0
	for i := 0; i <= min(k, n); i++ {
		sum += choose
		choose = choose * float64(n-i) / float64(i+1)
	}
	return math.Ldexp(sum, -n)
}
