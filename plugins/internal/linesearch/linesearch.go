// Package linesearch finds how far to go along a direction: what L-BFGS and nonlinear conjugate gradients share.
package linesearch

import "math"

// Point is what is known of a place along the direction.
type Point struct {
	Step     float64   // how far along it is
	Loss     float64   // φ(t)
	Slope    float64   // φ'(t), the gradient's product with the direction
	Gradient []float64 // of all parameters; nil for a caller that has no use for it
}

// Wolfe is a search for a step t that satisfies the strong Wolfe conditions
//
//	φ(t) ≤ φ(0) + c₁ t φ'(0),   |φ'(t)| ≤ −c₂ φ'(0)
//
// Nocedal, Wright: Numerical Optimization (2006), algorithms 3.5 and 3.6, with the cubic interpolation of equation 3.59. Point by
// point it is the search of torch.optim.LBFGS(line_search_fn="strong_wolfe"), which is Schmidt's minFunc: a first bracket grows by at most ten
// times, and a trial that is within a tenth of its bracket's end twice moves inward. Not equal: a loss or slope that is not finite is one
// that is too high (torch goes on outward from it).
type Wolfe struct {
	C1, C2   float64
	Most     int     // evaluations, but for the first
	Smallest float64 // a bracket shorter than that is not made smaller
}

// Find searches from the point at 0, whose slope is negative, with a first trial. It returns the best point that it has seen and evaluated at
// last as one whose conditions hold, or the lowest if there was none; that may be the start.
func (w Wolfe) Find(at func(step float64) Point, start Point, trial float64) Point {
	look := func(t float64) Point {
		p := at(t)
		if p.Step = t; !finite(p.Loss) || !finite(p.Slope) {
			p.Loss = math.Inf(1)
		}
		return p
	}
	high := func(p Point) bool { return p.Loss > start.Loss+w.C1*p.Step*start.Slope }
	flat := func(p Point) bool { return math.Abs(p.Slope) <= -w.C2*start.Slope }

	// Go outward until a step is between this point and the last.
	last, now, tries := start, look(trial), 0
	for ; tries < w.Most; tries++ {
		if high(now) || tries > 1 && now.Loss >= last.Loss {
			break
		}
		if flat(now) {
			return now
		}
		if now.Slope >= 0 {
			break
		}
		t := minimum(last, now, now.Step+0.01*(now.Step-last.Step), 10*now.Step)
		last, now = now, look(t)
	}
	if tries == w.Most {
		return lower(start, now)
	}
	return w.zoom(look, high, flat, last, now, tries)
}

// zoom makes the bracket smaller until it finds a point whose conditions hold.
func (w Wolfe) zoom(look func(float64) Point, high, flat func(Point) bool, a, b Point, tries int) Point {
	ends := [2]Point{a, b}
	low := 0
	if b.Loss < a.Loss {
		low = 1
	}
	for near := false; tries < w.Most && math.Abs(ends[1].Step-ends[0].Step) >= w.Smallest; tries++ {
		left, right := min(ends[0].Step, ends[1].Step), max(ends[0].Step, ends[1].Step)
		t := minimum(ends[0], ends[1], left, right)
		margin := 0.1 * (right - left)
		switch {
		case min(right-t, t-left) >= margin:
			near = false
		case !near && t < right && t > left:
			near = true
		case math.Abs(t-right) < math.Abs(t-left):
			t, near = right-margin, false
		default:
			t, near = left+margin, false
		}
		if t == left || t == right { // there is no number between them
			break
		}
		p := look(t)
		if high(p) || p.Loss >= ends[low].Loss {
			ends[1-low] = p
			low = 0
			if ends[1].Loss < ends[0].Loss {
				low = 1
			}
			continue
		}
		if flat(p) {
			return p
		}
		if p.Slope*(ends[1-low].Step-ends[low].Step) >= 0 {
			ends[1-low] = ends[low]
		}
		ends[low] = p
	}
	return ends[low]
}

// minimum is that of the cubic through two points with their slopes, within bounds; their middle if it has none.
func minimum(p, q Point, low, high float64) float64 {
	if p.Step > q.Step {
		p, q = q, p
	}
	d1 := p.Slope + q.Slope - 3*(p.Loss-q.Loss)/(p.Step-q.Step)
	d2 := math.Sqrt(d1*d1 - p.Slope*q.Slope)
	t := q.Step - (q.Step-p.Step)*((q.Slope+d2-d1)/(q.Slope-p.Slope+2*d2))
	if !finite(t) {
		return (low + high) / 2
	}
	return min(max(t, low), high)
}

func lower(p, q Point) Point {
	if q.Loss < p.Loss {
		return q
	}
	return p
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
