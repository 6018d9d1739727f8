package report

import (
	"math"
	"strings"

	"github.com/steepest/steepest/host/internal/figure"
)

// canvas is a plot of characters: of braille, each of which has two dots in four rows, or of one mark each. (asciigraph
// draws several series too, but over their indices, in whole characters, without a logarithmic axis and with names in a legend alone.)
type canvas struct {
	columns, rows int
	braille       bool
	dots          []rune // of each character
	owner         []int  // the line that was drawn there last, -1 if none was
}

func newCanvas(columns, rows int, braille bool) *canvas {
	p := &canvas{columns: columns, rows: rows, braille: braille, dots: make([]rune, columns*rows), owner: make([]int, columns*rows)}
	for i := range p.owner {
		p.owner[i] = -1
	}
	return p
}

// grain is how many dots a character has beside and above each other.
func (p *canvas) grain() (across, down int) {
	if p.braille {
		return 2, 4
	}
	return 1, 1
}

// curve draws the line of a number through its points, as far as they are finite and lie within the axes.
func (p *canvas) curve(line int, c figure.Curve, a axes) {
	across, down := p.grain()
	wide, high := p.columns*across, p.rows*down
	from := math.NaN()
	for k, x := range c.X {
		share := a.share(c.Median[k])
		if !(c.Median[k] <= a.high) { // NaN and infinity too
			share = math.NaN()
		}
		at := func(x float64) int { return int(math.Round((x - a.left) / (a.right - a.left) * float64(wide-1))) }
		begin, end := at(x), at(x)
		if k > 0 && from == from {
			begin = at(c.X[k-1])
		}
		last := -1
		for i := begin; i <= end && share == share; i++ {
			y := share
			if i < end {
				y = from + (share-from)*float64(i-begin)/float64(end-begin)
			}
			row := chartRow(y, high)
			if last < 0 && begin == end && k > 0 && from == from { // several points within a dot: what lies between them
				last = chartRow(from, high)
			}
			if last < 0 {
				last = row
			}
			for r := min(row, last); r <= max(row, last); r++ {
				p.dot(line, i, r)
			}
			last = row
		}
		from = share
	}
}

// brailleDots are the bits of a braille character's dots, by row and column.
var brailleDots = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

func (p *canvas) dot(line, x, y int) {
	across, down := p.grain()
	cell := y/down*p.columns + x/across
	p.owner[cell] = line
	p.dots[cell] |= brailleDots[y%down][x%across]
}

// row is one line of the canvas, from edge to edge.
func (p *canvas) row(y int) string {
	var b strings.Builder
	for x := range p.columns {
		cell := y*p.columns + x
		switch line := p.owner[cell]; {
		case line < 0:
			b.WriteByte(' ')
		case p.braille:
			b.WriteString(p.paint(line, string(0x2800+p.dots[cell])))
		default:
			b.WriteByte(chartMarks[line])
		}
	}
	return b.String()
}

// paint gives a text the colour of a line.
func (p *canvas) paint(line int, s string) string {
	if !p.braille {
		return s
	}
	return chartColours[line].Sprint(s)
}
