package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// Grid are values in cells of a plane, the larger the lighter, on a logarithmic scale: a histogram of two things. A cell that is empty is blank.
type Grid struct {
	Title         string
	X, Y          Axis
	Width, Height [2]float64  // from, to: the ends of the axes
	Cells         [][]float64 // rows, the lowest first
	Label         string      // the quantity, with its unit if it has one
	Notes         []string
}

func (f Grid) dressed(d Dress) Figure {
	f.Title = d.title(f.Title)
	return f
}

func (f Grid) compose(s *sheet) error {
	for i, row := range f.Cells {
		if len(row) != len(f.Cells[0]) {
			return fmt.Errorf("row %d has %d cells, the first %d", i, len(row), len(f.Cells[0]))
		}
	}
	em := s.text()
	colors := scaled(true, 0, f.Cells...)
	a := s.frame(plot{title: f.Title, x: f.X, y: f.Y, xs: scaled(false, 0, f.Width[:]), ys: scaled(false, 0, f.Height[:]), ratio: 0.58, right: 0.8 * em,
		above: 2.6 * em, noGrid: true})
	Layers{Label: f.Label}.key(s, a, colors)
	areas := map[int][][]vg.Point{}
	size := a.box.Size()
	for i, row := range f.Cells {
		y0, y1 := a.bottom()+float64(size.Y)*float64(i)/float64(len(f.Cells)), a.bottom()+float64(size.Y)*float64(i+1)/float64(len(f.Cells))
		for j := 0; j < len(row); {
			at, can := f.shade(colors, row[j])
			end := j + 1
			for ; end < len(row); end++ {
				if next, also := f.shade(colors, row[end]); next != at || also != can {
					break
				}
			}
			if can {
				x0, x1 := a.left()+float64(size.X)*float64(j)/float64(len(row)), a.left()+float64(size.X)*float64(end)/float64(len(row))
				areas[at] = append(areas[at], rectangle(x0, y0, x1, y1))
			}
			j = end
		}
	}
	for at := range shades {
		if areas[at] != nil {
			s.add(mark{series: f.Label, ink: shade((float64(at) + 0.5) / shades), areas: areas[at]})
		}
	}
	s.foot(f.Notes...)
	return nil
}

// shade is the place of a value among the shades, and whether it has one.
func (f Grid) shade(colors scale, x float64) (at int, can bool) {
	part, can := colors.at(x)
	return min(max(int(part*shades), 0), shades-1), can
}
