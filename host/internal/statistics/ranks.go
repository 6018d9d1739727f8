package statistics

import (
	"cmp"
	"slices"
)

// Midranks are the ranks of values, the least having 1; equal ones share the mean of their ranks (Kendall 1945). Infinite
// values are equal, and NaN equals positive infinity.
func Midranks(values []float64) []float64 {
	type entry struct {
		value float64
		index int
	}
	sorted := make([]entry, len(values))
	for i, v := range values {
		sorted[i] = entry{loss(v), i}
	}
	slices.SortFunc(sorted, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
	ranks := make([]float64, len(values))
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && sorted[j].value == sorted[i].value {
			j++
		}
		for _, e := range sorted[i:j] {
			ranks[e.index] = float64(i+1+j) / 2 // the mean of i+1 ... j
		}
		i = j
	}
	return ranks
}
