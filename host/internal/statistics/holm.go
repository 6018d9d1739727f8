package statistics

import (
	"cmp"
	"math"
	"slices"
)

// Holm are p adjusted for that there are m of them, in their order: rejecting those at most level rejects any true
// hypothesis with at most that probability, however the tests depend on each other.
//
//	p̃₍ᵢ₎ = max over j ≤ i of min(1, (m-j+1) p₍ⱼ₎)
//
// NaN is a test that was not made: it stays so and is not counted.
// Source: Holm 1979, Scand. J. Stat. 6:65; as R's p.adjust.
func Holm(p []float64) []float64 {
	var order []int
	for i, q := range p {
		if !math.IsNaN(q) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	adjusted := slices.Clone(p)
	least := 0.0
	for j, i := range order {
		least = math.Max(least, math.Min(1, float64(len(order)-j)*p[i]))
		adjusted[i] = least
	}
	return adjusted
}
