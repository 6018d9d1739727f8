package diagnose

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// logistic is logistic regression of breast-cancer, in batches.
func logistic(t *testing.T, batch int) *problem.Supervised {
	t.Helper()
	known, _ := dataset.Find("breast-cancer")
	data, err := known.Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.New(model.Shape{30}, []model.Layer{model.Dense{Units: 1, Weight: model.Glorot{}}})
	if err != nil {
		t.Fatal(err)
	}
	return &problem.Supervised{Data: data, Network: n, Loss: model.Losses[0],
		Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}}, Batching: dataset.Batching{Sizes: []int{batch}, Reshuffle: true}}
}

// TestNoise computes all from the matrix of the gradients (p − y) x of a batch's examples, by gonum's covariance.
func TestNoise(t *testing.T) {
	const b, step, tolerance = 40, 3, 1e-10 // relative
	p := logistic(t, b)
	tree := seed.New(4)
	run := NewRun(p, tree)
	n := size(run)
	w, g := make([]float64, n), make([]float64, n)
	o := p.Objective(tree)
	o.Initialize(w)
	loss := o.Gradient(step, w, g)
	sample := &record.Sample{Step: step, Weights: w, Gradient: g, Values: make([]record.Value, len(record.Standard()))}
	sample.Set(record.TrainLoss, loss)
	sample.Set(record.LearningRate, 0.1)
	values, elements := make([]record.Value, 8), make([]record.Value, 2)
	noise.Make(nil, run).Measure(sample, values, elements)

	x, y := batchOf(p, tree, step)
	_, gradients, _ := logisticRows(w, x, y)
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, gradients, nil)
	mean := make([]float64, n)
	for j := range mean {
		mean[j] = stat.Mean(mat.Col(nil, j, gradients), nil)
	}
	m := mat.NewVecDense(n, mean)
	square, trace := floats.Dot(mean, mean), mat.Trace(&covariance)
	along := mat.Inner(m, &covariance, m) // the variance of the slopes
	early := 0.0
	for j, x := range mean {
		early += x * x / covariance.At(j, j)
	}
	want := []float64{trace, trace / (square - trace/b), math.Sqrt(trace / b / square), math.Sqrt(along/b) / square,
		math.Sqrt((trace - along/square) / b / square), 0.1 * trace / loss, 1 - b*early/float64(n), early / float64(n)}
	for i, q := range noise.Quantities(nil) {
		if x, measured := values[i].Get(); !measured || math.Abs(x-want[i]) > tolerance*math.Abs(want[i]) {
			t.Errorf("%s is %v, %t, want %v", q.Name, x, measured, want[i])
		}
	}
	weights := trace - covariance.At(30, 30)
	for i, want := range []float64{(square - mean[30]*mean[30]) * b / weights, mean[30] * mean[30] * b / covariance.At(30, 30)} {
		if x, _ := elements[i].Get(); math.Abs(x-want) > tolerance*want {
			t.Errorf("signal to noise of tensor %d is %v, want %v", i, x, want)
		}
	}
	if e := floats.Distance(g, mean, 2); e > 1e-14 {
		t.Errorf("the mean gradient differs by %.1e", e)
	}
}

// still has examples without gradients.
type still struct{ problem.Curved }

func (still) ExampleGradients(_ int, weights []float64, visit func(float64, []float64)) {
	for range 3 {
		visit(1, make([]float64, len(weights)))
	}
}

// TestStill: of nothing in nothing there is no noise scale.
func TestStill(t *testing.T) {
	p := logistic(t, 3)
	run, values := NewRun(p, seed.New(1)), make([]record.Value, len(noise.Quantities(nil)))
	run.objective = still{run.Curved()}
	noise.Make(nil, run).Measure(&record.Sample{Weights: make([]float64, size(run)), Values: make([]record.Value, len(record.Standard()))}, values, make([]record.Value, 2))
	if x, is := values[0].Get(); !is || x != 0 {
		t.Errorf("the variance is %v, %t", x, is)
	}
	if x, is := values[1].Get(); is {
		t.Errorf("the noise scale is %v", x)
	}
}
