// Package figure draws figures fit for print from plain data, in one house style, as SVG, PNG and PDF. It knows nothing of
// runs, stores or experiments. Each kind of figure is a struct with its data in a file of its own. Values that cannot be
// drawn (NaN, infinite, or not positive on a logarithmic axis) leave gaps and are counted in the figure's note.
package figure

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// Figure is a kind of figure with its data: [Curves], [Sensitivity], [Profile], [ECDF], [Distribution], [Layers],
// [Trajectory], [Budget], [Critical], [Plane], [Spectrum], [Histogram], [Grid], or [Panels] of them.
type Figure interface {
	// compose lays the figure out on a sheet.
	compose(s *sheet) error
	// dressed is the figure with the title and the scales that are asked for.
	dressed(d Dress) Figure
}

// Size is how wide a figure is and how large its text. In print lengths are points (1/72 inch), on screens CSS pixels.
type Size struct {
	Width float64
	Text  float64 // of numbers at the axes and names of series; titles are a little larger
	Unit  string  // "pt" or "px"
}

// The sizes of figures.
var (
	OneColumn  = Size{Width: 3.25 * 72, Text: 7.5, Unit: "pt"} // of a paper in two columns
	TwoColumns = Size{Width: 6.75 * 72, Text: 8.5, Unit: "pt"} // the whole width of a paper
	Screen     = Size{Width: 720, Text: 13, Unit: "px"}
	Phone      = Size{Width: 360, Text: 12, Unit: "px"}
)

// Options say how a figure is written.
type Options struct {
	Format string // "svg", "png" or "pdf"
	Size   Size   // [TwoColumns] where it is the zero value
	// Embed puts the letters that an SVG needs into it, so that it looks the same everywhere (some 15 KB). A page does without.
	// PDFs always carry theirs.
	Embed bool
}

// Formats are the formats of figures, named as the endings of their files.
func Formats() []string { return []string{"svg", "png", "pdf"} }

// Write draws the figure. The same data and options give the same bytes.
func Write(w io.Writer, f Figure, o Options) error {
	s, err := laidOut(f, o.Size)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	switch o.Format {
	case "svg":
		err = writeSVG(&b, &s.scene, o)
	case "png":
		err = writePNG(&b, &s.scene)
	case "pdf":
		err = writePDF(&b, &s.scene)
	default:
		err = fmt.Errorf("figures are written as svg, png or pdf, not %q", o.Format)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// Boxed are the letters of a figure that its font lacks, for which there are boxes in the format. An SVG leaves them to the fonts of who shows it.
func Boxed(f Figure, o Options) ([]rune, error) {
	if o.Format == "svg" {
		return nil, nil
	}
	s, err := laidOut(f, o.Size)
	if err != nil {
		return nil, err
	}
	boxed := slices.DeleteFunc(slices.Concat(s.letters(false), s.letters(true)), hasGlyph)
	slices.Sort(boxed)
	return slices.Compact(boxed), nil
}

func laidOut(f Figure, size Size) (*sheet, error) {
	if size == (Size{}) {
		size = TwoColumns
	}
	s := newSheet(size)
	if err := f.compose(s); err != nil {
		return nil, err
	}
	s.finish()
	return s, nil
}

// Axis says what an axis measures.
type Axis struct {
	Label string // the quantity, with its unit in parentheses where it has one: "time (s)"
	Log   bool
}

// Series names what a line, a row or a group of dots stands for.
type Series struct {
	Name string
	Look Look
}
