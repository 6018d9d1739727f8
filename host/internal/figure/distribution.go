package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Distribution are the values of all runs, a dot for each seed, with median and interval: a row for each optimizer.
type Distribution struct {
	Title    string
	X        Axis
	Rows     []Spread
	Interval string // what the intervals are: "93.75 % of the median"
	Notes    []string
}

// Spread is one row of [Distribution].
type Spread struct {
	Series
	Values            []float64 // of the runs; those of diverged ones are infinite or NaN
	Median, Low, High float64   // over all runs; infinite or NaN where it has none
}

func (f Distribution) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, _ = d.axes(f.X, Axis{})
	return f
}

func (f Distribution) compose(s *sheet) error {
	em := s.text()
	var values [][]float64
	names := []string{}
	right := 0.8 * em
	for i := range f.Rows {
		r := f.Rows[len(f.Rows)-1-i]
		values = append(values, r.Values, []float64{r.Median, r.Low, r.High})
		names = append(names, fitted(plain(r.Name, nameLength), em, 0.3*s.size.Width, false))
		if n := f.absent(r); n > 0 {
			right = max(right, textWidth(beside(n), em, false)+1.2*em)
		}
	}
	row := 2.4 * em
	p := plot{title: f.Title, x: f.X, xs: scaled(f.X.Log, 0.04, values...), ys: scale{-0.5, float64(len(f.Rows)) - 0.5, false},
		yNames: names, ratio: row * float64(max(len(f.Rows), 1)) / s.size.Width, right: right}
	a := s.frame(p)
	for i, r := range f.Rows {
		f.row(s, a, r, float64(len(f.Rows)-1-i), row)
	}
	note := "Dots: runs; long bars: medians."
	if f.Interval != "" {
		note = "Dots: runs; long bars: medians; lines: " + f.Interval + "."
	}
	s.foot(append([]string{note}, f.Notes...)...)
	return nil
}

// absent is how many runs have no place on the axis.
func (f Distribution) absent(r Spread) (n int) {
	for _, v := range r.Values {
		if _, can := (scale{1, 10, f.X.Log}).at(v); !can {
			n++
		}
	}
	return n
}

func beside(n int) string { return fmt.Sprintf("+%d not finite", n) }

func (f Distribution) row(s *sheet, a *axes, r Spread, at, height float64) {
	em := s.text()
	var xs []float64
	for _, v := range r.Values {
		if p, can := a.place(v, at); can {
			xs = append(xs, float64(p.X))
		}
	}
	middle, _ := a.place(a.x.low, at)
	y := float64(middle.Y)
	radius := 0.24 * em
	var dots []vg.Point
	slices.Sort(xs)
	for i, offset := range swarm(xs, 2.05*radius, 0.42*height) {
		dots = append(dots, point(xs[i], y+offset))
	}
	if dots != nil {
		s.add(mark{series: r.Name, ink: r.ink(), opacity: 0.5, dots: dots, radius: radius})
	}
	if n := f.absent(r); n > 0 {
		s.add(mark{series: r.Name, ink: quiet, text: &label{at: point(a.right()+0.6*em, y-0.35*em), size: em, text: beside(n)}})
	}
	median, can := a.place(r.Median, at)
	if !can {
		return
	}
	low, isLow := a.place(r.Low, at)
	high, isHigh := a.place(r.High, at)
	if math.IsInf(r.High, 1) {
		high, isHigh = point(a.right(), y), true
	}
	if isLow && isHigh {
		s.add(mark{series: r.Name, ink: r.ink(), width: 1.3 * s.line(), lines: [][]vg.Point{{low, high}}})
	}
	x := float64(median.X)
	s.add(mark{series: r.Name, ink: r.ink(), width: 2.2 * s.line(),
		lines: [][]vg.Point{{point(x, y-0.36*height), point(x, y+0.36*height)}}})
}

// swarm are the heights of dots of a diameter at ascending places, such that none lies over another: each as near to 0 as
// can be, above before below. Where there is no room within the limit they lie over others at 0.
func swarm(xs []float64, diameter, limit float64) []float64 {
	ys := make([]float64, len(xs))
	free := func(i int, y float64) bool {
		for j := i - 1; j >= 0 && xs[i]-xs[j] < diameter; j-- {
			if math.Hypot(xs[i]-xs[j], y-ys[j]) < diameter*(1-1e-9) {
				return false
			}
		}
		return true
	}
	for i := range xs {
		candidates := []float64{0}
		for j := i - 1; j >= 0 && xs[i]-xs[j] < diameter; j-- {
			d := math.Sqrt(diameter*diameter - (xs[i]-xs[j])*(xs[i]-xs[j]))
			candidates = append(candidates, ys[j]+d, ys[j]-d)
		}
		slices.SortStableFunc(candidates, func(a, b float64) int {
			switch d := math.Abs(a) - math.Abs(b); {
			case d < -1e-9:
				return -1
			case d > 1e-9:
				return 1
			}
			return 0
		})
		for _, y := range candidates {
			if math.Abs(y) <= limit && free(i, y) {
				ys[i] = y
				break
			}
		}
	}
	return ys
}
