package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"
	"testing"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	l, m := luminance(a), luminance(b)
	return (max(l, m) + 0.05) / (min(l, m) + 0.05)
}

// deuteranope is how a colour looks without the middle cones (Viénot, Brettel and Mollon 1999), in linear light.
func deuteranope(c color.NRGBA) [3]float64 {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	l, s := 17.8824*r+43.5161*g+4.11935*b, 0.0299566*r+0.184309*g+1.46709*b
	m := 0.494207*l + 1.24827*s
	return [3]float64{0.080944*l - 0.130504*m + 0.116721*s, -0.0102485*l + 0.0540194*m - 0.113615*s, -0.000365294*l - 0.00412163*m + 0.693513*s}
}

// TestColorsAreSeen: colours contrast with the paper, and no two are one to the red-green blind.
func TestColorsAreSeen(t *testing.T) {
	for i := range Colors {
		l := Look{Place: i}
		if got := contrast(l.Color(), paper.color); got < 3 {
			t.Errorf("colour %d contrasts with white %.2f to 1", i, got)
		}
		if got := contrast(l.Dark(), paperDark); got < 4.5 {
			t.Errorf("dark colour %d contrasts with its paper %.2f to 1", i, got)
		}
		for j := range i {
			for _, pair := range [][2]color.NRGBA{{l.Color(), Look{Place: j}.Color()}, {l.Dark(), Look{Place: j}.Dark()}} {
				a, b := deuteranope(pair[0]), deuteranope(pair[1])
				distance := 0.0
				for k := range a {
					d := math.Pow(max(a[k], 0), 1/2.2) - math.Pow(max(b[k], 0), 1/2.2)
					distance += d * d
				}
				if math.Sqrt(distance) < 0.08 {
					t.Errorf("colours %d and %d are %.3f apart: %s and %s", i, j, math.Sqrt(distance), Hex(pair[0]), Hex(pair[1]))
				}
			}
		}
	}
}

// TestLooksDiffer: 64 optimizers can be told apart, and the values of a sweep by their tones.
func TestLooksDiffer(t *testing.T) {
	seen := map[string]int{}
	for i := range 64 {
		l := Look{Place: i}
		key := fmt.Sprint(l.Color(), l.Dash())
		if j, is := seen[key]; is {
			t.Errorf("places %d and %d look the same", i, j)
		}
		seen[key] = i
	}
	last := math.Inf(1)
	for i := range 5 {
		at := luminance(Look{Place: 1}.Toned(i, 5).Color())
		if at >= last {
			t.Errorf("value %d is not darker than the one before", i)
		}
		last = at
	}
	if (Look{Place: 1}).Toned(4, 5) != (Look{Place: 1}) || (Look{Place: 1}).Toned(0, 1) != (Look{Place: 1}) {
		t.Error("the last value of a sweep has not the full colour")
	}
}

// TestCSS: each class that a series can have has a rule.
func TestCSS(t *testing.T) {
	css := CSS(".figure")
	for place := range 9 {
		for value := range 12 {
			if rule := ".figure ." + (Look{Place: place}).Toned(value, 12).Class() + "{color:#"; strings.Count(css, rule) != 1 {
				t.Errorf("%d rules begin with %s", strings.Count(css, rule), rule)
			}
		}
	}
}
