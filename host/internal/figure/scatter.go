package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// Scatter are dots, in groups.
type Scatter struct {
	Title  string
	X, Y   Axis
	Groups []Dots
	Notes  []string
}

// Dots is a group of dots.
type Dots struct {
	Series
	X, Y []float64
}

func (f Scatter) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, f.Y = d.axes(f.X, f.Y)
	return f
}

func (f Scatter) compose(s *sheet) error {
	var series []Series
	var xs, ys [][]float64
	for _, g := range f.Groups {
		if len(g.X) != len(g.Y) {
			return fmt.Errorf("%q has %d and %d places", g.Name, len(g.X), len(g.Y))
		}
		series, xs, ys = append(series, g.Series), append(xs, g.X), append(ys, g.Y)
	}
	p := plot{title: f.Title, x: f.X, y: f.Y, ratio: 0.58, right: 0.8 * s.text()}
	p.xs, p.ys = scaled(f.X.Log, 0.04, xs...), scaled(f.Y.Log, 0.06, ys...)
	a := s.frame(p)
	var missing []string
	for _, g := range f.Groups {
		var dots []vg.Point
		for i := range g.X {
			if at, can := a.place(g.X[i], g.Y[i]); can {
				dots = append(dots, at)
			}
		}
		if gaps := len(g.X) - len(dots); gaps > 0 {
			missing = append(missing, fmt.Sprintf("%s %d of %d", plain(g.Name, nameLength), gaps, len(g.X)))
		}
		if len(dots) > 0 {
			s.add(mark{series: g.Name, ink: g.ink(), dots: dots, radius: 0.28 * s.text(), opacity: 0.8})
		}
	}
	s.legend(series)
	s.foot(append([]string{listing("Points not drawn: ", missing)}, f.Notes...)...)
	return nil
}
