package figure

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// writeSVG writes a scene as SVG 1.1. Each mark has its colour in the attribute color and the class of its ink, so that a
// style sheet can change it (see [CSS]); what belongs to a series carries data-series, samples of a legend data-legend. The
// group data-frame has the box of the axes (left, top, right, bottom) and data-x, data-y the ranges ("log" or "linear", low,
// high), so that a script can turn a pointer's place into values.
func writeSVG(b *bytes.Buffer, s *scene, o Options) error {
	width, height := number(s.size.Width), number(s.height)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" aria-label="%s" width="%s%s" height="%s%s" `+
		`viewBox="0 0 %s %s" font-family="'%s', Arimo, Helvetica, Arial, sans-serif">`+"\n",
		escaped(strings.TrimSpace(s.title+" "+s.detail)), width, s.size.Unit, height, s.size.Unit, width, height, family)
	if o.Embed {
		for i, bold := range []bool{false, true} {
			if used := s.letters(bold); len(used) > 0 {
				font, err := subset(i, used)
				if err != nil {
					return err
				}
				fmt.Fprintf(b, `<style>@font-face{font-family:"%s";font-weight:%d;src:url(data:font/ttf;base64,%s)}</style>`+"\n",
					family, 400+300*i, base64.StdEncoding.EncodeToString(font))
			}
		}
	}
	if a := s.axes; a != nil {
		fmt.Fprintf(b, `<g data-frame="%s %s %s %s" data-x="%s" data-y="%s">`,
			number(a.left()), number(-a.top()), number(a.right()), number(-a.bottom()), a.x, a.y)
	} else {
		b.WriteString("<g>")
	}
	fmt.Fprintf(b, `<rect class="paper" color="%s" fill="currentColor" width="%s" height="%s"/>`+"\n", Hex(paper.color), width, height)
	for _, m := range s.marks {
		s.svgMark(b, m)
	}
	b.WriteString("</g>\n</svg>\n")
	return nil
}

func (s scale) String() string {
	kind := "linear"
	if s.log {
		kind = "log"
	}
	return kind + " " + strconv.FormatFloat(s.low, 'g', 9, 64) + " " + strconv.FormatFloat(s.high, 'g', 9, 64)
}

func (s *scene) svgMark(b *bytes.Buffer, m mark) {
	attributes := fmt.Sprintf(`class="%s" color="%s"`, m.ink.class, Hex(m.ink.color))
	if m.series != "" {
		attributes += fmt.Sprintf(` data-series="%s"`, escaped(m.series))
	}
	if m.legend != "" {
		attributes += fmt.Sprintf(` data-legend="%s"`, escaped(m.legend))
	}
	if m.opacity != 0 {
		attributes += ` opacity="` + number(m.opacity) + `"`
	}
	switch {
	case m.text != nil:
		s.svgText(b, attributes, *m.text)
	case m.areas != nil:
		fmt.Fprintf(b, `<path %s fill="currentColor" d="%s"/>`+"\n", attributes, svgPath(m.areas, true))
	case m.dots != nil:
		var path strings.Builder
		for _, p := range m.dots { // two half circles
			r, d := number(m.radius), number(2*m.radius)
			fmt.Fprintf(&path, "M%s %sa%s %s 0 1 0 %s 0a%s %s 0 1 0 -%s 0z",
				number(float64(p.X)-m.radius), number(-float64(p.Y)), r, r, d, r, r, d)
		}
		paint := `fill="currentColor"`
		if m.hollow() {
			paint = `fill="none" stroke="currentColor" stroke-width="` + number(m.width) + `"`
		}
		fmt.Fprintf(b, `<path %s %s d="%s"/>`+"\n", attributes, paint, path.String())
	case m.lines != nil:
		if m.dash != nil {
			var lengths []string
			for _, d := range m.dash {
				lengths = append(lengths, number(d*m.width))
			}
			attributes += ` stroke-dasharray="` + strings.Join(lengths, " ") + `"`
		}
		fmt.Fprintf(b, `<path %s fill="none" stroke="currentColor" stroke-width="%s" stroke-linejoin="round" d="%s"/>`+"\n",
			attributes, number(m.width), svgPath(m.lines, false))
	}
}

func (s *scene) svgText(b *bytes.Buffer, attributes string, l label) {
	x, y := float64(l.at.X), -float64(l.at.Y)
	if l.bold {
		attributes += ` font-weight="700"`
	}
	if l.anchor != 0 {
		attributes += ` text-anchor="` + map[float64]string{0.5: "middle", 1: "end"}[l.anchor] + `"`
	}
	if l.upward {
		attributes += fmt.Sprintf(` transform="rotate(-90 %s %s)"`, number(x), number(y))
	}
	fmt.Fprintf(b, `<text %s fill="currentColor" font-size="%s" x="%s" y="%s">%s`,
		attributes, number(l.size), number(x), number(y), escaped(l.text))
	if l.power != "" {
		fmt.Fprintf(b, `<tspan font-size="%s" dy="-%s">%s</tspan>`,
			number(powerSize*l.size), number(0.38*l.size), escaped(l.power))
	}
	b.WriteString("</text>\n")
}

// svgPath writes lines as a path of short steps, to a tenth of a unit.
func svgPath(lines [][]vg.Point, closed bool) string {
	var b strings.Builder
	for _, line := range lines {
		var at [2]int
		for i, p := range line {
			to := [2]int{int(math.Round(10 * float64(p.X))), int(math.Round(-10 * float64(p.Y)))}
			if i > 1 && to == at {
				continue
			}
			b.WriteString([]string{"M", "l", " "}[min(i, 2)])
			b.WriteString(tenths(to[0] - at[0]))
			b.WriteByte(' ')
			b.WriteString(tenths(to[1] - at[1]))
			at = to
		}
		if closed {
			b.WriteByte('Z')
		}
	}
	return b.String()
}

func tenths(v int) string { return strconv.FormatFloat(float64(v)/10, 'f', -1, 64) }

// letters are those that the text of a scene needs.
func (s *scene) letters(bold bool) []rune {
	var letters []rune
	for _, m := range s.marks {
		if m.text != nil && m.text.bold == bold {
			letters = append(letters, []rune(m.text.text+m.text.power)...)
		}
	}
	return letters
}

// number is a length to a hundredth.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100+0, 'f', -1, 64)
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(strings.ToValidUTF8(s, "�"))) // a buffer takes everything
	return b.String()
}
