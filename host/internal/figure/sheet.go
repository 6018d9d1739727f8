package figure

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/plot/vg"
)

// sheet is a figure being laid out from above to below: title, axes, legend, notes.
type sheet struct {
	scene
	free float64 // below this height nothing is yet
	// restless is whether some line is drawn twice: thinly as it is, and calmed.
	restless bool
	// inner is whether it is one of several panels: its notes stand with those of the others.
	inner bool
	notes []string
}

func newSheet(size Size) *sheet {
	return &sheet{scene: scene{size: size}, free: -0.2 * size.Text}
}

// text is how large numbers and names are, small how large notes are.
func (s *sheet) text() float64  { return s.size.Text }
func (s *sheet) small() float64 { return 0.87 * s.size.Text }

// line is the width of the thinnest line of data.
func (s *sheet) line() float64 { return 0.15 * s.size.Text }

// column is within how wide a column points are thinned.
func (s *sheet) column() float64 { return 0.08 * s.size.Text }

// nameLength and noteLength are how many characters of a name and of a note are shown.
const nameLength, noteLength = 40, 1000

func (s *sheet) write(x, y float64, of string, anchor float64, in ink) {
	s.add(mark{ink: in, text: &label{at: point(x, y), size: s.text(), text: of, anchor: anchor}})
}

// head writes the title, if there is one.
func (s *sheet) head(title string) {
	if title == "" {
		return
	}
	s.title = plain(title, 300)
	size := 1.1 * s.text()
	s.free -= size
	name := fitted(plain(title, 120), size, s.size.Width, true)
	s.add(mark{ink: text, text: &label{at: point(0, s.free), size: size, text: name, bold: true}})
	s.free -= 0.5 * s.text()
}

// foot writes the notes at the foot of the figure, each a sentence.
func (s *sheet) foot(notes ...string) {
	notes = slices.DeleteFunc(slices.Clone(notes), func(n string) bool { return n == "" })
	for i, n := range notes {
		notes[i] = plain(n, noteLength)
	}
	if s.notes = notes; len(notes) == 0 || s.inner {
		return
	}
	s.detail = strings.Join(notes, " ")
	s.free -= 0.4 * s.text()
	for _, line := range wrapped(s.detail, s.small(), s.size.Width-2) {
		s.free -= 1.3 * s.small()
		s.add(mark{ink: quiet, text: &label{at: point(0, s.free), size: s.small(), text: line}})
	}
}

// legend writes the names of series in rows, each beside a sample of its line.
func (s *sheet) legend(series []Series) {
	em := s.text()
	swatch, gap := 2.4*em, 1.1*em
	type entry struct {
		x    float64
		name string
	}
	var rows [][]entry
	x := 0.0
	for _, of := range series {
		name := fitted(plain(of.Name, nameLength), em, s.size.Width-swatch-0.4*em, false)
		w := swatch + 0.4*em + textWidth(name, em, false)
		if len(rows) == 0 || x+w > s.size.Width {
			rows, x = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], entry{x, name})
		x += w + gap
	}
	s.free -= 0.3 * em
	i := 0
	for _, row := range rows {
		s.free -= 1.45 * em
		for _, e := range row {
			of := series[i]
			i++
			s.add(mark{legend: of.Name, ink: of.ink(), width: 1.4 * s.line(), dash: of.Look.Dash(),
				lines: [][]vg.Point{{point(e.x, s.free+0.33*em), point(e.x+swatch, s.free+0.33*em)}}})
			s.add(mark{legend: of.Name, ink: text, text: &label{at: point(e.x+swatch+0.4*em, s.free), size: em, text: e.name}})
		}
	}
}

// plot is what belongs to the axes of a figure.
type plot struct {
	title  string
	x, y   Axis
	xs, ys scale
	xNames []string // instead of numbers, at 0, 1, 2, ...
	yNames []string
	right  float64 // room at the right, for names
	ratio  float64 // of the axes' height to their width
	noGrid bool
	noY    bool    // no numbers and no label at the left
	above  float64 // room between the label and the axes
}

