package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Trajectory is the way of optimizers over the contours of a loss of two parameters.
type Trajectory struct {
	Title           string
	X, Y            Axis                       // of the parameters; not logarithmic
	Loss            func(x, y float64) float64 // nil: no contours
	Paths           []Path
	Start           Point
	Minima, Saddles []Point
	Notes           []string
}

// Point is a place of two parameters.
type Point struct{ X, Y float64 }

// Path is the way of one optimizer: its parameters at each step.
type Path struct {
	Series
	X, Y []float64
}

const contours = 14

func (f Trajectory) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	return f
}

func (f Trajectory) compose(s *sheet) error {
	em := s.text()
	var series []Series
	for _, path := range f.Paths {
		if len(path.X) != len(path.Y) {
			return fmt.Errorf("the path of %q has %d and %d parameters", path.Name, len(path.X), len(path.Y))
		}
		series = append(series, path.Series)
	}
	p := plot{title: f.Title, x: f.X, y: f.Y, ratio: 0.68, right: 0.8 * em, noGrid: true}
	p.xs, p.ys = f.view()
	a := s.frame(p)
	note := ""
	if f.Loss != nil {
		note = f.contours(s, a)
	}
	var missing, beyond []string
	for _, path := range f.Paths {
		name := plain(path.Name, nameLength)
		lines, gaps := a.lines(path.X, path.Y)
		outside := 0
		for _, line := range lines {
			for _, at := range line {
				if !inside(a.box, at) {
					outside++
				}
			}
		}
		if gaps > 0 {
			missing = append(missing, fmt.Sprintf("%s %d of %d", name, gaps, len(path.X)))
		}
		if outside > 0 {
			beyond = append(beyond, fmt.Sprintf("%s %d of %d", name, outside, len(path.X)))
		}
		drawPath(s, a, path.Series, lines)
	}
	f.places(s, a)
	s.legend(series)
	symbols := []string{"Ring: start."}
	if len(f.Minima) > 0 {
		symbols = append(symbols, "Star: minimum.")
	}
	if len(f.Saddles) > 0 {
		symbols = append(symbols, "Cross: saddle.")
	}
	notes := slices.Concat([]string{note}, symbols, f.Notes)
	s.foot(append(notes, listing("Points not drawn, not finite: ", missing), listing("Points beyond the axes: ", beyond))...)
	return nil
}

// drawPath draws a way without what cannot be told apart: points nearer to the last one drawn than a third of the line's width.
// Its end is a dot.
func drawPath(s *sheet, a *axes, of Series, lines [][]vg.Point) {
	var sparse [][]vg.Point
	for _, line := range lines {
		kept, last := line[:1:1], line[0]
		for i, p := range line {
			if i == len(line)-1 || math.Hypot(float64(p.X-last.X), float64(p.Y-last.Y)) > 0.3*s.line() {
				kept, last = append(kept, p), p
			}
		}
		sparse = append(sparse, kept)
	}
	if within := clipLines(a.box, sparse); len(within) > 0 {
		s.add(mark{series: of.Name, ink: of.ink(), width: 1.1 * s.line(), dash: of.Look.Dash(), lines: within})
	}
	if n := len(lines); n > 0 {
		if end := lines[n-1][len(lines[n-1])-1]; inside(a.box, end) {
			s.add(mark{series: of.Name, ink: of.ink(), dots: []vg.Point{end}, radius: 0.3 * s.text()})
		}
	}
}

