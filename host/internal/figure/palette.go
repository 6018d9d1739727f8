package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"
)

// Look is the colour and the dash of an optimizer, the same in all figures and tables of an experiment: that of its place
// there.
type Look struct {
	Place int // 0 is the first; its colour repeats after [Colors], with other dashes
	Tone  int // 0 is the full colour; up to 7, the paler
}

// Colors is how many colours there are.
const Colors = 8

const tones = 7

// Number is the colour as a number: below [Colors] those of the palette, then their shades, paler and paler.
func (l Look) Number() int { return l.Place%Colors + Colors*l.Tone }

// light are Okabe and Ito's colours ("Color Universal Design", 2008), with a wine for their yellow, which would vanish on
// paper; all but blue are darkened until they contrast with white at 3 to 1 (WCAG 2.2, 1.4.11), and told apart without green
// (their test).
var light = [Colors]color.NRGBA{
	{0x00, 0x72, 0xb2, 0xff}, // blue
	{0xc2, 0x3b, 0x00, 0xff}, // vermillion
	{0x00, 0x8a, 0x64, 0xff}, // bluish green
	{0xb8, 0x4f, 0x8c, 0xff}, // reddish purple
	{0xc4, 0x8a, 0x00, 0xff}, // orange
	{0x2f, 0x94, 0xc9, 0xff}, // sky blue
	{0x9a, 0x1f, 0x60, 0xff}, // wine
	{0x1c, 0x1c, 0x1c, 0xff}, // black
}

// dark are the same hues on a dark page.
var dark = [Colors]color.NRGBA{
	{0x4a, 0xa8, 0xe8, 0xff}, {0xff, 0x7f, 0x40, 0xff}, {0x2f, 0xc4, 0x9a, 0xff}, {0xe6, 0xa0, 0xc8, 0xff},
	{0xf0, 0xc0, 0x48, 0xff}, {0x8f, 0xd0, 0xf2, 0xff}, {0xd0, 0x60, 0x9a, 0xff}, {0xf2, 0xf2, 0xf2, 0xff},
}

// dashes are lengths of line and gap, in widths of the line.
var dashes = [][]float64{nil, {6, 2}, {2, 1.6}, {7, 2, 1.6, 2}, {10, 3}, {4, 1.5, 1.5, 1.5, 1.5, 1.5}, {3, 3}, {12, 2, 3, 2}}

// Toned is the look of the value at a place (from 0) among so many values of a sweep: the last has the full colour, the
// first is the palest.
func (l Look) Toned(place, values int) Look {
	if values > 1 {
		l.Tone = int(math.Round(tones * float64(values-1-place) / float64(values-1)))
	}
	return l
}

// Color is the colour on white.
func (l Look) Color() color.NRGBA { return l.mixed(light, color.NRGBA{0xff, 0xff, 0xff, 0xff}) }

// Dark is the colour on a dark page.
func (l Look) Dark() color.NRGBA { return l.mixed(dark, paperDark) }

func (l Look) mixed(of [Colors]color.NRGBA, paper color.NRGBA) color.NRGBA {
	c, t := of[l.Place%Colors], 0.55*float64(l.Tone)/tones
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + t*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(c.R, paper.R), mix(c.G, paper.G), mix(c.B, paper.B), 0xff}
}

// Dash are the lengths of lines and gaps in turn, in widths of the line; none for an unbroken line.
func (l Look) Dash() []float64 { return dashes[(l.Place+l.Place/Colors)%len(dashes)] }

// Class is the CSS class of what has this colour in an SVG; the rules of [CSS] are for it.
func (l Look) Class() string {
	if l.Tone == 0 {
		return fmt.Sprintf("c%d", l.Place%Colors)
	}
	return fmt.Sprintf("c%dt%d", l.Place%Colors, l.Tone)
}

// Hex writes a colour as CSS does.
func Hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Inks of what is no series.
var (
	text      = ink{"ink", color.NRGBA{0x1f, 0x23, 0x28, 0xff}}
	quiet     = ink{"quiet", color.NRGBA{0x59, 0x5f, 0x66, 0xff}}
	grid      = ink{"grid", color.NRGBA{0xe4, 0xe6, 0xe9, 0xff}}
	paper     = ink{"paper", color.NRGBA{0xff, 0xff, 0xff, 0xff}}
	paperDark = color.NRGBA{0x16, 0x1a, 0x1f, 0xff}
)

// CSS is the style sheet that shows the figures of a dark page in colours of their own. Every rule begins with the selector,
// such as ".figure" or "[data-theme=dark] .figure". All colours of an SVG are attributes named color, which any rule
// overrides.
func CSS(selector string) string {
	var b strings.Builder
	rule := func(class string, c color.NRGBA) { fmt.Fprintf(&b, "%s .%s{color:%s}\n", selector, class, Hex(c)) }
	rule("ink", color.NRGBA{0xe6, 0xe8, 0xeb, 0xff})
	rule("quiet", color.NRGBA{0xa3, 0xaa, 0xb2, 0xff})
	rule("grid", color.NRGBA{0x2c, 0x32, 0x39, 0xff})
	rule("paper", paperDark)
	for place := range Colors {
		for tone := range tones + 1 {
			l := Look{Place: place, Tone: tone}
			rule(l.Class(), l.Dark())
		}
	}
	return b.String()
}
