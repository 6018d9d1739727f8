package statistics

import (
	"cmp"
	"slices"
)

// Midranks are the ranks of values, the least having 1; equal ones share the mean of their ranks (Kendall 1945). Infinite
// values are equal, and NaN equals positive infinity.
func Midranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(loss(values[i]), loss(values[j])) })
	ranks := make([]float64, len(values))
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && loss(values[order[j]]) == loss(values[order[i]]) {
			j++
		}
		for _, o := range order[i:j] {
			ranks[o] = float64(i+1+j) / 2 // the mean of i+1 ... j
		}
		i = j
	}
	return ranks
}
