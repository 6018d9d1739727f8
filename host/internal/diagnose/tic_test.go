package diagnose

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestTIC: of logistic regression both curvatures are X'diag(p (1 - p))X / B, by which the criterion follows from the data.
func TestTIC(t *testing.T) {
	const b, step, guard = 40, 3, 1e-7
	p := logistic(t, b)
	tree := seed.New(3)
	w := make([]float64, 31)
	p.Objective(tree).Initialize(w)
	x, y := batchOf(p, tree, step)
	_, gradients, curvatures := logisticRows(w, x, y)
	diagonal, moments, trace := 0.0, 0.0, 0.0
	for j := range w {
		moment, h := 0.0, 0.0
		for i := range b {
			g, v := gradients.At(i, j), 1.0
			if j < 30 {
				v = x.At(i, j)
			}
			moment += g * g / b
			h += curvatures[i] * v * v / b
		}
		diagonal += moment / (h + guard)
		moments, trace = moments+moment, trace+h
	}
	want := map[string]float64{"tic_diagonal": diagonal, "tic_trace": moments / (trace + guard)}
	for _, curvature := range []string{"gauss-newton", "hessian"} {
		near(t, measured(t, &tic, model.Settings{"curvature": curvature, "samples": 30}, p, step, w, nil, 0), 1e-10, want)
	}
	if message, _ := tic.Refuses(nil, quadratic(t, mat.NewDense(1, 1, []float64{1}))); message == "" {
		t.Error("a function has examples")
	}
}
