package problem

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/seed"
)

func example(t *testing.T) Problem {
	t.Helper()
	a := mat.NewDense(3, 3, []float64{4, 1, 0, 1, 3, -1, 0, -1, -2})
	q, err := Quadratic(a, []float64{1, 2, 3}, []float64{0, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestGradientsAgainstFiniteDifferences(t *testing.T) {
	const tolerance = 1e-7 // relative, in the Euclidean norm
	for name, p := range map[string]Problem{"rosenbrock": Rosenbrock(RosenbrockStart), "quadratic": example(t)} {
		o := p.Objective(seed.New(1))
		n := Size(p.Layout())
		r := rand.New(rand.NewPCG(3, 4))
		for range 20 {
			x, g := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = 2 * r.NormFloat64()
			}
			loss := o.Gradient(0, x, g)
			if e := o.Evaluate(Training, x); e.Loss != loss || !math.IsNaN(o.Evaluate(Validation, x).Loss) {
				t.Errorf("%s: loss %v, evaluated %v", name, loss, e)
			}
			want := fd.Gradient(nil, func(x []float64) float64 { return o.Evaluate(Training, x).Loss }, x,
				&fd.Settings{Formula: fd.Central, Step: 1e-5})
			if e := floats.Distance(g, want, 2) / floats.Norm(want, 2); !(e < tolerance) {
				t.Errorf("%s at %v: relative error %.1e", name, x, e)
			}
		}
	}
}

func TestKnownValues(t *testing.T) {
	o := Rosenbrock(RosenbrockStart).Objective(seed.New(1))
	g := make([]float64, 2)
	if f := o.Gradient(0, []float64{1, 1}, g); f != 0 || g[0] != 0 || g[1] != 0 {
		t.Errorf("minimum: %v, %v", f, g)
	}
	if f := o.Gradient(0, []float64{-1.2, 1}, g); math.Abs(f-24.2) > 1e-13 { // published value at the start
		t.Errorf("start: %v", f)
	}
	q := example(t).Objective(seed.New(1))
	g = make([]float64, 3)
	if f := q.Gradient(0, []float64{1, 2, 3}, g); f != 0 || floats.Norm(g, 2) != 0 {
		t.Errorf("centre: %v, %v", f, g)
	}
}

func TestQuadraticRefuses(t *testing.T) {
	square := mat.NewDense(2, 2, []float64{1, 2, 2, 1})
	for name, f := range map[string]func() (Problem, error){
		"not square": func() (Problem, error) { return Quadratic(mat.NewDense(1, 2, nil), []float64{0}, []float64{0}) },
		"not symmetric": func() (Problem, error) {
			return Quadratic(mat.NewDense(2, 2, []float64{1, 2, 3, 1}), []float64{0, 0}, []float64{0, 0})
		},
		"center": func() (Problem, error) { return Quadratic(square, []float64{0}, []float64{0, 0}) },
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSupervisedDependsOnSeedAndStepAlone(t *testing.T) {
	data, _, err := dataset.Load("breast-cancer")
	if err != nil {
		t.Fatal(err)
	}
	network, err := model.New(model.Shape{30}, []model.Layer{
		model.Activated{Layer: model.Dense{Units: 4, Weight: model.Initializer{Name: "glorot"}}, Activation: model.Activations[2]},
		model.Dropout{Rate: 0.1}, model.Dense{Units: 1, Weight: model.Initializer{Name: "glorot"}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &Supervised{Data: data, Network: network, Loss: model.Losses[0], Batch: 32, Validation: 0.2, Standardize: true}
	if got := p.StepsPerEpoch(); got != 15 { // 455 of 569 train, in batches of 32
		t.Errorf("%d steps per epoch, want 15", got)
	}
	n := Size(p.Layout())
	w, g := make([]float64, n), make([]float64, n)
	var forward []float64
	a := p.Objective(seed.New(5))
	a.Initialize(w)
	for k := range 40 {
		forward = append(forward, a.Gradient(k, w, g))
	}
	b := p.Objective(seed.New(5))
	for k := 39; k >= 0; k-- {
		if got := b.Gradient(k, w, g); got != forward[k] {
			t.Fatalf("batch %d backwards has loss %v, forwards %v", k, got, forward[k])
		}
	}
	if c := p.Objective(seed.New(6)); c.Gradient(0, w, g) == forward[0] {
		t.Error("another seed has the same first batch")
	}
}

// TestChunksMakeTheWhole: a part that is evaluated by chunks has the loss and accuracy of all its examples, and gradients
// allocate nothing.
func TestChunksMakeTheWhole(t *testing.T) {
	data, _, err := dataset.Load("breast-cancer")
	if err != nil {
		t.Fatal(err)
	}
	network, err := model.New(model.Shape{30}, []model.Layer{
		model.Dense{Units: 10_000, Weight: model.Initializer{Name: "normal", StdDev: 0.1}}, // some 200 examples a chunk
		model.Activated{Layer: model.BatchNorm{Epsilon: 1e-5, Scale: model.Initializer{Name: "constant", Value: 1}}, Activation: model.Activations[2]},
		model.Dense{Units: 1, Weight: model.Initializer{Name: "normal", StdDev: 0.01}}})
	if err != nil {
		t.Fatal(err)
	}
	network.L2.Weight = 1e-3
	p := &Supervised{Data: data, Network: network, Loss: model.Losses[0], Batch: 16, Validation: 0.2, Standardize: true}
	o := p.Objective(seed.New(1)).(*supervised)
	w, g := make([]float64, network.Size()), make([]float64, network.Size())
	o.Initialize(w)
	got := o.Evaluate(Training, w)
	if o.parts[Training] != nil {
		t.Fatal("the part was not evaluated by chunks")
	}
	var all examples
	all.gather(o.split, o.split.Train, 30)
	o.evaluation.Calibrate(w, &o.calibration.view)
	z := o.evaluation.Forward(w, &all.view)
	want := p.Loss.F(z, all.y, 1, nil) + network.Penalty(w, nil)
	if math.Abs(got.Loss-want) > 1e-12 || math.Abs(got.Accuracy-p.Loss.Accuracy(z, all.y, 1)) > 1e-12 {
		t.Errorf("%+v, want loss %v", got, want)
	}
	k := 0
	if n := testing.AllocsPerRun(20, func() { k = (k + 1) % 28; o.Gradient(k, w, g) }); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}
