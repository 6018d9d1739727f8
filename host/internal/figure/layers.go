package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

// Layers are the gradient norms of a model's layers against step, as a heat map: a row for each layer, the first uppermost.
type Layers struct {
	Title string
	X     Axis
	Label string // the quantity, with its unit if it has one
	Names []string
	Steps []float64   // ascending
	Norms [][]float64 // of each layer at each step
	// Low and High bound the colours, the same in all figures that are to be compared; both 0: the values' range.
	Low, High float64
	Notes     []string
}

// viridis are nine of the 256 colours of the map by Smith and van der Walt (2015): even in lightness, for the colour-blind
// too.
var viridis = []color.NRGBA{
	{0x44, 0x01, 0x54, 0xff}, {0x47, 0x2d, 0x7b, 0xff}, {0x3b, 0x52, 0x8b, 0xff}, {0x2c, 0x72, 0x8e, 0xff},
	{0x21, 0x91, 0x8c, 0xff}, {0x28, 0xae, 0x80, 0xff}, {0x5e, 0xc9, 0x62, 0xff}, {0xad, 0xdc, 0x30, 0xff}, {0xfd, 0xe7, 0x25, 0xff},
}

const shades = 32

// shade is the ink of a part of a range, one of [shades].
func shade(part float64) ink {
	i := min(max(int(part*shades), 0), shades-1)
	at := float64(i) / (shades - 1) * float64(len(viridis)-1)
	low := min(int(at), len(viridis)-2)
	mix := func(a, b uint8) uint8 {
		return uint8(math.Round(float64(a) + (at-float64(low))*(float64(b)-float64(a))))
	}
	a, b := viridis[low], viridis[low+1]
	return ink{fmt.Sprintf("v%d", i), color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}}
}

func (f Layers) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	f.X, _ = d.axes(f.X, Axis{})
	return f
}

func (f Layers) compose(s *sheet) error {
	if len(f.Names) != len(f.Norms) {
		return fmt.Errorf("%d layers are named, but there are norms of %d", len(f.Names), len(f.Norms))
	}
	for i, norms := range f.Norms {
		if len(norms) != len(f.Steps) {
			return fmt.Errorf("layer %q has %d norms at %d steps", f.Names[i], len(norms), len(f.Steps))
		}
	}
	em := s.text()
	row := max(min(1.7*em, 0.7*s.size.Width/float64(max(len(f.Names), 1))), 0.25*em)
	stride := int(math.Ceil(1.15 * em / row))
	names := make([]string, len(f.Names))
	for i, name := range f.Names {
		if at := len(names) - 1 - i; i%stride == 0 {
			names[at] = fitted(plain(name, nameLength), em, 0.3*s.size.Width, false)
		}
	}
	colors := scaled(true, 0, f.Norms...)
	if f.Low != 0 || f.High != 0 {
		colors.low, colors.high = f.Low, f.High
	}
	p := plot{title: f.Title, x: f.X, xs: scaled(f.X.Log, 0, f.Steps),
		ys: scale{-0.5, float64(len(f.Names)) - 0.5, false}, yNames: names,
		ratio: row * float64(max(len(f.Names), 1)) / s.size.Width, right: 0.8 * em, above: 2.6 * em, noGrid: true}
	a := s.frame(p)
	f.key(s, a, colors)
	columns := max(1, int((a.right()-a.left())/(0.3*em)))
	missing := 0
	for i, norms := range f.Norms {
		missing += f.cells(s, a, colors, i, norms, columns)
	}
	note := ""
	if len(f.Steps) > columns {
		note = "Each cell is the median of its points."
	}
	absent := ""
	if missing > 0 {
		absent = fmt.Sprintf("Blank or left out, not finite or not positive: %d of %d points.", missing, len(f.Names)*len(f.Steps))
	}
	s.foot(append([]string{note, absent}, f.Notes...)...)
	return nil
}

// cells draws the row of a layer, and says how many of its values have no colour. Neighbours of one colour are one cell.
func (f Layers) cells(s *sheet, a *axes, colors scale, layer int, norms []float64, columns int) (missing int) {
	values := make([][]float64, columns)
	owner := func(i int) int {
		part, _ := a.x.at(f.Steps[i])
		return min(max(int(part*float64(columns)), 0), columns-1)
	}
	for i, v := range norms {
		if _, can := colors.at(v); !can {
			missing++
			continue
		}
		c := owner(i)
		values[c] = append(values[c], v)
	}
	filled := make([]float64, columns) // where there are fewer points than columns each holds to the next
	for c := range filled {
		filled[c] = math.NaN()
	}
	for i := range norms {
		to := columns
		if i+1 < len(norms) {
			to = owner(i + 1)
		}
		from := owner(i)
		for c := from; c < max(to, from+1); c++ {
			filled[c] = math.NaN()
			if of := values[from]; len(of) > 0 {
				slices.Sort(of)
				filled[c] = of[len(of)/2]
			}
		}
	}
	y := float64(len(f.Names) - 1 - layer)
	low, _ := a.place(a.x.low, y-0.47)
	high, _ := a.place(a.x.low, y+0.47)
	width := (a.right() - a.left()) / float64(columns)
	for c := 0; c < columns; {
		part, can := colors.at(filled[c])
		end := c + 1
		for ; end < columns; end++ {
			next, also := colors.at(filled[end])
			if also != can || can && shade(next) != shade(part) {
				break
			}
		}
		if can {
			x0, x1 := a.left()+float64(c)*width, a.left()+float64(end)*width
			if end < columns && !math.IsNaN(filled[end]) {
				x1 += 0.5 * width // below its neighbour, so that no seam shows
			}
			s.add(mark{series: f.Names[layer], ink: shade(part),
				areas: [][]vg.Point{rectangle(x0, float64(low.Y), x1, float64(high.Y))}})
		}
		c = end
	}
	return missing
}

func rectangle(x0, y0, x1, y1 float64) []vg.Point {
	return []vg.Point{point(x0, y0), point(x1, y0), point(x1, y1), point(x0, y1)}
}

// key draws the scale of colours above the axes.
func (f Layers) key(s *sheet, a *axes, colors scale) {
	em := s.text()
	left, width, bottom := a.left(), min(0.45*s.size.Width, a.right()-a.left()), a.top()+1.9*em
	name := plain(f.Label, 60)
	for i := range shades {
		x0, x1 := left+width*float64(i)/shades, left+width // each below the next, so that no seams show
		s.add(mark{ink: shade((float64(i) + 0.5) / shades), areas: [][]vg.Point{rectangle(x0, bottom, x1, bottom+0.6*em)}})
	}
	edge := math.Inf(-1)
	for _, t := range logTicks(colors.low, colors.high, 4) {
		part, can := colors.at(t.value)
		if t.text == "" || !can {
			continue
		}
		x := left + part*width
		l := label{at: point(x, bottom-1.1*em), size: em, text: t.text, power: t.power, anchor: 0.5}
		if x-l.width()/2 > edge {
			s.add(mark{ink: quiet, width: 0.07 * em, lines: [][]vg.Point{{point(x, bottom), point(x, bottom-0.2*em)}}})
			s.add(mark{ink: quiet, text: &l})
			edge = x + l.width()/2 + 0.4*em
		}
	}
	s.write(left+width+0.6*em, bottom, fitted(name, em, s.size.Width-left-width-0.6*em, false), 0, text)
}
