package figure

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/vg"
	"rsc.io/pdf"
)

var update = flag.Bool("update", false, "write what is drawn into testdata")

var inf, nan = math.Inf(1), math.NaN()

// examples are one figure of each kind, with values that cannot be drawn.
func examples() map[string]Figure {
	adam, sgd := Series{"adam", Look{Place: 0}}, Series{"sgd", Look{Place: 1}}
	x := []float64{0, 1, 2, 3, 4}
	return map[string]Figure{
		"curves": Curves{Title: "Training loss", X: Axis{Label: "step"}, Y: Axis{Label: "training loss", Log: true}, Target: 0.5, Band: "quartiles over 5 seeds", Lines: []Curve{
			{Series: adam, X: x, Median: []float64{4, 2, 1, 0.5, 0.25}, Low: []float64{3, 1.5, 0.5, 0, 0.1}, High: []float64{5, 3, 2, 1, 0.5}, Runs: 5},
			{Series: sgd, X: x, Median: []float64{4, 3, nan, 1e9, inf}, Low: []float64{3, 2, 1, 1, 1}, High: []float64{5, 4, 1e9, inf, inf}, Runs: 5, Left: 2},
		}},
		"sensitivity": Sensitivity{Title: "Sensitivity", X: Axis{Label: "learning rate", Log: true}, Y: Axis{Label: "loss", Log: true}, Start: 2, Lines: []Response{
			{adam, []float64{1e-3, 1e-2, 1e-1}, []float64{1, 0.1, inf}, []float64{0.5, 0.05, 1}, []float64{2, 0.2, inf}, []int{5, 5, 5}, []int{0, 1, 5}},
			{sgd, []float64{1e-3, 1e-2, 1e-1}, []float64{1.5, 1, 0.4}, []float64{1, 0.5, 0.3}, []float64{1.8, 1.5, 0.6}, []int{5, 5, 5}, []int{0, 0, 0}},
		}},
		"profile": Profile{Title: "Performance profile", X: Axis{Label: "factor of the best", Log: true}, Y: Axis{Label: "share of problems"},
			Lines: []Stairs{{adam, []float64{1, 2, 8}, []float64{0.5, 0.75, 1}}, {sgd, []float64{1, 4}, []float64{0.25, 0.5}}}},
		"ecdf": ECDF{Title: "Targets reached", X: Axis{Label: "gradient evaluations", Log: true}, Y: Axis{Label: "share of targets"},
			Lines: []Stairs{{adam, []float64{10, 50, 1000}, []float64{0.1, 0.6, 0.9}}, {sgd, []float64{0, 100}, []float64{0.1, 0.5}}}},
		"distribution": Distribution{Title: "Final loss", X: Axis{Label: "loss"}, Interval: "93.75 % intervals of the median", Rows: []Spread{
			{adam, []float64{1, 1, 1.5, 2, 2.5}, 1.5, 1, 2.5}, {sgd, []float64{2, 3, inf, nan, 4}, 4, 2, inf}}},
		"layers": Layers{Title: "Gradient norms", X: Axis{Label: "step"}, Label: "gradient norm", Names: []string{"hidden", "output"}, Steps: x,
			Norms: [][]float64{{1, 0.5, 0.1, 0, 0.05}, {10, 10, nan, 1, 1}}},
		"trajectory": Trajectory{Title: "Saddle", X: Axis{Label: "x"}, Y: Axis{Label: "y"}, Loss: func(x, y float64) float64 { return x*x - y*y + y*y*y*y/2 }, Start: Point{1, 0.1},
			Minima: []Point{{0, 1}, {0, -1}}, Saddles: []Point{{0, 0}}, Paths: []Path{{adam, []float64{1, 0.5, 0.1, 0}, []float64{0.1, 0.2, 0.8, 1}}, {sgd, []float64{1, 20, nan}, []float64{0.1, 0.1, nan}}}},
		"budget": Budget{Title: "Tuning budget", X: Axis{Label: "trials"}, Y: Axis{Label: "expected best loss"}, Band: "95 % intervals", Lines: []Curve{
			{Series: adam, X: []float64{1, 2, 3}, Median: []float64{3, 2, 1.5}, Low: []float64{2, 1, 1}, High: []float64{4, 3, 2}}}},
		"histogram": Histogram{Title: "Alpha", X: Axis{Label: "alpha"}, Y: Axis{Label: "share"}, Edges: []float64{-1, 0, 1, 2}, Over: Curve{X: x[:3], Median: []float64{0.5, 0.25, 0}},
			Groups: []Bars{{adam, []float64{0.25, 0.75, 0}}, {sgd, []float64{0.5, nan, 0.5}}}, Notes: []string{"Dashed: a line."}},
		"grid": Grid{Title: "Both", X: Axis{Label: "weight"}, Y: Axis{Label: "gradient"}, Width: [2]float64{-2, 2}, Height: [2]float64{-1, 1}, Label: "share",
			Cells: [][]float64{{0, 0.25, 0.25}, {0.5, nan, 0}}},
		"panels": Panels{Title: "Cockpit", Heads: []string{"STEP SIZE", "GRADIENTS", "CURVATURE"}, Notes: []string{"Of one run."}, Panels: []Panel{
			{Title: "Loss", Figure: Curves{Title: "Loss", X: Axis{Label: "step"}, Lines: []Curve{{Series: adam, X: x, Median: []float64{4, 2, nan, 0.5, 0.25}}}}},
			{Title: "Elements", Figure: Histogram{Title: "Elements", X: Axis{Label: "element"}, Y: Axis{Label: "share", Log: true}, Edges: x[:3],
				Groups: []Bars{{adam, []float64{0.1, 0.9}}}, Notes: []string{"Of the last step."}}},
			{Title: "Trace", Missing: "Not measured: add [[diagnose]] with name = \"density\", and run again."},
			{Title: "Both", Figure: Grid{Title: "Both", Width: [2]float64{-2, 2}, Height: [2]float64{-1, 1}, Label: "share", Cells: [][]float64{{1, 2}}, Notes: []string{"Of the last step."}}}}},
		"plane": Plane{Title: "Plane", X: Axis{Label: "u"}, Y: Axis{Label: "v"}, Label: "loss", Columns: []float64{-1, 0, 1, 2}, Rows: []float64{-1, 0, 1},
			Values: [][]float64{{2, 1, 2, inf}, {1, 0.1, 1, 4}, {2, 1, 2, nan}}, Path: &Path{adam, []float64{1, 0.5, 0}, []float64{1, 0.2, 0}}, Marks: []Named{{Point{0, 0}, "one"}, {Point{1, 1}, "other"}}},
		"scatter": Scatter{Title: "Critical points", X: Axis{Label: "loss"}, Y: Axis{Label: "index"}, Groups: []Dots{{adam, []float64{0, 0.5, nan}, []float64{0, 0, 1}}, {sgd, []float64{2}, []float64{1}}}},
		"spectrum": Spectrum{Title: "Spectrum", X: Axis{Label: "eigenvalue"}, Y: Axis{Label: "density", Log: true}, Series: adam, At: []float64{-1, 0, 1, 2, 3, 4},
			Density: []float64{0.1, 10, 1, nan, 0.1, 1e-90}, Known: []float64{-0.5, 0, 0, 1, 2.5}},
		"critical": Critical{Title: "Average ranks", Distance: 1.25, Ranks: []Rank{{adam, 1.2}, {sgd, 2.9}, {Series{"momentum", Look{Place: 2}}, 1.9}}},
	}
}

