package statistics

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

// rangeCDF is the distribution of the range of k standard normal values, the studentized range with infinitely many
// degrees of freedom:
//
//	P(q) = k ∫ φ(z) [Φ(z) - Φ(z-q)]ᵏ⁻¹ dz
//
// Source: Tukey 1953; Copenhaver and Holland 1988, J. Stat. Comput. Simul. 30:1, equation 1.
func rangeCDF(q float64, k int) float64 {
	φ, Φ := distuv.UnitNormal.Prob, distuv.UnitNormal.CDF
	const beyond = 9.0 // φ is below 1e-17 there
	return float64(k) * quad.Fixed(func(z float64) float64 {
		return φ(z) * math.Pow(Φ(z)-Φ(z-q), float64(k-1))
	}, -beyond, beyond, 128, quad.Legendre{}, 0)
}

// rangeQuantile is q with P(q) = p, for p in (0,1) and k ≥ 2.
func rangeQuantile(p float64, k int) float64 {
	low, high := 0.0, 1.0
	for rangeCDF(high, k) < p {
		high *= 2
	}
	for range 60 {
		middle := (low + high) / 2
		if rangeCDF(middle, k) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}
