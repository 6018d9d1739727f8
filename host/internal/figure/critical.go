package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Critical is a critical-difference diagram (Demšar 2006): the average ranks of optimizers over problems, 1 the best. Those
// whose ranks differ by less than the critical distance are joined by a bar.
type Critical struct {
	Title    string
	Ranks    []Rank
	Distance float64
	Notes    []string
}

// Rank is the average rank of one optimizer.
type Rank struct {
	Series
	Mean float64
}

func (f Critical) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	return f
}

func (f Critical) compose(s *sheet) error {
	em := s.text()
	ranks := slices.Clone(f.Ranks)
	slices.SortStableFunc(ranks, func(a, b Rank) int {
		switch {
		case a.Mean < b.Mean:
			return -1
		case a.Mean > b.Mean:
			return 1
		}
		return 0
	})
	widest := 0.0
	for _, r := range ranks {
		widest = max(widest, textWidth(f.name(s, r), em, false))
	}
	side := widest + em
	groups := cliques(ranks, f.Distance)
	s.free -= 0.2 * em
	s.head(f.Title)
	last := math.Ceil(max(float64(len(ranks)), 2))
	axis := s.free - 4.2*em
	half := (len(ranks) + 1) / 2
	first := axis - (1.4+0.7*float64(len(groups)))*em // height of the first name
	a := &axes{x: scale{1, last, false}, y: scale{0, 1, false}}
	a.box.Min, a.box.Max = point(side, first-1.5*em*float64(half)), point(s.size.Width-side, axis)
	s.axes = a
	f.ruler(s, a, last)
	for i, r := range ranks {
		p, can := a.place(r.Mean, 1)
		if !can {
			continue
		}
		x, row := float64(p.X), i
		to, anchor := 0.0, 0.0
		if i >= half {
			row, to, anchor = len(ranks)-1-i, s.size.Width, 1
		}
		y := first - 1.5*em*float64(row)
		inner := to + side - 0.4*em
		if i >= half {
			inner = to - side + 0.4*em
		}
		s.add(mark{series: r.Name, ink: r.ink(), width: 0.8 * s.line(),
			lines: [][]vg.Point{{point(x, axis), point(x, y), point(inner, y)}}})
		s.add(mark{series: r.Name, ink: r.ink(), dots: []vg.Point{p}, radius: 0.22 * em})
		s.add(mark{series: r.Name, ink: r.ink(),
			text: &label{at: point(to, y-0.35*em), size: em, text: f.name(s, r), anchor: anchor}})
	}
	for i, g := range groups {
		low, _ := a.place(ranks[g[0]].Mean, 1)
		high, _ := a.place(ranks[g[1]].Mean, 1)
		y := axis - (0.9+0.7*float64(i))*em
		s.add(mark{ink: text, width: 0.34 * em,
			lines: [][]vg.Point{{point(float64(low.X)-0.25*em, y), point(float64(high.X)+0.25*em, y)}}})
	}
	s.free = first - 1.5*em*float64(max(half-1, 0)) - 0.6*em
	note := "Average ranks over problems, 1 the best. Bars join what does not differ by the critical distance (CD)."
	s.foot(append([]string{note}, f.Notes...)...)
	return nil
}

func (f Critical) name(s *sheet, r Rank) string {
	return fitted(plain(r.Name, nameLength), s.text(), 0.22*s.size.Width, false) + " " + brief(r.Mean)
}

// ruler draws the ranks and the critical distance above them.
func (f Critical) ruler(s *sheet, a *axes, last float64) {
	em, y := s.text(), a.top()
	s.add(mark{ink: quiet, width: 0.09 * em, lines: [][]vg.Point{{point(a.left(), y), point(a.right(), y)}}})
	ticks, _ := linearTicks(1, last, 10)
	for _, t := range ticks {
		p, _ := a.place(t.value, 1)
		s.add(mark{ink: quiet, width: 0.09 * em, lines: [][]vg.Point{{p, point(float64(p.X), y+0.3*em)}}})
		s.add(mark{ink: quiet, text: &label{at: point(float64(p.X), y+0.6*em), size: em, text: t.text, anchor: 0.5}})
	}
	if f.Distance <= 0 || f.Distance > last-1 || math.IsNaN(f.Distance) {
		return
	}
	p, _ := a.place(1+f.Distance, 1)
	x0, x1, top := a.left(), float64(p.X), y+2.2*em
	s.add(mark{ink: text, width: 0.12 * em, lines: [][]vg.Point{{point(x0, top-0.2*em), point(x0, top+0.2*em)},
		{point(x0, top), point(x1, top)}, {point(x1, top-0.2*em), point(x1, top+0.2*em)}}})
	s.write(x1+0.4*em, top-0.35*em, "CD = "+brief(f.Distance), 0, text)
}

// cliques are the greatest groups of at least two neighbours in order whose ranks differ by less than the distance: the
// first and the last place of each.
func cliques(ranks []Rank, distance float64) (groups [][2]int) {
	end := -1
	for i := range ranks {
		j := i
		for j+1 < len(ranks) && ranks[j+1].Mean-ranks[i].Mean < distance {
			j++
		}
		if j > i && j > end {
			groups, end = append(groups, [2]int{i, j}), j
		}
	}
	return groups
}
