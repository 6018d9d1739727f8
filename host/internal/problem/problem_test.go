package problem

import (
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

func TestClassificationDependsOnSeedAndStepAlone(t *testing.T) {
	known, _ := dataset.Find("breast-cancer")
	data, err := known.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	p := &Classification{Data: data, Model: model.NewMLP(30, []int{4}, model.Activations[2]),
		Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}}, Batching: dataset.Batching{Sizes: []int{32}}}
	if got := p.StepsPerEpoch(); got != 15 { // 455 of 569 train, in batches of 32
		t.Errorf("%d steps per epoch, want 15", got)
	}
	growing := *p
	growing.Batching = dataset.Batching{Sizes: []int{32, 64}, Milestones: []int{2}}
	if epoch, index := Epoch(&growing, 32); Steps(&growing, 4) != 15+15+8+8 || epoch != 2 || index != 2 {
		t.Errorf("batches of 32 and then 64: %d steps in 4 epochs, step 32 is step %d of epoch %d", Steps(&growing, 4), index, epoch)
	}
	if epoch, _ := Epoch(Rosenbrock(RosenbrockStart), 32); epoch != -1 {
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
