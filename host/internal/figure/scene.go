package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// scene is a figure as marks on paper, from the lowest to the topmost. Lengths are points, or pixels on a screen; the origin
// is the upper left corner, and what lies below it is negative.
type scene struct {
	size          Size
	height        float64
	title, detail string // for screen readers
	marks         []mark
	axes          *axes // of the data, if it has any: what turns places on paper back into values
}

// ink is a colour with its name as a CSS class.
type ink struct {
	class string
	color color.NRGBA
}

func (s Series) ink() ink { return ink{s.Look.Class(), s.Look.Color()} }

// mark is one or several shapes of one ink. Only one of lines, areas, dots and text is there.
type mark struct {
	series  string // whose data this is; "" for axes, notes and the like
	legend  string // whose sample this is
	ink     ink
	opacity float64 // 0 is opaque, as 1 is
	width   float64 // of lines
	dash    []float64

	lines  [][]vg.Point
	areas  [][]vg.Point
	dots   []vg.Point
	radius float64
	text   *label
}

// label is text of one line.
type label struct {
	at     vg.Point // on the base line
	size   float64
	text   string
	power  string  // raised behind the text
	anchor float64 // what part of the width lies left of at
	bold   bool
	upward bool // turned to the left by a right angle
}

func (s *scene) add(m mark) { s.marks = append(s.marks, m) }

func point(x, y float64) vg.Point { return vg.Point{X: vg.Length(x), Y: vg.Length(y)} }

// clipLines are the parts of lines within the box.
func clipLines(box vg.Rectangle, lines [][]vg.Point) [][]vg.Point {
	c := draw.Canvas{Rectangle: box}
	var within [][]vg.Point
	for _, line := range lines {
		if len(line) > 1 {
			within = append(within, c.ClipLinesXY(line)...)
		}
	}
	return within
}

// clipAreas are the parts of areas within the box.
func clipAreas(box vg.Rectangle, areas [][]vg.Point) [][]vg.Point {
	c := draw.Canvas{Rectangle: box}
	var within [][]vg.Point
	for _, area := range areas {
		if clipped := c.ClipPolygonXY(area); len(clipped) > 2 {
			within = append(within, clipped)
		}
	}
	return within
}
