package figure

import (
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Panels are several figures of one thing, in rows of as many as there are heads. Where the paper is narrow they stand below each other, column by
// column. What belongs to a panel alone is said in a note with its title.
type Panels struct {
	Title  string
	Heads  []string // of the columns
	Panels []Panel  // row by row
	Notes  []string
}

// Panel is one of [Panels], or the reason why there is none.
type Panel struct {
	Figure
	Title, Missing string
}

// broad is how wide the paper must be for panels side by side, each in the text's size.
const broad = 16

func (f Panels) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	return f
}

func (f Panels) compose(s *sheet) error {
	em := s.text()
	s.head(f.Title)
	columns := max(len(f.Heads), 1)
	width, gap, size := s.size.Width, 1.6*em, s.size
	if wide := (width - float64(columns-1)*gap) / float64(columns); columns > 1 && wide >= broad*em {
		size.Width, size.Text = wide, 0.85*em
	} else {
		f.Panels, columns = byColumn(f.Panels, columns), 1
	}
	if columns > 1 {
		s.free -= 1.4 * em
		for i, head := range f.Heads {
			x := float64(i) * (size.Width + gap)
			s.add(mark{ink: quiet, text: &label{at: point(x, s.free), size: em, text: fitted(plain(head, nameLength), em, size.Width, false)}})
		}
		s.free -= 0.9 * em
	}
	var said []remark
	for row := range slices.Chunk(f.Panels, columns) {
		lowest := 0.0
		for i, p := range row {
			inner := newSheet(size)
			inner.inner = true
			if err := p.composed(inner); err != nil {
				return err
			}
			for _, n := range inner.notes {
				said = noted(said, n, p.Title)
			}
			for _, m := range inner.marks {
				s.add(m.moved(vg.Point{X: vg.Length(float64(i) * (size.Width + gap)), Y: vg.Length(s.free)}))
			}
			lowest = min(lowest, inner.free)
		}
		s.free += lowest - 1.2*em
	}
	var notes []string
	for _, n := range said {
		if len(n.of) == 1 {
			n.text = n.of[0] + ": " + n.text
		}
		notes = append(notes, n.text)
	}
	s.foot(append(notes, f.Notes...)...)
	return nil
}

// byColumn are panels that were in rows, column after column.
func byColumn(panels []Panel, columns int) (all []Panel) {
	for c := range columns {
		for i := c; i < len(panels); i += columns {
			all = append(all, panels[i])
		}
	}
	return all
}

func (p Panel) composed(s *sheet) error {
	if p.Figure != nil {
		return p.compose(s)
	}
	s.head(p.Title)
	em := s.text()
	for _, line := range wrapped(plain(p.Missing, noteLength), em, s.size.Width-0.5*em) {
		s.free -= 1.35 * em
		s.write(0, s.free, line, 0, quiet)
	}
	return nil
}

// remark is a note, and the titles of the panels that it is of.
type remark struct {
	text string
	of   []string
}

func noted(all []remark, text, of string) []remark {
	for i := range all {
		if all[i].text == text {
			all[i].of = append(all[i].of, of)
			return all
		}
	}
	return append(all, remark{strings.TrimSpace(text), []string{of}})
}

// moved is a mark at another place. It belongs to no series any more: several panels may have one of the same name.
func (m mark) moved(by vg.Point) mark {
	shift := func(lines [][]vg.Point) [][]vg.Point {
		var all [][]vg.Point
		for _, line := range lines {
			shifted := make([]vg.Point, len(line))
			for i, p := range line {
				shifted[i] = p.Add(by)
			}
			all = append(all, shifted)
		}
		return all
	}
	m.series, m.legend = "", ""
	m.lines, m.areas = shift(m.lines), shift(m.areas)
	if m.dots != nil {
		m.dots = shift([][]vg.Point{m.dots})[0]
	}
	if m.text != nil {
		l := *m.text
		l.at = l.at.Add(by)
		m.text = &l
	}
	return m
}
