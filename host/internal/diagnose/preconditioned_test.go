package diagnose

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

func quadratic(t *testing.T, a *mat.Dense) problem.Problem {
	t.Helper()
	n, _ := a.Dims()
	p, err := problem.Quadratic(a, make([]float64, n), make([]float64, n))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPreconditioned: what it finds is the largest eigenvalue of the unsymmetric product of scales and Hessian, by gonum's general solver; of gradient
// descent the sharpness. Where an element goes uphill it is not measured.
func TestPreconditioned(t *testing.T) {
	const rate = 0.02
	a := mat.NewDense(3, 3, []float64{5, 1, -1, 1, 2, 0.5, -1, 0.5, 1})
	w := []float64{1, -2, 0.5}
	var g mat.VecDense
	g.MulVec(a, mat.NewVecDense(3, w))
	settings := model.Settings{"tolerance": 1e-10, "products": 100}
	top := func(m mat.Matrix) float64 {
		var e mat.Eigen
		if !e.Factorize(m, mat.EigenNone) {
			t.Fatal("no eigenvalues")
		}
		most := math.Inf(-1)
		for _, x := range e.Values(nil) {
			most = max(most, real(x))
		}
		return most
	}
	for _, scales := range [][]float64{{1, 1, 1}, {0.1, 3, 20}} {
		s := mat.NewDiagDense(3, scales)
		var u mat.VecDense
		u.MulVec(s, &g)
		u.ScaleVec(-rate, &u)
		var product mat.Dense
		product.Mul(s, a)
		want := top(&product)
		near(t, measured(t, &preconditioned, settings, quadratic(t, a), 0, w, u.RawVector().Data, rate), 1e-9,
			map[string]float64{"preconditioned_sharpness": want, "step_sharpness": rate * want})
	}
	frozen := mat.NewDense(2, 2, []float64{5, 1, 1, 2})
	near(t, measured(t, &preconditioned, settings, quadratic(t, a), 0, w, []float64{-rate * g.AtVec(0), -rate * g.AtVec(1), 0}, rate), 1e-9,
		map[string]float64{"preconditioned_sharpness": top(frozen)})
	d := preconditioned.Make(settings, NewRun(quadratic(t, a), seed.New(1)))
	down := floats.ScaleTo(make([]float64, 3), -rate, g.RawVector().Data)
	for _, update := range [][]float64{nil, {0, 0, 0}, {down[0], -down[1], down[2]}, {down[0], down[1], math.NaN()}} {
		values := make([]record.Value, 2)
		d.Measure(&record.Sample{Weights: w, Gradient: g.RawVector().Data, Update: update, Values: make([]record.Value, len(record.Standard()))}, values, nil)
		if values[0] != (record.Value{}) || values[1] != (record.Value{}) {
			t.Errorf("measured with the update %v", update)
		}
	}
}
