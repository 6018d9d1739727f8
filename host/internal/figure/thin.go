package figure

import (
	"slices"

	"gonum.org/v1/plot/vg"
)

// thinned is a line of no more than four points in each column of so many units of length: the first, the lowest, the
// highest and the last, in their order. What was drawn of the others would lie on these.
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

// Within a column a line is restless if it turns back and forth more often than that; a line that is somewhere is calmed wherever it turns more
// than once.
const fewTurns, oneTurn = 4, 1

// calmed is a line with one point, the median, in place of each column of so many units of length within which it turns back and forth, if there are
// columns where it does so more than a few times; it says whether there are. Any other line is as it was.
func calmed(line []vg.Point, column float64) (calm []vg.Point, restless bool) {
	var ends, turns []int // of the columns
	for start := 0; start < len(line); {
		edge, end := line[start].X+vg.Length(column), start
		if edge+vg.Length(column)/2 > line[len(line)-1].X {
			edge = line[len(line)-1].X + 1 // the last column has the rest
		}
		for end++; end < len(line) && line[end].X < edge; { // the first is there wherever it lies
			end++
		}
		n := 0
		for i := max(start, 1); i < min(end, len(line)-1); i++ {
			if (line[i].Y-line[i-1].Y)*(line[i+1].Y-line[i].Y) < 0 {
				n++
			}
		}
		ends, turns, restless = append(ends, end), append(turns, n), restless || n > fewTurns
		start = end
	}
	if !restless {
		return line, false
	}
	start := 0
	for i, end := range ends {
		part := line[start:end]
		if turns[i] <= oneTurn {
			calm = append(calm, part...)
		} else {
			calm = append(calm, middle(part, start == 0, end == len(line))...)
		}
		start = end
	}
	return calm, true
}

// middle is the median of a part of a line, amid the part, with the first point of a line before it, and at the end of a line.
func middle(part []vg.Point, first, last bool) (points []vg.Point) {
	heights := make([]vg.Length, len(part))
	for i, p := range part {
		heights[i] = p.Y
	}
	slices.Sort(heights)
	x := (part[0].X + part[len(part)-1].X) / 2
	switch {
	case first:
		points = append(points, part[0])
	case last:
		x = part[len(part)-1].X
	}
	return append(points, vg.Point{X: x, Y: heights[len(heights)/2]})
}
