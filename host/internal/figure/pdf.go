package figure

import (
	"bytes"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/vg"
)

// writePDF draws a scene as a page of a PDF with those letters embedded that it needs. It does not use gonum's canvas for
// PDF, which knows only the letters of Windows 1252 and writes the time.
func writePDF(b *bytes.Buffer, s *scene) error {
	scale := 1.0
	if s.size.Unit == "px" {
		scale = 0.75
	}
	doc := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: s.size.Width * scale, Ht: s.height * scale}})
	doc.SetCatalogSort(true)
	doc.SetCreationDate(time.Unix(0, 0).UTC())
	doc.SetModificationDate(time.Unix(0, 0).UTC())
	doc.SetProducer("Steepest", true)
	doc.SetTitle(drawable(s.title), true)
	doc.SetMargins(0, 0, 0)
	doc.SetAutoPageBreak(false, 0)
	doc.AddUTF8FontFromBytes(family, "", liberationsansregular.TTF)
	doc.AddUTF8FontFromBytes(family, "B", liberationsansbold.TTF)
	doc.AddPage()
	doc.SetLineJoinStyle("round")
	doc.SetLineCapStyle("butt")
	page := pdfPage{doc, scale}
	for _, m := range s.marks {
		page.draw(m)
	}
	return doc.Output(b)
}

type pdfPage struct {
	doc   *fpdf.Fpdf
	scale float64
}

func (p pdfPage) at(of vg.Point) (x, y float64) {
	return p.scale * float64(of.X), -p.scale * float64(of.Y)
}

func (p pdfPage) draw(m mark) {
	c := m.ink.color
	p.doc.SetFillColor(int(c.R), int(c.G), int(c.B))
	p.doc.SetDrawColor(int(c.R), int(c.G), int(c.B))
	p.doc.SetTextColor(int(c.R), int(c.G), int(c.B))
	p.doc.SetLineWidth(p.scale * m.width)
	alpha := 1.0
	if m.opacity != 0 {
		alpha = m.opacity
	}
	p.doc.SetAlpha(alpha, "Normal")
	dash := make([]float64, len(m.dash))
	for i, d := range m.dash {
		dash[i] = d * m.width * p.scale
	}
	p.doc.SetDashPattern(dash, 0)
	switch {
	case m.text != nil:
		p.text(*m.text)
	case m.areas != nil:
		p.path(m.areas, "F")
	case m.dots != nil:
		for _, dot := range m.dots {
			x, y := p.at(dot)
			p.doc.Circle(x, y, p.scale*m.radius, map[bool]string{false: "F", true: "D"}[m.hollow()])
		}
	case m.lines != nil:
		p.path(m.lines, "D")
	}
}

func (p pdfPage) path(lines [][]vg.Point, style string) {
	for _, line := range lines {
		for i, of := range line {
			if x, y := p.at(of); i == 0 {
				p.doc.MoveTo(x, y)
			} else {
				p.doc.LineTo(x, y)
			}
		}
		if style == "F" {
			p.doc.ClosePath()
		}
		p.doc.DrawPath(style)
	}
}

func (p pdfPage) text(l label) {
	l.text = drawable(l.text)
	style := ""
	if l.bold {
		style = "B"
	}
	x, y := p.at(l.at)
	p.doc.TransformBegin()
	if l.upward {
		p.doc.TransformRotate(90, x, y)
	}
	p.doc.SetFont(family, style, p.scale*l.size)
	x -= l.anchor * l.width() * p.scale
	p.doc.Text(x, y, l.text)
	if l.power != "" {
		f := face(l.bold, l.size)
		w := float64(f.Width(l.text))
		p.doc.SetFont(family, style, p.scale*l.size*powerSize)
		p.doc.Text(x+w*p.scale, y-0.38*l.size*p.scale, l.power)
	}
	p.doc.TransformEnd()
}
