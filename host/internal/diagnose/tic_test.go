package diagnose

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
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

// TestTICOfMany: of more parameters than there are products for the diagonal there is the criterion by the traces alone, that of all products.
func TestTICOfMany(t *testing.T) {
	const step, tolerance = 1, 1e-6 // relative; the rank of the curvature is that of the batch, below a third of the products, so that the trace is exact
	p := logistic(t, 20)
	tanh, _ := model.Activations.Find("tanh")
	n, err := model.New(model.Shape{30}, []model.Layer{model.Activated{Layer: model.Dense{Units: 70, Weight: model.Glorot{}}, Activation: tanh}, model.Dense{Units: 1, Weight: model.Glorot{}}})
	if err != nil {
		t.Fatal(err)
	}
	p.Network = n
	w := make([]float64, n.Size())
	o := p.Objective(seed.New(3))
	o.Initialize(w)
	got := measured(t, &tic, model.Settings{"curvature": "gauss-newton", "samples": 90}, p, step, w, nil, 0)
	if _, is := got["tic_diagonal"]; is || len(w) <= curvature.MaxWhole {
		t.Errorf("of %d parameters there is the diagonal", len(w))
	}
	sampled, _ := problem.As[problem.Sampled](o)
	moments, examples, trace := 0.0, 0.0, 0.0
	sampled.ExampleGradients(step, w, func(_ float64, g []float64) {
		moments += floats.Dot(g, g)
		examples++
	})
	newton, _ := problem.As[problem.GaussNewton](o)
	v, hv := make([]float64, len(w)), make([]float64, len(w))
	for i := range v {
		v[i] = 1
		newton.GaussNewtonVector(step, w, v, hv)
		v[i] = 0
		trace += hv[i]
	}
	if want := moments / examples / trace; math.Abs(got["tic_trace"]/want-1) > tolerance {
		t.Errorf("by the traces it is %v, want %v", got["tic_trace"], want)
	}
}