// frame draws title, axes, grid and numbers, and takes the paper that they need.
func (s *sheet) frame(p plot) *axes {
	em := s.text()
	s.head(p.title)
	height := p.ratio * s.size.Width
	yTicks, yLabel := ticksOf(p.y, p.ys, p.yNames, height/(2.2*em))
	if yLabel != "" {
		s.free -= 1.1 * em
		s.write(0, s.free, fitted(yLabel, em, s.size.Width, false), 0, text)
		s.free -= 0.35 * em
	}
	left := 0.2 * em
	if !p.noY {
		widest := 0.0
		for _, t := range yTicks {
			widest = max(widest, label{text: t.text, power: t.power, size: em}.width())
		}
		left = widest + 0.5*em
	}
	xTicks, xLabel := ticksOf(p.x, p.xs, p.xNames, 8)
	for most := 7.0; most >= 2 && crowded(xTicks, p.xs, s.size.Width-left-p.right, em); most-- {
		xTicks, xLabel = ticksOf(p.x, p.xs, p.xNames, most)
	}
	s.free -= p.above + 0.4*em
	a := &axes{x: p.xs, y: p.ys}
	a.box.Min = point(left, s.free-height)
	a.box.Max = point(s.size.Width-max(p.right, 0.5*lastWidth(xTicks, em)), s.free)
	s.axes = a
	if !p.noY {
		s.drawY(a, yTicks, p)
	}
	s.drawX(a, xTicks, xLabel, p)
	s.free = a.bottom() - 1.4*em
	if xLabel != "" {
		s.free -= 1.4 * em
	}
	return a
}

// crowded says whether numbers along an axis of a length are too near to each other.
func crowded(ticks []tick, s scale, length, em float64) bool {
	edge := math.Inf(-1)
	for _, t := range ticks {
		part, _ := s.at(t.value)
		half := label{text: t.text, power: t.power, size: em}.width() / 2
		if t.text == "" {
			continue
		}
		if part*length-half < edge {
			return true
		}
		edge = part*length + half + 0.5*em
	}
	return false
}

func lastWidth(ticks []tick, em float64) float64 {
	for _, t := range slices.Backward(ticks) {
		if t.text != "" {
			return label{text: t.text, power: t.power, size: em}.width()
		}
	}
	return 0
}

func (s *sheet) drawX(a *axes, ticks []tick, name string, p plot) {
	em := s.text()
	hair := 0.07 * em
	edge := math.Inf(-1)
	for _, t := range ticks {
		at, _ := a.place(t.value, p.ys.low)
		x := float64(at.X)
		mark1 := 0.25 * em
		if t.text == "" {
			mark1 = 0.14 * em
		} else if !p.noGrid && p.xNames == nil {
			s.add(mark{ink: grid, width: hair, lines: [][]vg.Point{{point(x, a.bottom()), point(x, a.top())}}})
		}
		if p.xNames == nil {
			s.add(mark{ink: quiet, width: hair, lines: [][]vg.Point{{point(x, a.bottom()), point(x, a.bottom()-mark1)}}})
		}
		l := label{at: point(x, a.bottom()-1.3*em), size: em, text: t.text, power: t.power, anchor: 0.5}
		if w := l.width(); t.text != "" && x-w/2 > edge {
			s.add(mark{ink: quiet, text: &l})
			edge = x + w/2 + 0.4*em
		}
	}
	s.add(mark{ink: quiet, width: 1.3 * hair, lines: [][]vg.Point{{point(a.left(), a.bottom()), point(a.right(), a.bottom())}}})
	if name != "" {
		s.write((a.left()+a.right())/2, a.bottom()-2.75*em, fitted(name, em, s.size.Width, false), 0.5, text)
	}
}

func (s *sheet) drawY(a *axes, ticks []tick, p plot) {
	em := s.text()
	hair := 0.07 * em
	for _, t := range ticks {
		at, _ := a.place(p.xs.low, t.value)
		y := float64(at.Y)
		if t.text == "" {
			s.add(mark{ink: quiet, width: hair, lines: [][]vg.Point{{point(a.left()-0.14*em, y), point(a.left(), y)}}})
			continue
		}
		if !p.noGrid && p.yNames == nil {
			s.add(mark{ink: grid, width: hair, lines: [][]vg.Point{{point(a.left(), y), point(a.right(), y)}}})
		}
		number := label{at: point(a.left()-0.4*em, y-0.35*em), size: em, text: t.text, power: t.power, anchor: 1}
		s.add(mark{ink: quiet, text: &number})
	}
}

