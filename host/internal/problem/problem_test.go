package problem

import (
	"errors"
	"math"
	"testing"

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

// TestQuadraticRounding: a matrix that is symmetric up to rounding, relative to its largest element, is accepted and is then
// exactly symmetric: the mean of A and its transpose, which gives the same function.
func TestQuadraticRounding(t *testing.T) {
	for name, c := range map[string]struct {
		a  []float64
		ok bool
	}{
		"exact":               {[]float64{1, 0.1, 0.1, 2}, true},
		"zero":                {[]float64{0, 0, 0, 0}, true},
		"large":               {[]float64{1e308, -1e308, -1e308, 1e308}, true},
		"product":             {[]float64{4, -5.400056e-16, -5.489546e-16, 4}, true}, // of three float64 matrices
		"inverse":             {[]float64{1e4, 3e-10, -1e-10, 1}, true},              // condition 1e4, in float64
		"float32":             {[]float64{1, 0.25, 0.25 + 4e-7, 1}, true},
		"six digits":          {[]float64{1, 1.00001, 1, 1}, true},
		"one side is missing": {[]float64{1, 0.5, 0, 1}, false},
		"a wrong sign":        {[]float64{1000, 1, -1, 1000}, false},
		"a digit":             {[]float64{1, 0.1234, 0.1243, 1}, false},
		"large and opposite":  {[]float64{1, 1e308, -1e308, 1}, false},
	} {
		p, err := Quadratic(mat.NewDense(2, 2, c.a), []float64{0, 0}, []float64{1, 1})
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.ok {
			var asymmetry *AsymmetryError
			if !errors.As(err, &asymmetry) || asymmetry.Row != 0 || asymmetry.Column != 1 || !(asymmetry.Relative > 1e-5) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		h := p.(*quadratic).a
		if want := c.a[1]/2 + c.a[2]/2; h.At(0, 1) != h.At(1, 0) || math.Abs(h.At(0, 1)-want) > 1e-15*math.Abs(want) {
			t.Errorf("%s: %v beside the diagonal, want %v", name, h.At(0, 1), want)
		}
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
	known, _ := dataset.Find("breast-cancer")
	data, err := known.Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	network, err := model.New(model.Shape{30}, []model.Layer{
		model.Activated{Layer: model.Dense{Units: 4, Weight: model.Glorot{}}, Activation: model.Activations[2]},
		model.Dropout{Rate: 0.1}, model.Dense{Units: 1, Weight: model.Glorot{}}})
	if err != nil {
		t.Fatal(err)
	}
	p := &Supervised{Data: data, Network: network, Loss: model.Losses[0],
		Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}}, Batching: dataset.Batching{Sizes: []int{32}, Reshuffle: true}}
	if got := p.StepsPerEpoch(); got != 15 { // 455 of 569 train, in batches of 32
		t.Errorf("%d steps per epoch, want 15", got)
	}
	growing := *p
	growing.Batching = dataset.Batching{Sizes: []int{32, 64}, Milestones: []int{2}, Reshuffle: true}
	if epoch, index := Epoch(&growing, 32); Steps(&growing, 4) != 15+15+8+8 || epoch != 2 || index != 2 {
		t.Errorf("batches of 32 and then 64: %d steps in 4 epochs, step 32 is step %d of epoch %d", Steps(&growing, 4),
			index, epoch)
	}
	if epoch, _ := Epoch(rosenbrock.Problem(rosenbrock.Start(2)), 32); epoch != -1 {
		t.Errorf("a function has epoch %d", epoch)
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
	known, _ := dataset.Find("breast-cancer")
	data, err := known.Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	network, err := model.New(model.Shape{30}, []model.Layer{
		model.Dense{Units: 10_000, Weight: model.Normal{StdDev: 0.1}}, // some 200 examples a chunk
		model.Activated{Layer: model.BatchNorm{Epsilon: 1e-5, Scale: model.Constant{Value: 1}},
			Activation: model.Activations[2]},
		model.Dense{Units: 1, Weight: model.Normal{StdDev: 0.01}}})
	if err != nil {
		t.Fatal(err)
	}
	network.L2.Weight = 1e-3
	p := &Supervised{Data: data, Network: network, Loss: model.Losses[0],
		Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}}, Batching: dataset.Batching{Sizes: []int{16}, Reshuffle: true}}
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
	want := o.evaluation.Loss(p.Loss, z, all.y) + network.Penalty(w, nil)
	loss, _ := got.Loss.Get()
	accuracy, _ := got.Accuracy.Get()
	if math.Abs(loss-want) > 1e-12 || math.Abs(accuracy-p.Loss.Accuracy(z, all.y, 1)) > 1e-12 {
		t.Errorf("%+v, want loss %v", got, want)
	}
	k := 0
	if n := testing.AllocsPerRun(20, func() { k = (k + 1) % 28; o.Gradient(k, w, g) }); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}
