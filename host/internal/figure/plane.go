package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Plane is a quantity at the points of a grid, as lines of equal value, with the way of a run over it.
type Plane struct {
	Title   string
	X, Y    Axis      // not logarithmic
	Columns []float64 // places of the grid along X, ascending and evenly spaced
	Rows    []float64 // likewise along Y
	Values  [][]float64
	Label   string // of the quantity
	Path    *Path
	Marks   []Named
	Notes   []string
}

// Named is a place with a name.
type Named struct {
	Point
	Name string
}

func (f Plane) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	return f
}

func (f Plane) compose(s *sheet) error {
	if len(f.Columns) < 2 || len(f.Rows) < 2 || len(f.Values) != len(f.Rows) {
		return errors.New("a plane needs two rows and columns at least, and values for each")
	}
	for j, row := range f.Values {
		if len(row) != len(f.Columns) {
			return fmt.Errorf("row %d has %d values in %d columns", j, len(row), len(f.Columns))
		}
	}
	p := plot{title: f.Title, x: f.X, y: f.Y, ratio: 0.68, right: 0.8 * s.text(), noGrid: true}
	p.xs = scale{f.Columns[0], f.Columns[len(f.Columns)-1], false}
	p.ys = scale{f.Rows[0], f.Rows[len(f.Rows)-1], false}
	a := s.frame(p)
	note, values := f.contours(s, a)
	notes := []string{note}
	if f.Path != nil {
		lines, _ := a.lines(f.Path.X, f.Path.Y)
		drawPath(s, a, f.Path.Series, lines)
		notes = append(notes, "Dot: where the way ends.")
	}
	var tags []tagged
	for _, m := range f.Marks {
		if at, can := a.place(m.X, m.Y); can && inside(a.box, at) {
			s.add(mark{ink: text, dots: []vg.Point{at}, radius: 0.3 * s.text()})
			t := tagged{x: float64(at.X) + 0.5*s.text(), y: float64(at.Y) - 0.35*s.text(), text: fitted(plain(m.Name, nameLength), s.text(), 0.4*s.size.Width, false)}
			if float64(at.X) > (a.left()+a.right())/2 {
				t.x, t.anchor = float64(at.X)-0.5*s.text(), 1
			}
			tags = append(tags, t)
		}
	}
	s.tag(a, append(tags, values...))
	if missing := f.missing(); missing > 0 {
		notes = append(notes, fmt.Sprintf("Not finite: %d of %d points.", missing, len(f.Columns)*len(f.Rows)))
	}
	s.foot(append(notes, f.Notes...)...)
	return nil
}

func (f Plane) missing() (n int) {
	for _, row := range f.Values {
		for _, v := range row {
			if v-v != 0 {
				n++
			}
		}
	}
	return n
}

// levels are the values of the lines: in even steps of the logarithm where the values are positive and span more than a decade, and else even steps.
func (f Plane) levels() (levels []float64, log bool) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range slices.Concat(f.Values...) {
		if v-v == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	if !(low < high) {
		return nil, false
	}
	span := scale{low, high, low > 0 && high > 10*low}
	for k := range contours {
		levels = append(levels, span.value((float64(k)+0.5)/contours))
	}
	return levels, span.log
}

// contours draws lines of equal value, in colours from low to high, and says what they are. Every third is to have its value.
func (f Plane) contours(s *sheet, a *axes) (note string, values []tagged) {
	levels, log := f.levels()
	if len(levels) == 0 {
		return "", nil
	}
	at := func(column, row float64) vg.Point {
		return point(a.left()+(a.right()-a.left())*column/float64(len(f.Columns)-1), a.bottom()+(a.top()-a.bottom())*row/float64(len(f.Rows)-1))
	}
	for k, level := range levels {
		lines := isolines(f.Values, level, at)
		if len(lines) == 0 {
			continue
		}
		s.add(mark{ink: shade(0.85 * float64(k) / contours), width: 0.09 * s.text(), lines: lines})
		if k%3 == 1 {
			longest := slices.MaxFunc(lines, func(a, b []vg.Point) int { return len(a) - len(b) })
			at := longest[len(longest)/2]
			values = append(values, tagged{x: float64(at.X), y: float64(at.Y) - 0.35*s.text(), text: brief(level), anchor: 0.5})
		}
	}
	steps := "even steps"
	if log {
		steps = "each " + brief(levels[1]/levels[0]) + " times the one before"
	}
	return fmt.Sprintf("Contours: %s from %s to %s, %s.", f.Label, brief(levels[0]), brief(levels[len(levels)-1]), steps), values
}

// tagged is text on a spot of paper, so that it is seen over lines.
type tagged struct {
	x, y   float64
	text   string
	anchor float64
}

// tag writes texts within the axes, each unless it would lie over one before.
func (s *sheet) tag(a *axes, all []tagged) {
	em := s.text()
	var taken []vg.Rectangle
	for _, t := range all {
		w := textWidth(t.text, em, false)
		left := t.x - t.anchor*w
		box := vg.Rectangle{Min: point(left-0.2*em, t.y-0.2*em), Max: point(left+w+0.2*em, t.y+0.9*em)}
		if !inside(a.box, box.Min) || !inside(a.box, box.Max) || slices.ContainsFunc(taken, func(b vg.Rectangle) bool {
			return b.Min.X < box.Max.X && box.Min.X < b.Max.X && b.Min.Y < box.Max.Y && box.Min.Y < b.Max.Y
		}) {
			continue
		}
		taken = append(taken, box)
		s.add(mark{ink: paper, opacity: 0.85, areas: [][]vg.Point{rectangle(left-0.1*em, t.y-0.15*em, left+w+0.1*em, t.y+0.8*em)}})
		s.write(t.x, t.y, t.text, t.anchor, text)
	}
}
