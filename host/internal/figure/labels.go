package figure

import (
	"math"
	"slices"
)

// spread shifts labels of one height apart, as little as can be in squares, so that none overlaps another and all lie
// between low and high; at are their wanted middles. It returns false where they do not fit. (The least squares under an
// order are pooled adjacent violators: Barlow et al. 1972, after the labels' heights are taken off.)
func spread(at []float64, height, low, high float64) ([]float64, bool) {
	if float64(len(at))*height > high-low+1e-9 {
		return nil, false
	}
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case at[a] < at[b]:
			return -1
		case at[a] > at[b]:
			return 1
		}
		return 0
	})
	type pool struct {
		sum   float64
		count int
	}
	mean := func(p pool) float64 { return p.sum / float64(p.count) }
	var pools []pool
	for place, i := range order {
		pools = append(pools, pool{at[i] - float64(place)*height, 1})
		for n := len(pools); n > 1 && mean(pools[n-2]) >= mean(pools[n-1]); n = len(pools) {
			pools[n-2].sum += pools[n-1].sum
			pools[n-2].count += pools[n-1].count
			pools = pools[:n-1]
		}
	}
	least, most := low+height/2, high-height/2-float64(len(at)-1)*height
	placed, place := make([]float64, len(at)), 0
	for _, p := range pools {
		base := math.Min(math.Max(mean(p), least), most)
		for range p.count {
			placed[order[place]] = base + float64(place)*height
			place++
		}
	}
	return placed, true
}