// ticksOf are the ticks of an axis and its label, with the power of ten that its numbers lack.
func ticksOf(of Axis, s scale, names []string, room float64) ([]tick, string) {
	name := plain(of.Label, 80)
	if names != nil {
		var ticks []tick
		for i, n := range names {
			ticks = append(ticks, tick{value: float64(i), text: n})
		}
		return ticks, name
	}
	most := max(2, min(8, int(room)))
	if s.log {
		return logTicks(s.low, s.high, most), name
	}
	ticks, exponent := linearTicks(s.low, s.high, most)
	if exponent != 0 {
		name += " ×1e" + signed(strconv.Itoa(exponent))
	}
	return ticks, name
}

// finish gives the paper its height.
func (s *sheet) finish() {
	s.height = math.Ceil(0.4*s.text() - s.free)
}

// tag is a name beside the end of a line.
type tag struct {
	at     vg.Point // the end of the line
	name   string
	series string
	ink    ink
}

// tagOf is the name of a series; a pale one is written in a darker tone than it is drawn.
func tagOf(of Series, at vg.Point) tag {
	dark := of
	dark.Look.Tone = min(dark.Look.Tone, 2)
	return tag{at, plain(of.Name, nameLength), of.Name, dark.ink()}
}

// lineHeight is the least distance of names above each other, as a part of the text's size.
const lineHeight = 1.15

// directly says whether the names of series may stand at the right of the axes.
func (s *sheet) directly(p *plot, series []Series) bool {
	height := float64(len(series)+1) * lineHeight * s.text()
	return len(series) > 0 && s.widest(series) <= 0.28*s.size.Width && height <= p.ratio*s.size.Width
}

func (s *sheet) widest(series []Series) (widest float64) {
	for _, of := range series {
		widest = max(widest, textWidth(plain(of.Name, nameLength), s.text(), false))
	}
	return widest
}

// margin makes room at the right of the axes for the names of series, if they stand there, and of a line of reference.
func (s *sheet) margin(p *plot, direct bool, series []Series, value float64, name string) {
	need := 0.0
	if direct {
		need = s.widest(series)
	}
	if part, can := p.ys.at(value); value != 0 && can && part >= 0 && part <= 1 {
		need = max(need, textWidth(name, s.text(), false))
	}
	if need > 0 {
		p.right = need + 1.1*s.text()
	}
}

// nameLines writes names beside the ends of lines, shifted apart; a thin line leads from an end to a name that is not beside
// it.
func (s *sheet) nameLines(a *axes, tags []tag) {
	em := s.text()
	wanted := make([]float64, len(tags))
	for i, t := range tags {
		wanted[i] = float64(t.at.Y)
	}
	placed, fits := spread(wanted, lineHeight*em, a.bottom()-0.6*em, a.top()+0.6*em)
	if !fits {
		return // directly has seen to it that they do
	}
	for i, t := range tags {
		x := a.right() + 0.9*em
		if float64(t.at.X) < a.right()-0.5*em || math.Abs(placed[i]-wanted[i]) > 0.4*em {
			s.add(mark{series: t.series, ink: t.ink, opacity: 0.6, width: 0.06 * em, lines: [][]vg.Point{
				{point(float64(t.at.X)+0.1*em, float64(t.at.Y)), point(a.right()+0.65*em, placed[i]), point(x-0.1*em, placed[i])}}})
		}
		s.add(mark{series: t.series, ink: t.ink, text: &label{at: point(x, placed[i]-0.35*em), size: em, text: t.name}})
	}
}

// reference draws a line across at a value of y other than 0, and is its name.
func (s *sheet) reference(a *axes, y float64, name string) []tag {
	p, can := a.place(a.x.low, y)
	if y == 0 || !can || !inside(a.box, point(a.left(), float64(p.Y))) {
		return nil
	}
	end := point(a.right(), float64(p.Y))
	s.add(mark{ink: quiet, width: 0.09 * s.text(), dash: []float64{1, 2.5},
		lines: [][]vg.Point{{point(a.left(), float64(p.Y)), end}}})
	return []tag{{at: end, name: name, ink: quiet}}
}

// listing joins parts as in "a, b, c", ended as a sentence; "" of none.
func listing(before string, parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	s := before + strings.Join(parts, ", ")
	if last, _ := utf8.DecodeLastRuneInString(s); last != '.' {
		s += "."
	}
	return s
}
