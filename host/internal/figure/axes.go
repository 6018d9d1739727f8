package figure

import (
	"math"

	"gonum.org/v1/plot/vg"
)

// scale is the range of an axis.
type scale struct {
	low, high float64
	log       bool
}

// at is where in the range a value lies, as a part; it says whether the value can be drawn at all.
func (s scale) at(v float64) (float64, bool) {
	if math.IsNaN(v) || math.IsInf(v, 0) || s.log && v <= 0 {
		return 0, false
	}
	if s.log {
		return (math.Log2(v) - math.Log2(s.low)) / (math.Log2(s.high) - math.Log2(s.low)), true // quotients of values may overflow
	}
	return (v - s.low) / (s.high - s.low), true
}

// value is what lies at a part of the range.
func (s scale) value(part float64) float64 {
	if s.log {
		low, high := math.Log2(s.low), math.Log2(s.high)
		return min(max(math.Exp2(low+part*(high-low)), math.SmallestNonzeroFloat64), math.MaxFloat64)
	}
	return s.low + part*(s.high-s.low)
}

// scaled is the range of all values that an axis can show. The room beyond them is a part of the range.
func scaled(log bool, room float64, values ...[]float64) scale {
	s := scale{math.Inf(1), math.Inf(-1), log}
	for _, of := range values {
		for _, v := range of {
			if _, can := s.at(v); can || !log && !math.IsNaN(v) && !math.IsInf(v, 0) {
				s.low, s.high = min(s.low, v), max(s.high, v)
			}
		}
	}
	switch {
	case s.low > s.high:
		s.low, s.high = 1, 10
	case s.low == s.high && log:
		s.low, s.high = s.low/2, s.high*2
	case s.low == s.high:
		by := max(math.Abs(s.low)/2, 0.5)
		s.low, s.high = s.low-by, s.high+by
	}
	return scale{s.value(-room), s.value(1 + room), log}
}

// axes are the place of the data on paper.
type axes struct {
	box  vg.Rectangle
	x, y scale
}

func (a *axes) place(x, y float64) (vg.Point, bool) {
	px, canX := a.x.at(x)
	py, canY := a.y.at(y)
	size := a.box.Size()
	return vg.Point{X: a.box.Min.X + vg.Length(px)*size.X, Y: a.box.Min.Y + vg.Length(py)*size.Y}, canX && canY
}

// value is what lies at a place: the inverse of place.
func (a *axes) value(p vg.Point) (x, y float64) {
	size := a.box.Size()
	return a.x.value(float64((p.X - a.box.Min.X) / size.X)), a.y.value(float64((p.Y - a.box.Min.Y) / size.Y))
}

// lines join values in turn, with a gap where one cannot be drawn, and say how many cannot.
func (a *axes) lines(x, y []float64) (lines [][]vg.Point, missing int) {
	var line []vg.Point
	for i := range x {
		if p, can := a.place(x[i], y[i]); can {
			line = append(line, p)
			continue
		}
		missing++
		if line != nil {
			lines, line = append(lines, line), nil
		}
	}
	if line != nil {
		lines = append(lines, line)
	}
	return lines, missing
}

// steps join values in stairs: each holds from its x to the next.
func steps(x, y []float64) (sx, sy []float64) {
	for i := range x {
		if i > 0 {
			sx, sy = append(sx, x[i]), append(sy, y[i-1])
		}
		sx, sy = append(sx, x[i]), append(sy, y[i])
	}
	return sx, sy
}

func (a *axes) left() float64   { return float64(a.box.Min.X) }
func (a *axes) right() float64  { return float64(a.box.Max.X) }
func (a *axes) bottom() float64 { return float64(a.box.Min.Y) }
func (a *axes) top() float64    { return float64(a.box.Max.Y) }
