package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// Spectrum is how the eigenvalues of a matrix are distributed: their density, smoothed, and a stroke for each eigenvalue that is known.
type Spectrum struct {
	Title string
	X, Y  Axis
	Series
	At, Density []float64 // At ascends
	Known       []float64
	Notes       []string
}

func (f Spectrum) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	_, f.Y = d.axes(f.X, f.Y)
	return f
}

// lowest is the least density that a logarithmic axis shows, of the highest.
const lowest = 1e-7

func (f Spectrum) compose(s *sheet) error {
	if len(f.At) != len(f.Density) {
		return fmt.Errorf("there are %d places and %d densities", len(f.At), len(f.Density))
	}
	p := plot{title: f.Title, x: f.X, y: f.Y, ratio: 0.5, right: 0.8 * s.text()}
	p.xs, p.ys = scaled(false, 0, f.At), scaled(f.Y.Log, 0, f.Density)
	if f.Y.Log {
		p.ys.low = max(p.ys.low, lowest*p.ys.high) // what is below leaves at the bottom
	}
	p.ys = scaled(f.Y.Log, 0.06, []float64{p.ys.low, p.ys.high})
	a := s.frame(p)
	lines, _ := a.lines(f.At, f.Density)
	s.polyline(a, f.Series, lines)
	var strokes [][]vg.Point
	for _, x := range f.Known {
		if at, can := a.x.at(x); can && at >= 0 && at <= 1 {
			px := a.left() + at*(a.right()-a.left())
			strokes = append(strokes, []vg.Point{point(px, a.bottom()), point(px, a.bottom()+0.9*s.text())})
		}
	}
	note := ""
	if len(strokes) > 0 {
		s.add(mark{series: f.Name, ink: f.ink(), width: 0.06 * s.text(), lines: strokes})
		note = fmt.Sprintf("Strokes: %d eigenvalues.", len(f.Known))
	}
	absent, missing := "", 0
	for _, d := range f.Density {
		if d-d != 0 {
			missing++
		}
	}
	if missing > 0 {
		absent = fmt.Sprintf("Not finite: %d of %d points.", missing, len(f.At))
	}
	s.foot(append([]string{note, absent}, f.Notes...)...)
	return nil
}
