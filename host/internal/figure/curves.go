package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Curves are medians over seeds against step, epoch, gradient evaluation or time, within bands of quantiles.
type Curves struct {
	Title string
	X, Y  Axis
	Lines []Curve
	// Target is a value of y to be reached; NaN or 0 where there is none.
	Target float64
	// Called is what the line at the target is called; "" is target.
	Called string
	Band   string // what the bands are: "quartiles over 5 seeds"
	Notes  []string
}

// Curve is one line of [Curves].
type Curve struct {
	Series
	// X and Median have one value for each point; Low and High too, or none where there is no band.
	X, Median, Low, High []float64
	Runs                 int
	Left                 int // of these, runs that are not in the median, for they diverged or failed
}

func (c Curves) dressed(d Dress) Figure {
	c.Title = d.title(c.Title)
	c.X, c.Y = d.axes(c.X, c.Y)
	return c
}

func (c Curves) compose(s *sheet) error {
	for _, l := range c.Lines {
		if len(l.Median) != len(l.X) || len(l.Low) != len(l.High) || len(l.Low) != 0 && len(l.Low) != len(l.X) {
			return fmt.Errorf("curve %q has %d places, %d medians and %d and %d quantiles", l.Name,
				len(l.X), len(l.Median), len(l.Low), len(l.High))
		}
	}
	p := plot{title: c.Title, x: c.X, y: c.Y, ratio: 0.58, right: 0.8 * s.text()}
	var xs [][]float64
	var series []Series
	for _, l := range c.Lines {
		xs, series = append(xs, l.X), append(series, l.Series)
	}
	p.xs = scaled(c.X.Log, 0, xs...)
	p.ys = c.extent()
	direct := s.directly(&p, series)
	for _, l := range c.Lines {
		direct = direct && reaches(p, l.X, l.Median)
	}
	called := cmp.Or(c.Called, "target")
	s.margin(&p, direct, series, c.Target, called)
	a := s.frame(p)
	s.curves(a, c.Lines, direct, s.reference(a, c.Target, called)...)
	if !direct {
		s.legend(series)
	}
	s.foot(append(c.notes(s, p), c.Notes...)...)
	return nil
}

// curves draws bands below lines, and names.
func (s *sheet) curves(a *axes, lines []Curve, direct bool, tags ...tag) {
	for _, l := range lines {
		s.band(a, l)
	}
	for _, l := range lines {
		drawn, _ := a.lines(l.X, l.Median)
		if end, is := s.polyline(a, l.Series, drawn); is && direct {
			tags = append(tags, tagOf(l.Series, end))
		}
	}
	s.nameLines(a, tags)
}

// reaches says whether a line ends near the right edge, so that its name may stand beside it.
func reaches(p plot, x, y []float64) bool {
	end := math.Inf(-1)
	for i := range x {
		if at, can := p.ys.at(y[i]); can && at <= 1 {
			if part, is := p.xs.at(x[i]); is {
				end = max(end, part)
			}
		}
	}
	return end >= 0.85
}

// polyline draws lines of a series, thinned and within the axes, and says where the last ends there. A point alone is a dot.
func (s *sheet) polyline(a *axes, of Series, lines [][]vg.Point) (end vg.Point, is bool) {
	var raw, thin [][]vg.Point
	var alone []vg.Point
	for _, line := range lines {
		if len(line) == 1 {
			alone = append(alone, line[0])
			continue
		}
		calm, restless := calmed(line, s.text())
		if restless {
			raw = append(raw, thinned(line, s.column()))
		}
		thin = append(thin, thinned(calm, s.column()))
	}
	if within := clipLines(a.box, raw); len(within) > 0 {
		s.add(mark{series: of.Name, ink: of.ink(), opacity: 0.3, width: 0.5 * s.line(), lines: within})
		s.restless = true
	}
	if within := clipLines(a.box, thin); len(within) > 0 {
		s.add(mark{series: of.Name, ink: of.ink(), width: s.line(), dash: of.Look.Dash(), lines: within})
		last := within[len(within)-1]
		end, is = last[len(last)-1], true
	}
	alone = slices.DeleteFunc(alone, func(p vg.Point) bool { return !inside(a.box, p) })
	if len(alone) > 0 {
		s.add(mark{series: of.Name, ink: of.ink(), dots: alone, radius: s.line()})
		if last := alone[len(alone)-1]; !is || last.X > end.X {
			end, is = last, true
		}
	}
	return end, is
}