func composed(t *testing.T, f Figure, size Size) *scene {
	t.Helper()
	s := newSheet(size)
	if err := f.compose(s); err != nil {
		t.Fatal(err)
	}
	s.finish()
	return &s.scene
}

// drawn are the data of a figure as they were drawn: marks of series in the axes' values, and all texts.
func drawn(s *scene) string {
	var b strings.Builder
	if s.axes != nil {
		fmt.Fprintf(&b, "axes: x %.4g to %.4g, y %.4g to %.4g\n", s.axes.x.low, s.axes.x.high, s.axes.y.low, s.axes.y.high)
	}
	places := func(kind string, m mark, lines [][]vg.Point) {
		fmt.Fprintf(&b, "%s of %s, %s", kind, m.series, m.ink.class)
		for i, line := range lines {
			b.WriteString([]string{":", ";"}[min(i, 1)])
			for _, p := range line {
				x, y := s.axes.value(p)
				fmt.Fprintf(&b, " (%.3g, %.3g)", x, y)
			}
		}
		b.WriteString("\n")
	}
	for _, m := range s.marks {
		switch {
		case m.text != nil:
			fmt.Fprintf(&b, "text %q", m.text.text)
			if m.text.power != "" {
				fmt.Fprintf(&b, " to the power of %q", m.text.power)
			}
			b.WriteString("\n")
		case m.series == "":
		case m.lines != nil:
			places("lines", m, m.lines)
		case m.areas != nil:
			places("areas", m, m.areas)
		case m.dots != nil:
			places("dots", m, [][]vg.Point{m.dots})
		}
	}
	return b.String()
}

