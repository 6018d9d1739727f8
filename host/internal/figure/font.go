package figure

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/bidi"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

const family = "Liberation Sans"

// faces are Liberation Sans, regular and bold: as wide as Helvetica and Arial, so that text fits without it too.
var faces = sync.OnceValue(func() [2]font.Face {
	face := func(ttf []byte, weight stdfont.Weight) font.Face {
		parsed, err := opentype.Parse(ttf)
		if err != nil {
			panic(err) // the font is compiled in
		}
		return font.Face{Face: parsed, Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}}
	}
	return [2]font.Face{face(liberationsansregular.TTF, stdfont.WeightNormal), face(liberationsansbold.TTF, stdfont.WeightBold)}
})

func face(bold bool, size float64) font.Face {
	f := faces()[0]
	if bold {
		f = faces()[1]
	}
	f.Font.Size = vg.Length(size)
	return f
}

// powerSize is how large raised text is beside the other.
const powerSize = 0.72

func (l label) width() float64 {
	f := face(l.bold, l.size)
	w := f.Width(l.text)
	if l.power != "" {
		f = face(l.bold, l.size*powerSize)
		w += f.Width(l.power)
	}
	return float64(w)
}

func textWidth(s string, size float64, bold bool) float64 {
	return label{text: s, size: size, bold: bold}.width()
}

// hasGlyph says whether the font has the letter.
func hasGlyph(r rune) bool {
	var b sfnt.Buffer
	glyph, err := faces()[0].Face.GlyphIndex(&b, r)
	return err == nil && glyph != 0 && r <= 0xffff
}

// plain is a text from outside on one line: no control or formatting characters, nothing that is no UTF-8, and no more than
// so many characters.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == 0xfffe || r == 0xffff:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most-1]) + "…"
	}
	return s
}

// fitted is a text shortened until it is no wider than so much.
func fitted(s string, size, width float64, bold bool) string {
	if textWidth(s, size, bold) <= width {
		return s
	}
	runes := []rune(strings.TrimSuffix(s, "…"))
	for len(runes) > 1 && textWidth(string(runes)+"…", size, bold) > width {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}

// drawable is a text in the order in which its letters stand on paper, with a box for each that the font lacks. SVGs leave
// both to who shows them.
func drawable(s string) string {
	var paragraph bidi.Paragraph
	if _, err := paragraph.SetString(s); err == nil {
		if order, err := paragraph.Order(); err == nil && order.NumRuns() > 0 {
			var b strings.Builder
			for i := range order.NumRuns() {
				run := order.Run(i)
				if run.Direction() == bidi.RightToLeft {
					b.WriteString(bidi.ReverseString(run.String()))
				} else {
					b.WriteString(run.String())
				}
			}
			s = b.String()
		}
	}
	return strings.Map(func(r rune) rune {
		if !hasGlyph(r) {
			return '□'
		}
		return r
	}, s)
}

// wrapped are the lines of a text, none wider than so much where words allow.
func wrapped(s string, size, width float64) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && textWidth(line+" "+word, size, false) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}
