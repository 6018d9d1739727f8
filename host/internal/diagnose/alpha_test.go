package diagnose

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// batchOf are the examples of a batch as a run of a seed's tree meets them.
func batchOf(p *problem.Supervised, tree seed.Tree, step int) (x *mat.Dense, y []float64) {
	split := dataset.NewSplit(p.Data, p.Splitting, tree.Branch("data"))
	rows := dataset.NewBatches(split.Train, p.Batching, tree.Branch("batch")).Batch(step)
	x, y = mat.NewDense(len(rows), p.Data.Features(), nil), make([]float64, len(rows))
	split.Gather(rows, x, y)
	return x, y
}

// logisticRows are the losses and the gradients of examples under logistic regression, by their formulas, and p (1 - p) of each.
func logisticRows(w []float64, x *mat.Dense, y []float64) (losses []float64, gradients *mat.Dense, curvatures []float64) {
	b, n := x.Dims()
	gradients = mat.NewDense(b, n+1, nil)
	for i := range b {
		row := x.RawRowView(i)
		z := floats.Dot(w[:n], row) + w[n]
		p := 1 / (1 + math.Exp(-z))
		losses = append(losses, -y[i]*math.Log(p)-(1-y[i])*math.Log(1-p))
		for j, v := range row {
			gradients.Set(i, j, (p-y[i])*v)
		}
		gradients.Set(i, n, p-y[i])
		curvatures = append(curvatures, p*(1-p))
	}
	return losses, gradients, curvatures
}

// TestParabola: the fit is that of Cockpit 1.0.2 (its functions _fit_quadratic and _get_alpha, NumPy 2.4.6), which has slopes by length, not by step.
func TestParabola(t *testing.T) {
	for _, c := range []struct {
		length                             float64
		loss, slope, variances, ofTheSlope [2]float64
		alpha                              float64
	}{
		{0.5, [2]float64{1.0, 0.6}, [2]float64{-1.2, 0.1}, [2]float64{0.04, 0.09}, [2]float64{0.3, 0.2}, 0.04867529266789905},
		{2.0, [2]float64{1.0, 1.5}, [2]float64{-1.0, 1.4}, [2]float64{0.01, 0.5}, [2]float64{0.2, 0.01}, 1.4414285714285744},
		{0.1, [2]float64{1.0, 0.4}, [2]float64{-3.0, -7.0}, [2]float64{0.1, 0.1}, [2]float64{1.0, 2.0}, -1.0},
		{1.0, [2]float64{1.0, 0.9}, [2]float64{-1.0, -0.7}, [2]float64{0.05, 0.02}, [2]float64{0.01, 0.03}, -0.5868852459016394},
	} {
		l := c.length
		y := []float64{c.loss[0], c.loss[1], l * c.slope[0], l * c.slope[1]}
		got, fits := parabola(y, []float64{c.variances[0], c.variances[1], l * l * c.ofTheSlope[0], l * l * c.ofTheSlope[1]})
		if !fits || math.Abs(got-c.alpha) > 1e-12*math.Abs(c.alpha) {
			t.Errorf("%+v: alpha is %v", c, got)
		}
	}
	if _, fits := parabola([]float64{1, math.Inf(1), -1, 2}, nil); fits {
		t.Error("a parabola fits an infinite loss")
	}
}

// TestAlphaOnAQuadratic: a gradient step of length μ leads, by curvature h, to μh - 1: to the minimum by 1/h, to the opposite wall by 2/h.
func TestAlphaOnAQuadratic(t *testing.T) {
	p, err := problem.Quadratic(mat.NewDense(1, 1, []float64{4}), []float64{0}, []float64{0})
	if err != nil {
		t.Fatal(err)
	}
	for _, rate := range []float64{0.1, 0.25, 0.4, 0.5, 0.6} {
		near(t, measured(t, &alpha, nil, p, 0, []float64{3}, []float64{-rate * 12}, rate), 1e-12, map[string]float64{"alpha": 4*rate - 1})
	}
	concave, _ := problem.Quadratic(mat.NewDense(1, 1, []float64{-4}), []float64{0}, []float64{0})
	near(t, measured(t, &alpha, nil, concave, 0, []float64{1}, []float64{1}, 0), 0, map[string]float64{"alpha": -1})
	tree := seed.New(1)
	values := make([]record.Value, 1)
	if alpha.Make(nil, NewRun(p, tree)).Measure(&record.Sample{Weights: []float64{3}}, values, nil); values[0] != (record.Value{}) {
		t.Error("alpha is measured without an update")
	}
}

// TestAlphaOfABatch: losses, slopes and variances are those of the examples of this batch and of the next one.
func TestAlphaOfABatch(t *testing.T) {
	const b, step = 40, 3
	p := logistic(t, b)
	tree := seed.New(3)
	w := make([]float64, 31)
	p.Objective(tree).Initialize(w)
	u := make([]float64, len(w))
	for i := range u {
		u[i] = -0.05 * math.Sin(float64(i))
	}
	moved := make([]float64, len(w))
	floats.AddTo(moved, w, u)
	var y, variances [2][2]float64 // losses and slopes, before and after
	for i, at := range [][]float64{w, moved} {
		x, targets := batchOf(p, tree, step+i)
		losses, gradients, _ := logisticRows(at, x, targets)
		var slopes mat.VecDense
		slopes.MulVec(gradients, mat.NewVecDense(len(u), u))
		for j, of := range [][]float64{losses, slopes.RawVector().Data} {
			y[j][i], variances[j][i] = stat.MeanVariance(of, nil)
		}
	}
	want, _ := parabola(append(y[0][:], y[1][:]...), append(variances[0][:], variances[1][:]...))
	near(t, measured(t, &alpha, nil, p, step, w, u, 0), 1e-10, map[string]float64{"alpha": want})
}