// TestDrawn compares what is drawn of each kind of figure, in values and texts, with what was looked at once.
func TestDrawn(t *testing.T) {
	for name, f := range examples() {
		got := drawn(composed(t, f, TwoColumns))
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(file); err != nil || string(want) != got {
			t.Errorf("%s is drawn otherwise than %s says (%v):\n%s", name, file, err, got)
		}
	}
}

// TestNothingIsLost: what is not drawn is counted in a note.
func TestNothingIsLost(t *testing.T) {
	for name, words := range map[string][]string{
		"curves":       {"Runs not in the median: sgd 2 of 5.", "Points not drawn, not finite or not positive: sgd 2 of 5.", "Beyond the axis: sgd (to 1e9)."},
		"sensitivity":  {"Crosses: runs diverged", "Diverged: adam 6 of 15.", "Values without a finite median: adam 1 of 3."},
		"ecdf":         {"Points not drawn: sgd 1 of 2."},
		"distribution": {"Dots: runs"},
		"layers":       {"not finite or not positive: 2 of 10 points."},
		"plane":        {"Not finite: 2 of 12 points.", "Contours: loss from", "times the one before"},
		"scatter":      {"Points not drawn: adam 1 of 3."},
		"spectrum":     {"Strokes: 5 eigenvalues.", "Not finite: 1 of 6 points."},
		"trajectory":   {"Points not drawn, not finite: sgd 1 of 3.", "Points beyond the axes: sgd 1 of 3.", "Cross: saddle."},
	} {
		s := composed(t, examples()[name], OneColumn)
		for _, w := range words {
			if !strings.Contains(s.detail, w) {
				t.Errorf("the note of %s does not say %q: %s", name, w, s.detail)
			}
		}
	}
	if s := composed(t, examples()["distribution"], OneColumn); !strings.Contains(drawn(s), `"+2 not finite"`) {
		t.Error("the distribution does not count what diverged")
	}
}

// TestBounded: a line that blows up does not press the others flat, and all is within the paper.
func TestBounded(t *testing.T) {
	for name, f := range examples() {
		for _, size := range []Size{OneColumn, TwoColumns, Screen, Phone} {
			s := composed(t, f, size)
			for _, m := range s.marks {
				points := slices.Concat(slices.Concat(m.lines...), slices.Concat(m.areas...), m.dots)
				if l := m.text; l != nil {
					points = append(points, point(float64(l.at.X)-l.anchor*l.width(), float64(l.at.Y)), point(float64(l.at.X)+(1-l.anchor)*l.width(), float64(l.at.Y)+0.7*l.size))
				}
				for _, p := range points {
					if float64(p.X) < -0.6 || float64(p.X) > size.Width+0.6 || float64(p.Y) > 0 || float64(p.Y) < -s.height {
						t.Errorf("%s at %v: %v is beyond the paper of %v by %v: %+v", name, size.Width, p, size.Width, s.height, m.text)
						break
					}
				}
			}
		}
	}
	if s := composed(t, examples()["curves"], TwoColumns); s.axes.y.high > 1000 {
		t.Errorf("the axis of a loss that begins at 4 ends at %v", s.axes.y.high)
	}
}

