package figure

import "gonum.org/v1/plot/vg"

// thinned is a line of no more than four points in each column of so many units of length: the first, the lowest, the highest and
// the last, in their order. What was drawn of the others would lie on these.
func thinned(line []vg.Point, column float64) []vg.Point {
	if len(line) < 5 {
		return line
	}
	var kept []vg.Point
	for start := 0; start < len(line); {
		low, high, end := start, start, start
		here := int(float64(line[start].X) / column)
		for ; end < len(line) && int(float64(line[end].X)/column) == here; end++ {
			if line[end].Y < line[low].Y {
				low = end
			}
			if line[end].Y > line[high].Y {
				high = end
			}
		}
		last := -1
		for _, i := range []int{start, min(low, high), max(low, high), end - 1} {
			if i > last {
				kept, last = append(kept, line[i]), i
			}
		}
		start = end
	}
	return kept
}
