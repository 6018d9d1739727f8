package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Sensitivity is a measure against a swept hyperparameter, a line for each optimizer.
type Sensitivity struct {
	Title string
	X, Y  Axis // mostly logarithmic both
	Lines []Response
	Start float64 // the measure before training; NaN or 0 where it is not to be drawn
	Band  string  // what the bands are
	Notes []string
}

// Response is one line of [Sensitivity], with one value of each slice for each swept value. A median over runs most of which
// diverged is infinite.
type Response struct {
	Series
	X, Median, Low, High []float64
	Runs, Diverged       []int
}

func (f Sensitivity) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, f.Y = d.axes(f.X, f.Y)
	return f
}

func (f Sensitivity) compose(s *sheet) error {
	em := s.text()
	var series []Series
	var xs, ys [][]float64
	rows := 0 // of marks for what diverged
	for _, l := range f.Lines {
		for _, n := range []int{len(l.Median), len(l.Low), len(l.High), len(l.Runs), len(l.Diverged)} {
			if n != len(l.X) {
				return fmt.Errorf("the line of %q has %d swept values, but %d of what belongs to them", l.Name, len(l.X), n)
			}
		}
		series, xs, ys = append(series, l.Series), append(xs, l.X), append(ys, l.Median, l.Low)
		if slices.Max(append(l.Diverged, 0)) > 0 {
			rows++
		}
	}
	if f.Start != 0 {
		ys = append(ys, []float64{f.Start})
	}
	ys = append(ys, f.upper(ys))
	p := plot{title: f.Title, x: f.X, y: f.Y, ratio: 0.55, right: 0.8 * em}
	p.xs, p.ys = scaled(f.X.Log, 0.03, xs...), scaled(f.Y.Log, 0.05, ys...)
	if limit := 3 * f.Start; f.Start > 0 && limit > p.ys.low && limit < p.ys.high {
		p.ys.high = limit
	}
	direct := s.directly(&p, series)
	for _, l := range f.Lines {
		direct = direct && reaches(p, l.X, l.Median)
	}
	s.margin(&p, direct, series, f.Start, "start")
	if rows > 0 {
		p.above = (0.8*float64(rows) + 0.4) * em
	}
	a := s.frame(p)
	f.draw(s, a, direct, s.reference(a, f.Start, "start")...)
	f.diverged(s, a)
	if !direct {
		s.legend(series)
	}
	s.foot(append(f.notes(p, rows > 0), f.Notes...)...)
	return nil
}

// upper are the upper ends of bands, as far as they do not make the vertical axis longer than twice what the rest needs.
func (f Sensitivity) upper(rest [][]float64) []float64 {
	span := scaled(f.Y.Log, 0, rest...)
	limit := 2*span.high - span.low
	if f.Y.Log {
		limit = span.high / span.low * span.high
	}
	var ends []float64
	for _, l := range f.Lines {
		for _, high := range l.High {
			if !math.IsInf(high, 0) && !math.IsNaN(high) {
				ends = append(ends, min(high, limit))
			}
		}
	}
	return ends
}

func (f Sensitivity) draw(s *sheet, a *axes, direct bool, tags ...tag) {
	for _, l := range f.Lines {
		s.band(a, Curve{Series: l.Series, X: l.X, Low: l.Low, High: l.High})
	}
	for _, l := range f.Lines {
		lines, _ := a.lines(l.X, l.Median)
		end, is := s.polyline(a, l.Series, lines)
		dots := slices.DeleteFunc(slices.Concat(lines...), func(p vg.Point) bool { return !inside(a.box, p) })
		if len(dots) > 0 {
			s.add(mark{series: l.Name, ink: l.ink(), dots: dots, radius: 0.21 * s.text()})
		}
		if is && direct {
			tags = append(tags, tagOf(l.Series, end))
		}
	}
	s.nameLines(a, tags)
}

// diverged draws a cross above the axes for each value at which runs diverged, pale where not all did; a row for each line.
func (f Sensitivity) diverged(s *sheet, a *axes) {
	em, row := s.text(), 0.0
	for _, l := range f.Lines {
		var all, some [][]vg.Point
		for i, n := range l.Diverged {
			p, can := a.place(l.X[i], a.y.high)
			if n == 0 || !can {
				continue
			}
			x, y, r := float64(p.X), a.top()+(0.6+0.8*row)*em, 0.24*em
			cross := [][]vg.Point{{point(x-r, y-r), point(x+r, y+r)}, {point(x-r, y+r), point(x+r, y-r)}}
			if n == l.Runs[i] {
				all = append(all, cross...)
			} else {
				some = append(some, cross...)
			}
		}
		if all == nil && some == nil {
			continue
		}
		row++
		if all != nil {
			s.add(mark{series: l.Name, ink: l.ink(), width: s.line(), lines: all})
		}
		if some != nil {
			s.add(mark{series: l.Name, ink: l.ink(), width: s.line(), opacity: 0.45, lines: some})
		}
	}
}

func (f Sensitivity) notes(p plot, crosses bool) []string {
	note, cross := "Dots: medians over seeds.", ""
	if f.Band != "" {
		note = "Dots: medians; bands: " + f.Band + "."
	}
	if crosses {
		cross = "Crosses: runs diverged there, pale where only some did."
	}
	var diverged, beyond, missing []string
	for _, l := range f.Lines {
		n, of, gaps, most := 0, 0, 0, math.Inf(-1)
		for i := range l.X {
			n, of = n+l.Diverged[i], of+l.Runs[i]
			if _, can := p.ys.at(l.Median[i]); !can {
				gaps++
			} else if l.Median[i] > p.ys.high {
				most = max(most, l.Median[i])
			}
		}
		name := plain(l.Name, nameLength)
		if n > 0 {
			diverged = append(diverged, fmt.Sprintf("%s %d of %d", name, n, of))
		}
		if gaps > 0 {
			missing = append(missing, fmt.Sprintf("%s %d of %d", name, gaps, len(l.X)))
		}
		if !math.IsInf(most, -1) {
			beyond = append(beyond, fmt.Sprintf("%s (to %s)", name, brief(most)))
		}
	}
	return []string{note, cross, listing("Diverged: ", diverged), listing("Values without a finite median: ", missing),
		listing("Beyond the axis: ", beyond)}
}