// TestTextsDoNotOverlap looks at the boxes of all texts of all figures.
func TestTextsDoNotOverlap(t *testing.T) {
	figures := examples()
	figures["hostile"] = hostile()
	for name, f := range figures {
		for _, size := range []Size{OneColumn, TwoColumns, Screen, Phone} {
			var boxes []label
			for _, m := range composed(t, f, size).marks {
				if m.text != nil && m.text.text != "" {
					boxes = append(boxes, *m.text)
				}
			}
			for i, a := range boxes {
				for _, b := range boxes[:i] {
					left := func(l label) float64 { return float64(l.at.X) - l.anchor*l.width() }
					if left(a) < left(b)+b.width()-0.01 && left(b) < left(a)+a.width()-0.01 &&
						float64(a.at.Y) < float64(b.at.Y)+0.7*b.size && float64(b.at.Y) < float64(a.at.Y)+0.7*a.size {
						t.Errorf("%s, %v wide: %q lies over %q", name, size.Width, a.text, b.text)
					}
				}
			}
		}
	}
}

var names = []string{"<script>alert(1)</script>", `"quotes" & 'more'`, "שלום עולם", "🚀 emoji β→∞", strings.Repeat("long ", 60), "a\x00b\x1b[31mc\xff",
	"tab\tnew\nline", "\u202ereversed\u2066", "]]><style>*{display:none}</style>", "&amp;", "", "日本語"}

// hostile is a figure with names that try to break out.
func hostile() Figure {
	f := Curves{Title: names[0] + names[1] + names[8], X: Axis{Label: names[2] + names[0]}, Y: Axis{Label: names[3] + names[1]}, Band: names[8], Notes: names[:4]}
	for i, name := range names {
		f.Lines = append(f.Lines, Curve{Series: Series{name, Look{Place: i}}, X: []float64{0, 1, 2}, Median: []float64{3, 2, 1 + float64(i)}, Runs: 3, Left: 1})
	}
	return f
}

func write(t *testing.T, f Figure, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSVG: figures are well-formed XML of few elements, whatever names are in them, and long names are shortened.
func TestSVG(t *testing.T) {
	figures := examples()
	figures["hostile"] = hostile()
	for name, f := range figures {
		for _, embed := range []bool{false, true} {
			svg := write(t, f, Options{Format: "svg", Embed: embed})
			decoder := xml.NewDecoder(bytes.NewReader(svg))
			styles, texts := 0, ""
			for {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s: %v\n%s", name, err, svg)
				}
				switch token := token.(type) {
				case xml.StartElement:
					if !slices.Contains([]string{"svg", "g", "rect", "path", "text", "tspan", "style"}, token.Name.Local) {
						t.Errorf("%s has an element %s", name, token.Name.Local)
					}
					for _, a := range token.Attr {
						if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || a.Name.Local == "style" {
							t.Errorf("%s has an attribute %s", name, a.Name.Local)
						}
					}
					if token.Name.Local == "style" {
						styles++
					}
				case xml.CharData:
					texts += string(token)
				}
			}
			if !embed && styles > 0 || embed && styles == 0 {
				t.Errorf("%s, fonts embedded %v, has %d style sheets", name, embed, styles)
			}
			if name == "hostile" && (!strings.Contains(texts, "<script>alert(1)</script>") || strings.Contains(texts, strings.Repeat("long ", 9)) || !strings.Contains(texts, "long…") && !strings.Contains(texts, "long …")) {
				t.Errorf("texts are %q", texts)
			}
			if most := 25_000; embed && len(svg) > 3*most || !embed && len(svg) > 2*most {
				t.Errorf("%s, fonts embedded %v, has %d bytes", name, embed, len(svg))
			}
		}
	}
}