func inside(box vg.Rectangle, p vg.Point) bool {
	const e = 1e-6
	return p.X >= box.Min.X-e && p.X <= box.Max.X+e && p.Y >= box.Min.Y-e && p.Y <= box.Max.Y+e
}

// band fills between the quantiles. Where the upper one is infinite it reaches to the upper edge, for its runs are beyond
// it; where the lower one is not positive on a logarithmic axis, to the lower edge.
func (s *sheet) band(a *axes, l Curve) {
	if slices.Equal(l.Low, l.High) {
		return // of one run
	}
	var areas [][]vg.Point
	var low, high []vg.Point
	flush := func() {
		if len(low) > 1 {
			low, high := thinned(low, s.column()), thinned(high, s.column())
			slices.Reverse(high)
			areas = append(areas, append(low, high...))
		}
		low, high = nil, nil
	}
	for i := range l.Low {
		down, up := l.Low[i], l.High[i]
		if math.IsInf(up, 1) {
			up = a.y.value(1.2)
		}
		if a.y.log && down <= 0 {
			down = a.y.value(-0.2)
		}
		d, is := a.place(l.X[i], down)
		u, can := a.place(l.X[i], up)
		if !is || !can {
			flush()
			continue
		}
		low, high = append(low, d), append(high, u)
	}
	flush()
	if within := clipAreas(a.box, areas); len(within) > 0 {
		s.add(mark{series: l.Name, ink: l.ink(), opacity: 0.16, areas: within})
	}
}

// extent is the range of y: all that is drawn, but bounded above where some lines blow up, so that the others can be seen.
// It always holds where the lines begin and the summit of every second one, and as much again (a hundred times as much on a
// logarithmic axis).
func (c Curves) extent() scale {
	var values [][]float64
	var summits []float64
	start, least := math.Inf(-1), math.Inf(1)
	probe := scale{1, 10, c.Y.Log}
	for _, l := range c.Lines {
		values = append(values, l.Median, l.Low, l.High)
		summit := math.Inf(-1)
		for _, v := range l.Median {
			if _, can := probe.at(v); can {
				if math.IsInf(summit, -1) {
					start = max(start, v)
				}
				summit, least = max(summit, v), min(least, v)
			}
		}
		if !math.IsInf(summit, -1) {
			summits = append(summits, summit)
		}
	}
	if c.Target != 0 {
		values = append(values, []float64{c.Target})
	}
	s := scaled(c.Y.Log, 0.04, values...)
	if len(summits) == 0 {
		return s
	}
	slices.Sort(summits)
	most := max(start, summits[(len(summits)-1)/2])
	limit := most + (most - least)
	if c.Y.Log {
		limit = 100 * most
	}
	if limit > least && s.high > limit {
		s.low, s.high = scale{scaled(c.Y.Log, 0, values...).low, limit, c.Y.Log}.value(-0.04), limit
	}
	return s
}

// notes say what the bands are, which runs are not in a median, and what is not drawn.
func (c Curves) notes(s *sheet, p plot) []string {
	note := ""
	if c.Band != "" {
		note = "Lines: medians; bands: " + c.Band + "."
	}
	if s.restless {
		note += " Thin lines: every point; bold: medians over neighbouring points."
	}
	var left, missing, beyond []string
	for _, l := range c.Lines {
		name := plain(l.Name, nameLength)
		if l.Left > 0 {
			left = append(left, fmt.Sprintf("%s %d of %d", name, l.Left, l.Runs))
		}
		gaps, most := 0, math.Inf(-1)
		for i, v := range l.Median {
			_, canX := p.xs.at(l.X[i])
			if _, can := p.ys.at(v); !can || !canX {
				gaps++
			} else if v > p.ys.high*(1+1e-12) {
				most = max(most, v)
			}
		}
		if gaps > 0 {
			missing = append(missing, fmt.Sprintf("%s %d of %d", name, gaps, len(l.Median)))
		}
		if !math.IsInf(most, -1) {
			beyond = append(beyond, fmt.Sprintf("%s (to %s)", name, brief(most)))
		}
	}
	why := "not finite"
	if c.Y.Log || c.X.Log {
		why = "not finite or not positive"
	}
	return []string{strings.TrimSpace(note), listing("Runs not in the median: ", left), listing("Points not drawn, "+why+": ", missing),
		listing("Beyond the axis: ", beyond)}
}
