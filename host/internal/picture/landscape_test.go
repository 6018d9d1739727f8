package picture

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/landscape"
)

// TestSlice: of a line the losses are drawn, along an eigenvector with the Taylor series, on a logarithmic scale where they are positive and span more than a decade;
// of a plane the values with the way and its share of the variance.
func TestSlice(t *testing.T) {
	number := func(x float64) *landscape.Number { n := landscape.Number(x); return &n }
	s := landscape.Slice{Found: landscape.Found{Step: 7, Loss: 1}, Along: landscape.AlongEigenvectors, Values: [][]landscape.Number{{20, 1, 4}},
		Axes: []landscape.Axis{{Label: "v", At: []landscape.Number{-1, 0, 1}, Value: number(10), Slope: number(-20), Residual: number(0)}}}
	c := Slice(s, figure.Series{}, "title").(figure.Curves)
	if !slices.Equal(c.Lines[0].Median, []float64{20, 1, 4}) || !slices.Equal(c.Lines[1].Median, []float64{1 + 20 + 5, 1, 1 - 20 + 5}) {
		t.Errorf("%+v", c.Lines)
	}
	if c.Y.Log { // the series has a negative value
		t.Error("the scale is logarithmic")
	}
	s.Axes[0].Value = nil
	if c = Slice(s, figure.Series{}, "title").(figure.Curves); len(c.Lines) != 1 || !c.Y.Log {
		t.Errorf("%d lines, %+v", len(c.Lines), c.Y)
	}
	s.Axes = append(s.Axes, landscape.Axis{Label: "w", At: []landscape.Number{0, 2}})
	s.Values = append(s.Values, []landscape.Number{1, 2, 3})
	s.Path = &landscape.Path{X: []landscape.Number{-1, 0}, Y: []landscape.Number{2, 0}, Share: 0.9}
	p := Slice(s, figure.Series{Name: "adam"}, "title").(figure.Plane)
	if !slices.Equal(p.Rows, []float64{0, 2}) || p.Values[1][2] != 3 || p.Path.Name != "adam" || p.Path.Y[0] != 2 || !strings.Contains(strings.Join(p.Notes, " "), "90 % of the variance") {
		t.Errorf("%+v", p)
	}
	if s.Values = s.Values[:1]; s.Check() == nil {
		t.Error("a plane with a row too few is taken")
	}
}

// TestSpectrum: the density integrates to 1, and eigenvalues that are known are strokes.
func TestSpectrum(t *testing.T) {
	for _, s := range []landscape.Spectrum{
		{Exact: true, Parameters: 4, Values: []landscape.Number{-1, 0, 0, 3}, Negative: 0.25},
		{Parameters: 5000, Values: []landscape.Number{-1, 0, 3}, Shares: []landscape.Number{0.2, 0.7, 0.1}, Smallest: []landscape.Pair{{Value: -1}}, Largest: []landscape.Pair{{Value: 3}}},
		{Exact: true, Parameters: 1, Values: []landscape.Number{2}},
	} {
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		f := Spectrum(s, figure.Series{}, "title").(figure.Spectrum)
		sum := 0.0
		for i, d := range f.Density[1:] {
			sum += d * (f.At[i+1] - f.At[i])
		}
		if math.Abs(sum-1) > 1e-3 {
			t.Errorf("%+v: the density integrates to %v", s, sum)
		}
		if want := 2; !s.Exact && len(f.Known) != want || s.Exact && len(f.Known) != s.Parameters {
			t.Errorf("%+v: %d strokes", s, len(f.Known))
		}
	}
	if (landscape.Spectrum{}).Check() == nil {
		t.Error("nothing is taken for a spectrum")
	}
}

// TestCriticalPoints: each kind of point is a group, at its loss and the share of its eigenvalues that are negative.
func TestCriticalPoints(t *testing.T) {
	f := CriticalPoints(landscape.CriticalPoints{Parameters: 4, Starts: 9, Unconverged: 2, Points: []landscape.Point{{Nature: "minimum", Loss: 1}, {Nature: "saddle", Loss: 2, Index: 1},
		{Nature: "minimum", Loss: 3}}}, "title").(figure.Scatter)
	if len(f.Groups) != 2 || !slices.Equal(f.Groups[0].X, []float64{1, 3}) || !slices.Equal(f.Groups[1].Y, []float64{0.25}) || f.Groups[1].Name != "saddle" ||
		!strings.Contains(f.Notes[0], "3 critical points of 9 starts; 2 searches led to none") {
		t.Errorf("%+v", f)
	}
}