// TestSeries: a script finds the marks of each series, the names escaped, and the place of the data.
func TestSeries(t *testing.T) {
	svg := string(write(t, hostile(), Options{Format: "svg"}))
	for _, want := range []string{`data-series="&lt;script&gt;alert(1)&lt;/script&gt;"`, `data-legend="&#34;quotes&#34; &amp; &#39;more&#39;"`, `data-frame="`, `data-x="linear 0 2"`, `class="c3" color="#b84f8c"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("%s is not in the figure", want)
		}
	}
}

// TestPNG: pixels are as many as the size says, and not all white.
func TestPNG(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	for name, f := range examples() {
		img, err := png.Decode(bytes.NewReader(write(t, f, Options{Format: "png", Size: OneColumn})))
		if err != nil {
			t.Fatal(err)
		}
		height := int(math.Round(composed(t, f, OneColumn).height / 72 * 300))
		if b := img.Bounds(); b.Dx() != 975 || b.Dy() != height {
			t.Errorf("%s has %d by %d pixels, not 975 by %d", name, b.Dx(), b.Dy(), height)
		}
		colors := map[[3]uint32]bool{}
		for y := range height {
			for x := range 975 {
				r, g, b, _ := img.At(x, y).RGBA()
				colors[[3]uint32{r, g, b}] = true
			}
		}
		if len(colors) < 50 {
			t.Errorf("%s has %d colours", name, len(colors))
		}
	}
}

// TestPDF: an independent reader finds one page of the stated size with the figure's texts, and the fonts in it.
func TestPDF(t *testing.T) {
	figures := examples()
	figures["hostile"] = hostile()
	for name, f := range figures {
		b := write(t, f, Options{Format: "pdf", Size: OneColumn})
		r, err := pdf.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		page := r.Page(1)
		box := page.V.Key("MediaBox")
		if box.IsNull() {
			box = page.V.Key("Parent").Key("MediaBox")
		}
		s := composed(t, f, OneColumn)
		if r.NumPage() != 1 || math.Abs(box.Index(2).Float64()-s.size.Width) > 0.01 || math.Abs(box.Index(3).Float64()-s.height) > 0.01 {
			t.Errorf("%s has %d pages of %v, not one of %v by %v", name, r.NumPage(), box, s.size.Width, s.height)
		}
		for _, font := range page.Fonts() {
			if page.Font(font).V.Key("DescendantFonts").Index(0).Key("FontDescriptor").Key("FontFile2").IsNull() {
				t.Errorf("%s does not have the font %s in it", name, font)
			}
		}
		var text strings.Builder
		for _, part := range page.Content().Text {
			text.WriteString(part.S)
		}
		ascii := func(s string) string { // the reader returns letters of two bytes each, and no spaces
			return strings.Map(func(r rune) rune {
				if r <= ' ' || r > '~' {
					return -1
				}
				return r
			}, s)
		}
		for _, m := range s.marks {
			if m.text != nil && len(ascii(m.text.text)) == len(m.text.text)-strings.Count(m.text.text, " ") && !strings.Contains(ascii(text.String()), ascii(m.text.text)) {
				t.Errorf("%s does not have %q in its text %q", name, m.text.text, ascii(text.String()))
			}
		}
		if len(b) > 150_000 {
			t.Errorf("%s has %d bytes", name, len(b))
		}
	}
}

// TestSameBytes: the same data are the same file.
func TestSameBytes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	for _, format := range Formats() {
		for _, name := range slices.Sorted(maps.Keys(examples())) {
			o := Options{Format: format, Size: OneColumn, Embed: true}
			a, b := write(t, examples()[name], o), write(t, examples()[name], o)
			if !bytes.Equal(a, b) {
				t.Errorf("two files of %s as %s differ", name, format)
			}
		}
	}
	if err := Write(io.Discard, examples()["curves"], Options{Format: "gif"}); err == nil || !strings.Contains(err.Error(), `svg, png or pdf, not "gif"`) {
		t.Errorf("of an unknown format it says %v", err)
	}
}

// TestSubset: a part of the font draws its letters as the whole does.
func TestSubset(t *testing.T) {
	letters := []rune("Aäéxfi0−≤ß")
	for index := range 2 {
		b, err := subset(index, letters)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 12_000 {
			t.Errorf("%d letters have %d bytes", len(letters), len(b))
		}
		part, err := sfnt.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		whole := faces()[index].Face
		for _, r := range letters {
			var buffer sfnt.Buffer
			shape := func(f *sfnt.Font) string {
				glyph, err := f.GlyphIndex(&buffer, r)
				if err != nil || glyph == 0 {
					t.Fatalf("%c has no glyph (%v)", r, err)
				}
				segments, err := f.LoadGlyph(&buffer, glyph, fixed.I(100), nil)
				if err != nil {
					t.Fatalf("%c: %v", r, err)
				}
				text := fmt.Sprint(segments)
				advance, err := f.GlyphAdvance(&buffer, glyph, fixed.I(100), 0)
				return fmt.Sprint(text, advance, err)
			}
			if shape(part) != shape(whole) {
				t.Errorf("%c looks otherwise", r)
			}
		}
		if glyph, _ := part.GlyphIndex(&sfnt.Buffer{}, 'Z'); glyph != 0 {
			t.Error("Z is there though it is not asked for")
		}
	}
}

// TestEmpty: a figure without data is a figure, and what does not match is an error.
func TestEmpty(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	for _, f := range []Figure{Curves{}, Sensitivity{}, Profile{}, ECDF{}, Distribution{}, Layers{}, Budget{}, Critical{}, Spectrum{}, Scatter{}, Histogram{Edges: []float64{0}}, Grid{}, Panels{},
		Trajectory{}, Trajectory{Loss: func(x, y float64) float64 { return nan }}, Curves{Y: Axis{Log: true}, Lines: []Curve{{X: []float64{1}, Median: []float64{nan}}}}} {
		for _, format := range Formats() {
			write(t, f, Options{Format: format})
		}
	}
	for _, f := range []Figure{Curves{Lines: []Curve{{X: []float64{1}}}}, Sensitivity{Lines: []Response{{X: []float64{1}}}}, Profile{Lines: []Stairs{{X: []float64{1}}}},
		Layers{Names: []string{"a"}}, Histogram{Groups: []Bars{{}}, Edges: []float64{0, 1}}, Grid{Cells: [][]float64{{1}, {}}}, Plane{}, Spectrum{At: []float64{1}}, Scatter{Groups: []Dots{{X: []float64{1}}}}, Panels{Panels: []Panel{{Figure: Layers{Names: []string{"a"}}}}},
		Trajectory{Paths: []Path{{X: []float64{1}}}}} {
		if err := Write(io.Discard, f, Options{Format: "svg"}); err == nil {
			t.Errorf("%#v is drawn", f)
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	f := examples()["curves"].(Curves)
	for i := range f.Lines {
		l := &f.Lines[i]
		l.X, l.Median, l.Low, l.High = nil, nil, nil, nil
		for k := range 100_000 {
			v := math.Exp(-float64(k)/20_000) + 0.1*math.Sin(float64(k*k))*math.Exp(-float64(k)/30_000)
			l.X, l.Median, l.Low, l.High = append(l.X, float64(k)), append(l.Median, v), append(l.Low, 0.8*v), append(l.High, 1.2*v)
		}
	}
	for b.Loop() {
		if err := Write(io.Discard, f, Options{Format: "svg", Size: Screen}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestBoxed: what the font lacks is named once, but not of an SVG, which leaves it to other fonts.
func TestBoxed(t *testing.T) {
	line := Curve{Series: Series{Name: "é幅幅 😀"}, X: []float64{0, 1}, Median: []float64{1, 2}}
	for format, want := range map[string]string{"svg": "", "png": "幅😀", "pdf": "幅😀"} {
		if got, err := Boxed(Curves{Title: "幅", Lines: []Curve{line}}, Options{Format: format}); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, not %q", format, string(got), err, want)
		}
	}
}
