package figure

import "fmt"

// Stairs is a line that holds each value of Y from its X on, to the end of the axis.
type Stairs struct {
	Series
	X, Y []float64 // X ascends
}

// Profile are performance profiles (Dolan and Moré 2002): the share of problems that an optimizer solves at no more than so
// many times the cost of the best one. X is that factor, from 1; Y is between 0 and 1.
type Profile struct {
	Title string
	X, Y  Axis
	Lines []Stairs
	Notes []string
}

// ECDF are the shares of targets reached within so much of a budget (as COCO has them). Y is between 0 and 1.
type ECDF struct {
	Title string
	X, Y  Axis
	Lines []Stairs
	Notes []string
}

func (f Profile) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, f.Y = d.axes(f.X, f.Y)
	return f
}

func (f Profile) compose(s *sheet) error { return s.stairs(f.Title, f.X, f.Y, f.Lines, f.Notes) }
func (f ECDF) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, f.Y = d.axes(f.X, f.Y)
	return f
}

func (f ECDF) compose(s *sheet) error { return s.stairs(f.Title, f.X, f.Y, f.Lines, f.Notes) }

func (s *sheet) stairs(title string, x, y Axis, lines []Stairs, notes []string) error {
	var series []Series
	var xs [][]float64
	for _, l := range lines {
		if len(l.X) != len(l.Y) {
			return fmt.Errorf("the line of %q has %d places, but %d values", l.Name, len(l.X), len(l.Y))
		}
		series, xs = append(series, l.Series), append(xs, l.X)
	}
	p := plot{title: title, x: x, y: y, ratio: 0.55, right: 0.8 * s.text()}
	p.xs, p.ys = scaled(x.Log, 0, xs...), scale{-0.02, 1.02, false}
	direct := s.directly(&p, series)
	s.margin(&p, direct, series, 0, "")
	a := s.frame(p)
	var tags []tag
	var missing []string
	for _, l := range lines {
		sx, sy := steps(l.X, l.Y)
		if n := len(sx); n > 0 {
			sx, sy = append(sx, p.xs.high), append(sy, sy[n-1])
		}
		drawn, gaps := a.lines(sx, sy)
		if gaps > 0 {
			_, gaps = a.lines(l.X, l.Y)
			missing = append(missing, fmt.Sprintf("%s %d of %d", plain(l.Name, nameLength), gaps, len(l.X)))
		}
		if within := clipLines(a.box, drawn); len(within) > 0 {
			s.add(mark{series: l.Name, ink: l.ink(), width: s.line(), dash: l.Look.Dash(), lines: within})
			last := within[len(within)-1]
			tags = append(tags, tagOf(l.Series, last[len(last)-1]))
		}
	}
	if direct {
		s.nameLines(a, tags)
	} else {
		s.legend(series)
	}
	s.foot(append(notes, listing("Points not drawn: ", missing))...)
	return nil
}
