package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
)

// Histogram are shares of values in bins, one group over the other.
type Histogram struct {
	Title  string
	X, Y   Axis
	Edges  []float64 // of the bins, ascending: one more than there are
	Groups []Bars
	// Over is a line to compare with, on the same axes; none if it has no points.
	Over  Curve
	Notes []string
}

// Bars are one group of a [Histogram].
type Bars struct {
	Series
	Shares []float64 // of each bin
}

func (f Histogram) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	_, f.Y = d.axes(Axis{}, f.Y)
	return f
}

func (f Histogram) compose(s *sheet) error {
	var series []Series
	heights := [][]float64{f.Over.Median}
	for _, g := range f.Groups {
		if len(g.Shares)+1 != len(f.Edges) {
			return fmt.Errorf("%q has shares of %d bins, but there are %d edges", g.Name, len(g.Shares), len(f.Edges))
		}
		series, heights = append(series, g.Series), append(heights, g.Shares)
	}
	p := plot{title: f.Title, x: f.X, y: f.Y, ratio: 0.58, right: 0.8 * s.text(), xs: scaled(f.X.Log, 0, f.Edges), ys: scaled(f.Y.Log, 0.04, heights...)}
	if !f.Y.Log {
		p.ys.low = 0
	} else {
		p.ys.low /= 2
	}
	a := s.frame(p)
	for _, g := range f.Groups {
		s.bars(a, f.Edges, g)
	}
	if drawn, _ := a.lines(f.Over.X, f.Over.Median); drawn != nil {
		s.add(mark{series: f.Over.Name, ink: quiet, width: s.line(), dash: []float64{3, 2}, lines: clipLines(a.box, drawn)})
	}
	if len(series) > 1 {
		s.legend(series)
	}
	s.foot(f.Notes...)
	return nil
}

// bars draws the bins of a group that have something: areas below their upper ends.
func (s *sheet) bars(a *axes, edges []float64, g Bars) {
	var areas, lines [][]vg.Point
	var line []vg.Point
	flush := func() {
		if n := len(line); n > 0 {
			area := append([]vg.Point{{X: line[0].X, Y: a.box.Min.Y}}, line...)
			areas, lines, line = append(areas, append(area, vg.Point{X: line[n-1].X, Y: a.box.Min.Y})), append(lines, line), nil
		}
	}
	for i, share := range g.Shares {
		from, can := a.place(edges[i], share)
		to, also := a.place(edges[i+1], share)
		if !can || !also || math.IsNaN(share) || share <= 0 {
			flush()
			continue
		}
		line = append(line, from, to)
	}
	flush()
	if areas != nil {
		s.add(mark{series: g.Name, ink: g.ink(), opacity: 0.35, areas: areas})
		s.add(mark{series: g.Name, ink: g.ink(), width: 0.6 * s.line(), lines: lines})
	}
}
