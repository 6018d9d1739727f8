package figure

import (
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// dotsPerInch is the resolution of PNGs in print; on a screen each pixel of CSS is two by two.
const dotsPerInch = 300

// writePNG draws a scene as pixels.
func writePNG(w io.Writer, s *scene) error {
	dpi := dotsPerInch
	if s.size.Unit == "px" {
		dpi = 144
	}
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(vg.Length(s.size.Width), vg.Length(s.height)), vgimg.UseDPI(dpi))}
	c.Translate(point(0, s.height))
	for _, m := range s.marks {
		paint(c, m)
	}
	_, err := c.WriteTo(w)
	return err
}

// paint draws a mark on a canvas of gonum's.
func paint(c vg.Canvas, m mark) {
	clr := m.ink.color
	if m.opacity != 0 {
		clr.A = uint8(math.Round(255 * m.opacity))
	}
	c.SetColor(clr)
	c.SetLineWidth(vg.Length(m.width))
	var dash []vg.Length
	for _, d := range m.dash {
		dash = append(dash, vg.Length(d*m.width))
	}
	c.SetLineDash(dash, 0)
	switch {
	case m.text != nil:
		paintText(c, *m.text)
	case m.areas != nil:
		for _, area := range m.areas {
			c.Fill(append(pathOf(area), vg.PathComp{Type: vg.CloseComp}))
		}
	case m.dots != nil:
		for _, p := range m.dots {
			var path vg.Path
			path.Move(vg.Point{X: p.X + vg.Length(m.radius), Y: p.Y})
			path.Arc(p, vg.Length(m.radius), 0, 2*math.Pi)
			path.Close()
			if m.hollow() {
				c.Stroke(path)
			} else {
				c.Fill(path)
			}
		}
	case m.lines != nil:
		for _, line := range m.lines {
			c.Stroke(pathOf(line))
		}
	}
	c.SetColor(color.Black)
}

func (m mark) hollow() bool { return m.dots != nil && m.width > 0 }

func pathOf(line []vg.Point) (path vg.Path) {
	for i, p := range line {
		if i == 0 {
			path.Move(p)
		} else {
			path.Line(p)
		}
	}
	return path
}

func paintText(c vg.Canvas, l label) {
	l.text = drawable(l.text)
	c.Push()
	defer c.Pop()
	c.Translate(l.at)
	if l.upward {
		c.Rotate(math.Pi / 2)
	}
	x := vg.Length(-l.anchor * l.width())
	f := face(l.bold, l.size)
	c.FillString(f, vg.Point{X: x}, l.text)
	if l.power != "" {
		c.FillString(face(l.bold, powerSize*l.size), vg.Point{X: x + f.Width(l.text), Y: vg.Length(0.38 * l.size)}, l.power)
	}
}
