package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// SignedRank is Wilcoxon's signed-rank test of paired differences d₁ ... dₙ:
//
//	rᵢ = rank of |dᵢ| among all n (midranks),  T = Σ rᵢ over dᵢ > 0
//
// If the differences lie symmetrically about zero, each sign is as probable as the other, whatever the rᵢ. The
// distribution of T is then that of Σ bᵢ rᵢ with fair coins bᵢ; it is computed exactly, ties and all, by convolution over
// the actual rᵢ with dᵢ ≠ 0:
//
//	P(T = t) = coefficient of xᵗ in Π (1 + x^rᵢ)/2
//
// so that the test's size is an attainable level, never above the one asked for: p is 1/32 if all of 5 seeds agree with a
// directional alternative. Zeros are ranked and then left out, as Pratt has it (Wilcoxon leaves them out before; then more
// of each difference can make it less significant). Infinite differences have the largest rank. Above 200 differences T is
// taken as normal, with its variance Σ rᵢ²/4 and a correction for continuity.
//
// Sources: Wilcoxon 1945, Biometrics Bulletin 1:80; Pratt 1959, J. Am. Stat. Assoc. 54:655; Streitberg and Röhmel 1986,
// Stat. Software Newsletter 12:10. R 4.2's wilcox.test falls back to a normal approximation with ties or zeros; coin's
// wilcoxsign_test(zero.method = "Pratt", distribution = "exact") and SciPy's wilcoxon(zero_method = "pratt", method =
// PermutationMethod()) do as is done here.
func SignedRank(differences []float64, alternative Alternative) Test {
	differences = known(differences)
	t := Test{Alternative: alternative, N: len(differences)}
	magnitudes := make([]float64, len(differences))
	for i, d := range differences {
		magnitudes[i] = math.Abs(d)
	}
	var r []int // twice the ranks, which midranks may need to be whole
	above := 0
	for i, rank := range Midranks(magnitudes) {
		if differences[i] == 0 {
			t.Ties++
			continue
		}
		r = append(r, int(2*rank))
		if differences[i] > 0 {
			above += int(2 * rank)
		}
	}
	t.Statistic = float64(above) / 2
	t.Smallest = smallest(len(r), alternative)
	if len(r) > manyRanks {
		t.Approximate = true
		t.P = alternative.p(normalRanks(r, above))
		return t
	}
	t.P = alternative.p(tails(r, above))
	return t
}

// manyRanks is how many are too many for the exact distribution of their sum, which takes their cube of additions.
const manyRanks = 200

// rankSums are the probabilities of the sums 0, 1, ... limit of those of r that fair coins choose.
func rankSums(r []int, limit int) []float64 {
	p := make([]float64, limit+1)
	p[0] = 1
	largest := 0
	for _, k := range r {
		largest = min(largest+k, limit)
		for s := largest; s >= k; s-- { // downwards, so that what is read is of the ranks before
			p[s] = p[s]/2 + p[s-k]/2
		}
		for s := range min(k, largest+1) {
			p[s] /= 2
		}
	}
	return p
}

// tails are P(T ≤ t) and P(T ≥ t). The distribution is symmetric, so the sums of the shorter tail are enough.
func tails(r []int, t int) (low, high float64) {
	all := 0
	for _, k := range r {
		all += k
	}
	p := rankSums(r, min(t, all-t))
	tail := 0.0
	for _, q := range p {
		tail += q
	}
	rest := 1 - tail + p[len(p)-1]
	if t <= all-t {
		return tail, rest
	}
	return rest, tail
}

// normalRanks are tails of the normal distribution that has the moments of the sum of those of r that fair coins choose.
// Sums differ by 2 where there are no ties.
func normalRanks(r []int, t int) (low, high float64) {
	var mean, variance float64
	for _, k := range r {
		mean += float64(k) / 2
		variance += float64(k) * float64(k) / 4
	}
	normal := distuv.Normal{Mu: mean, Sigma: math.Sqrt(variance)}
	return normal.CDF(float64(t) + 1), normal.Survival(float64(t) - 1)
}
