package statistics

import (
	"math"

	"github.com/steepest/steepest/host/internal/quantile"
)

// ExpectedBest is the expected best after k = 1 ... n random trials, from n values, the tuning-budget curve: if x₍₁₎ ≤ ...
// ≤ x₍ₙ₎,
//
//	E(k) = Σᵢ C(n-i, k-1) / C(n, k) x₍ᵢ₎
//
// the mean of the best over all choices of k of the n trials without replacement: unbiased, while the estimate with
// replacement of Dodge et al. 2019 (equation 8) is not (Tang et al. 2020). It is infinite for every k with which all k
// trials may have diverged, and NaN where infinities of both signs may be the best.
// Source: Dodge et al. 2019, "Show Your Work", EMNLP; Tang et al. 2020, "Showing Your Work Doesn't Always Work", ACL,
// equation 7.
func ExpectedBest(values []float64) []float64 {
	return overTrials(values, func(x, weights []float64) float64 {
		mean := 0.0
		for i, w := range weights {
			if w > 0 {
				mean += w * loss(x[i])
			}
		}
		return mean
	})
}

// MedianBest is the median of the best after k = 1 ... n random trials, by the same weights as [ExpectedBest]: the least
// x₍ᵢ₎ that the best of k is at most with probability 1/2. It is finite as soon as k trials have more often one that ended
// than none.
func MedianBest(values []float64) []float64 {
	return overTrials(values, func(x, weights []float64) float64 {
		p := 0.0
		for i, w := range weights {
			if p += w; p >= 0.5-1e-12 {
				return loss(x[i])
			}
		}
		return math.NaN()
	})
}

// overTrials calls f with the sorted values and the probabilities that each is the best of k, for each k.
func overTrials(values []float64, f func(x, weights []float64) float64) []float64 {
	x := quantile.Sorted(values)
	n := len(x)
	curve, weights := make([]float64, n), make([]float64, n)
	for k := 1; k <= n; k++ {
		w := float64(k) / float64(n) // C(n-1, k-1) / C(n, k)
		for i := range weights {
			weights[i] = w
			w *= float64(n-i-k) / float64(max(1, n-i-1)) // C(n-i-2, k-1) / C(n-i-1, k-1)
		}
		curve[k-1] = f(x, weights)
	}
	return curve
}
