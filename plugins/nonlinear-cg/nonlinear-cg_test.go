package nonlinearcg

import (
	"math"
	"testing"
)

// TestBeta: where a formula is below its bound, the bound is taken.
func TestBeta(t *testing.T) {
	g, after, d := []float64{1, 0}, []float64{0.5, 0.1}, []float64{-1, 2}
	y := []float64{-0.5, 0.1}
	ya, yy, dy, da := y[0]*after[0]+y[1]*after[1], y[0]*y[0]+y[1]*y[1], 0.7, -0.3
	for formula, want := range map[string]float64{
		"fletcher-reeves": 0.26,
		"polak-ribiere":   0, // yᵀg⁺ is -0.24
		"hager-zhang":     (ya - 2*da*yy/dy) / dy,
	} {
		if got := beta(formula, g, after, d); math.Abs(got-want) > 1e-15 {
			t.Errorf("%s: %v, want %v", formula, got, want)
		}
	}
	// Far below: dᵀy is small, and the bound that of the length of d, 5, and of 0.01, or of the gradient where that is less.
	for scale, want := range map[float64]float64{1: -20, 1e-3: -200} {
		g, after, d := []float64{scale, 0}, []float64{0.7 * scale, 0.40001 * scale}, []float64{4, 3}
		if got := beta("hager-zhang", g, after, d); math.Abs(got/want-1) > 1e-12 {
			t.Errorf("the bound is %v, want %v", got, want)
		}
	}
}
