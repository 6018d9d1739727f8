package sdk

import (
	"slices"
	"strings"
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

type resultHyper struct {
	LR float64 `hyper:"lr,0.5" in:"[0,1]"`
}

type resultState struct{ Mean Vec }

// open opens an optimizer over tensors of one and two elements.
func openResult(t *testing.T, o *Optimizer) *running {
	t.Helper()
	in, err := o.open(&v1.OpenRequest{Tensors: []*v1.Tensor{{Name: "a", Shape: []int64{1}, Length: 1}, {Name: "b", Shape: []int64{2}, Offset: 1, Length: 2}}, MaxAsks: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.close)
	r := &running{in, []float64{1, 2, 3}, []float64{10, 20, 30}, make([]float64, 3)}
	in.use(r.gradient, r.weights, r.update)
	copy(in.hyperparameters(), []float64{0.5})
	return r
}

// TestResult: each form gives the update of its function, of the step's number and weights, and before the first step the result is where
// the weights are.
func TestResult(t *testing.T) {
	tensor := func(h resultHyper, s *resultState, x Tensor) {
		for i, g := range x.Grad {
			s.Mean[i] += g
			x.Update[i] = -h.LR * g
		}
	}
	joint := func(h resultHyper, _ *struct{}, s []resultState, m Model) {
		for i, x := range m.Tensors {
			tensor(h, &s[i], x)
		}
	}
	result := func(h resultHyper, s *resultState, x Tensor) {
		if x.Grad != nil || x.K != 1 || h.LR != 0.25 {
			t.Errorf("%v of step %d with %v", x.Grad, x.K, h)
		}
		for i, w := range x.Weights {
			x.Update[i] = s.Mean[i] - w
		}
	}
	whole := func(h resultHyper, _ *struct{}, s []resultState, m Model) {
		for i, x := range m.Tensors {
			result(h, &s[i], x)
		}
	}
	start := func(_ resultHyper, x Tensor) {
		for i, w := range x.Weights {
			x.Update[i] = -w + float64(x.K)
		}
	}
	for name, o := range map[string]*Optimizer{
		"tensor":       New("x", tensor, NeedsWeights(), EvaluatesAt(result), Initializes(start)),
		"joint":        NewJoint("x", joint, NeedsWeights(), EvaluatesModelAt(whole), Initializes(start)),
		"joint, asks":  NewJoint("x", joint, NeedsWeights(), EvaluatesModelAt(whole), Initializes(start), Asks()),
		"each of many": NewJoint("x", joint, NeedsWeights(), EvaluatesAt(result), Initializes(start)),
	} {
		r := openResult(t, o)
		if err := r.locate(v1.StepKind_STEP_KIND_INITIALIZATION, 0); err != nil || !slices.Equal(r.update, []float64{-10, -20, -30}) {
			t.Errorf("%s: the start is moved by %v, %v", name, r.update, err)
		}
		if err := r.locate(v1.StepKind_STEP_KIND_EVALUATION, 0); err != nil || !slices.Equal(r.update, []float64{0, 0, 0}) {
			t.Errorf("%s: before the first step the result is %v away, %v", name, r.update, err)
		}
		if _, err := r.advance(1, 0, 1); err != nil {
			t.Fatal(err)
		}
		copy(r.hyperparameters(), []float64{0.25})
		if err := r.locate(v1.StepKind_STEP_KIND_EVALUATION, 1); err != nil || !slices.Equal(r.update, []float64{-9, -18, -27}) {
			t.Errorf("%s: the result is %v away, %v", name, r.update, err)
		}
		if _, err := r.advance(2, 0, 1); err != nil || !slices.Equal(r.update, []float64{-0.25, -0.5, -0.75}) {
			t.Errorf("%s: the step behind is %v, %v", name, r.update, err)
		}
		if err := r.locate(v1.StepKind_STEP_KIND_INITIALIZATION, 2); err == nil {
			t.Errorf("%s: an initialization came after steps", name)
		}
	}
}

// TestResultRefused: a result that does not fit its step is the author's mistake, and one that panics fails its run.
func TestResultRefused(t *testing.T) {
	step := func(resultHyper, *resultState, Tensor) {}
	for want, make := range map[string]func() *Optimizer{
		"does not fit its step":  func() *Optimizer { return New("x", step, EvaluatesAt(func(resultHyper, *struct{}, Tensor) {})) },
		"has not the hyperparam": func() *Optimizer { return New("x", step, Initializes(func(struct{}, Tensor) {}), NeedsWeights()) },
		"add sdk.NeedsWeights()": func() *Optimizer { return New("x", step, Initializes(func(resultHyper, Tensor) {})) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) {
					t.Errorf("%q, want %q", got, want)
				}
			}()
			make()
		}()
	}
	r := openResult(t, New("x", step, EvaluatesAt(func(_ resultHyper, _ *resultState, x Tensor) { panic("no") })))
	if _, err := r.advance(1, 0, 1); err != nil {
		t.Fatal(err)
	}
	err := r.locate(v1.StepKind_STEP_KIND_EVALUATION, 1)
	if err == nil || !strings.Contains(err.Error(), `panic in evaluation after step 1 at tensor "a": no`) {
		t.Error(err)
	}
	if err := openResult(t, New("x", step)).locate(v1.StepKind_STEP_KIND_EVALUATION, 0); err == nil {
		t.Error("a rule without one has a result elsewhere")
	}
}
