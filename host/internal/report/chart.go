package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/terminal"
)

const (
	chartRows   = 10
	chartWidest = 100
	chartLeast  = 12 // columns of the plot itself
	chartLines  = 8  // as many as can be told apart
	logFrom     = 5  // how many times the lowest value the highest is where the axis becomes logarithmic: there are few rows
)

// chartMarks stand at the ends of the lines, and for the whole lines where there are no colours.
const chartMarks = "ox+*#@%&"

// chartColours are those of figures in the same order, as far as the sixteen of a terminal go: its owner has chosen them to be read.
var chartColours = [chartLines]text.Color{text.FgBlue, text.FgRed, text.FgGreen, text.FgMagenta, text.FgYellow, text.FgCyan, text.FgHiMagenta, text.Reset}

// Chart draws the medians of curves in characters, in at most 13 lines: of many the best. With braille its lines are thin and
// coloured; without, they are of plain characters, one for each line. It is empty where there is nothing to see or no room.
func Chart(c figure.Curves, columns int, braille bool) string {
	shown := bestCurves(c.Lines)
	if len(shown) == 0 {
		return ""
	}
	a := chartAxes(shown)
	if !(a.right > a.left) || !(a.high > a.low) {
		return ""
	}
	labels, gap := make([]string, len(shown)), "…"
	if !braille {
		gap = "..."
	}
	margin := max(len(number(a.low)), len(number(a.high)))
	columns = min(columns-1, chartWidest)
	widest := 0
	for i, l := range shown {
		end := "diverged"
		if x := l.Median[len(l.Median)-1]; x-x == 0 {
			end = number(x)
		}
		labels[i] = text.Snip(terminal.Escape(l.Name), max(columns/3-len(end)-3, 4), gap) + " " + end
		widest = max(widest, text.StringWidth(labels[i])+3) // with the mark and blanks around it
	}
	width := columns - margin - 2 - widest
	if width < chartLeast {
		return ""
	}
	p := newCanvas(width, chartRows, braille)
	for i, l := range slices.Backward(shown) { // the first lies on top
		p.curve(i, l, a)
	}
	edge, corner, rule := "│", "└", "─"
	if !braille {
		edge, corner, rule = "|", "+", "-"
	}
	at := labelRows(shown, a)
	lines := []string{text.Snip(title(c, a, shown), columns, gap)}
	for row := range chartRows {
		tick := ""
		switch row {
		case 0:
			tick = number(a.high)
		case chartRows - 1:
			tick = number(a.low)
		}
		line := fmt.Sprintf("%*s %s", margin, tick, edge) + p.row(row)
		if i := slices.Index(at, row); i >= 0 {
			line += " " + p.paint(i, string(chartMarks[i])+" "+labels[i])
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	from, to := number(a.left), fmt.Sprintf("%s %s", c.X.Label, exactly(a.right))
	lines = append(lines, fmt.Sprintf("%*s %s%s", margin, "", corner, from+" "+strings.Repeat(rule, max(width-len(from)-len(to)-2, 0))+" "+to))
	if note := leftOut(c.Lines, len(shown)); note != "" {
		lines = append(lines, terminal.Wrap(note, columns))
	}
	return strings.Join(lines, "\n")
}

// leftOut says how many lines are not drawn.
func leftOut(lines []figure.Curve, shown int) string {
	left, diverged := 0, 0
	for _, l := range lines {
		if len(l.Median) > 0 {
			left++
			if math.IsInf(l.Median[len(l.Median)-1], 1) {
				diverged++
			}
		}
	}
	if left -= shown; left == 0 {
		return ""
	}
	note := fmt.Sprintf("The best %d of %d are drawn.", shown, shown+left)
	if diverged > 0 {
		note += fmt.Sprintf(" In all, %d diverged.", diverged)
	}
	return note
}

func exactly(x float64) string { return fmt.Sprintf("%.10g", x) }

func title(c figure.Curves, a axes, shown []figure.Curve) string {
	s := c.Y.Label
	if n := slices.MaxFunc(shown, func(a, b figure.Curve) int { return a.Runs - b.Runs }).Runs; n > 1 {
		s += fmt.Sprintf(", median of %d seeds", n)
	}
	if a.log {
		s += ", log scale"
	}
	return s
}

// bestCurves are the lines that end lowest, in their order. One that diverged ends highest of all.
func bestCurves(lines []figure.Curve) []figure.Curve {
	lines = slices.DeleteFunc(slices.Clone(lines), func(l figure.Curve) bool { return len(l.Median) == 0 })
	if len(lines) <= chartLines {
		return lines
	}
	end := func(l figure.Curve) float64 {
		if x := l.Median[len(l.Median)-1]; !math.IsNaN(x) {
			return x
		}
		return math.Inf(1)
	}
	var ends []float64
	for _, l := range lines {
		ends = append(ends, end(l))
	}
	slices.Sort(ends)
	below := slices.DeleteFunc(slices.Clone(lines), func(l figure.Curve) bool { return end(l) > ends[chartLines-1] })
	return below[:chartLines]
}

// axes are the ends of the plot.
type axes struct {
	left, right, low, high float64
	log                    bool
}

// chartAxes have room for all finite medians, but not for more than twice of where lines begin: what diverges leaves upwards.
func chartAxes(lines []figure.Curve) axes {
	a := axes{left: math.Inf(1), right: math.Inf(-1), low: math.Inf(1), high: math.Inf(-1)}
	top := math.Inf(-1)
	for _, l := range lines {
		a.left, a.right = min(a.left, l.X[0]), max(a.right, l.X[len(l.X)-1])
		if first := l.Median[0]; first-first == 0 {
			top = max(top, first)
		}
		for _, y := range l.Median {
			if y-y == 0 {
				a.low, a.high = min(a.low, y), max(a.high, y)
			}
		}
	}
	if top > a.low {
		a.high = min(a.high, top+math.Abs(top))
	}
	a.log = a.low > 0 && a.high > logFrom*a.low
	return a
}

// share is how far up the axis a value lies: 0 at its lower end and 1 at the upper one.
func (a axes) share(y float64) float64 {
	if a.log {
		return (math.Log(y) - math.Log(a.low)) / (math.Log(a.high) - math.Log(a.low)) // quotients of values may overflow
	}
	return (y - a.low) / (a.high - a.low)
}

// labelRows are rows for the labels of lines, each of its own, as near as can be to where the lines end.
func labelRows(lines []figure.Curve, a axes) []int {
	wanted, order, rows := make([]int, len(lines)), make([]int, len(lines)), make([]int, len(lines))
	for i, l := range lines {
		order[i] = i
		if y := l.Median[len(l.Median)-1]; y <= a.high {
			wanted[i] = chartRow(a.share(y), chartRows)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(wanted[i]-wanted[j], cmp.Compare(lines[j].Median[len(lines[j].Median)-1], lines[i].Median[len(lines[i].Median)-1]))
	})
	free := 0
	for k, i := range order {
		rows[i] = min(max(wanted[i], free), chartRows-(len(lines)-k))
		free = rows[i] + 1
	}
	return rows
}

// chartRow is the row, of so many, of a share of the axis.
func chartRow(share float64, rows int) int { return int(math.Round((1 - share) * float64(rows-1))) }