// view is what part of the plane is shown: start, minima and saddles, and of the ways what lies within three times their
// extent around them.
func (f Trajectory) view() (x, y scale) {
	fixed := append(append([]Point{f.Start}, f.Minima...), f.Saddles...)
	xs, ys := []float64{f.Start.X}, []float64{f.Start.Y}
	for _, p := range fixed {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	far := max(slices.Max(xs)-slices.Min(xs), slices.Max(ys)-slices.Min(ys))
	for _, path := range f.Paths {
		for i := range path.X {
			if far == 0 || math.Abs(path.X[i]-f.Start.X) <= 1.5*far && math.Abs(path.Y[i]-f.Start.Y) <= 1.5*far {
				xs, ys = append(xs, path.X[i]), append(ys, path.Y[i])
			}
		}
	}
	return scaled(false, 0.09, xs), scaled(false, 0.09, ys)
}

// contours draws lines of equal loss, at levels in even steps of the logarithm of the loss above its least value in view,
// and says what they are.
func (f Trajectory) contours(s *sheet, a *axes) string {
	const columns, rows = 181, 123
	values := make([][]float64, rows)
	var positive []float64
	least := math.Inf(1)
	for _, m := range f.Minima {
		least = min(least, f.Loss(m.X, m.Y))
	}
	for j := range values {
		values[j] = make([]float64, columns)
		for i := range values[j] {
			values[j][i] = f.Loss(a.x.value(float64(i)/(columns-1)), a.y.value(float64(j)/(rows-1)))
			if !math.IsNaN(values[j][i]) {
				least = min(least, values[j][i])
			}
		}
	}
	for _, row := range values {
		for i := range row {
			if row[i] -= least; row[i] > 0 && !math.IsInf(row[i], 0) {
				positive = append(positive, row[i])
			}
		}
	}
	if len(positive) == 0 {
		return ""
	}
	slices.Sort(positive)
	low, high := positive[len(positive)/200], positive[len(positive)-1]
	ratio := math.Pow(high/low, 1.0/contours)
	if ratio <= 1 {
		return ""
	}
	for k := range contours {
		lines := isolines(values, low*math.Pow(ratio, float64(k)), func(column, row float64) vg.Point {
			return point(a.left()+(a.right()-a.left())*column/(columns-1), a.bottom()+(a.top()-a.bottom())*row/(rows-1))
		})
		if len(lines) > 0 {
			s.add(mark{ink: quiet, opacity: 0.3, width: 0.055 * s.text(), lines: lines})
		}
	}
	return fmt.Sprintf("Contours: loss above its least value, each %s times the one before.", brief(ratio))
}

// isolines are where values on a grid (rows of columns) equal a level, by linear interpolation: marching squares, their
// pieces joined to lines.
func isolines(values [][]float64, level float64, at func(column, row float64) vg.Point) [][]vg.Point {
	type edge struct{ column, row, side int } // side 0 goes to the right of the grid's point, 1 up
	cross := func(e edge) (vg.Point, bool) {
		a := values[e.row][e.column]
		b := values[e.row+e.side][e.column+1-e.side]
		if (a < level) == (b < level) || math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
			return vg.Point{}, false
		}
		part := (level - a) / (b - a)
		return at(float64(e.column)+part*float64(1-e.side), float64(e.row)+part*float64(e.side)), true
	}
	next := map[edge][]edge{}
	var order []edge
	join := func(a, b edge) {
		next[a], next[b] = append(next[a], b), append(next[b], a)
		order = append(order, a, b)
	}
	for row := range len(values) - 1 {
		for column := range len(values[row]) - 1 {
			var on []edge // in turn around the cell
			for _, e := range []edge{{column, row, 0}, {column + 1, row, 1}, {column, row + 1, 0}, {column, row, 1}} {
				if _, is := cross(e); is {
					on = append(on, e)
				}
			}
			for i := 0; i+1 < len(on); i += 2 {
				join(on[i], on[i+1])
			}
		}
	}
	var lines [][]vg.Point
	used := map[[2]edge]bool{}
	walk := func(from edge) (line []vg.Point) {
		p, _ := cross(from)
		line = append(line, p)
		for going := true; going; {
			going = false
			for _, to := range next[from] {
				if !used[[2]edge{from, to}] {
					used[[2]edge{from, to}], used[[2]edge{to, from}] = true, true
					p, _ := cross(to)
					line, from, going = append(line, p), to, true
					break
				}
			}
		}
		return line
	}
	for _, open := range []bool{true, false} { // lines that end at the border first, then closed ones
		for _, e := range order {
			if open && len(next[e]) != 1 {
				continue
			}
			if line := walk(e); len(line) > 1 {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

// places marks start, minima and saddles, each on a spot of paper so that it is seen over lines.
func (f Trajectory) places(s *sheet, a *axes) {
	r := 0.42 * s.text()
	spot := func(of Point, shape func(x, y float64) mark) {
		if p, _ := a.place(of.X, of.Y); inside(a.box, p) {
			s.add(mark{ink: paper, dots: []vg.Point{p}, opacity: 0.75, radius: 1.15 * r})
			m := shape(float64(p.X), float64(p.Y))
			m.ink = text
			s.add(m)
		}
	}
	for _, at := range f.Saddles {
		spot(at, func(x, y float64) mark {
			d := 0.7 * r
			return mark{width: 0.14 * s.text(),
				lines: [][]vg.Point{{point(x-d, y-d), point(x+d, y+d)}, {point(x-d, y+d), point(x+d, y-d)}}}
		})
	}
	for _, at := range f.Minima {
		spot(at, func(x, y float64) mark {
			var star []vg.Point
			for i := range 10 {
				radius := r * []float64{1.15, 0.5}[i%2]
				sin, cos := math.Sincos(math.Pi/2 + float64(i)*math.Pi/5)
				star = append(star, point(x+radius*cos, y+radius*sin))
			}
			return mark{areas: [][]vg.Point{star}}
		})
	}
	spot(f.Start, func(x, y float64) mark {
		return mark{dots: []vg.Point{point(x, y)}, radius: 0.75 * r, width: 0.14 * s.text()}
	})
}
