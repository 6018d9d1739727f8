package sdk

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

type outer struct {
	Factor float64 `hyper:"factor,2" in:"[1,4]"`
	Word   string  `hyper:"word,a" choices:"a,b"`
}

type inner struct {
	LR float64 `hyper:"lr,0.5" in:"[0,1]"`
}

type sum struct{ Sum float64 }

type total struct{ LR float64 }

func (s *total) Init(inner, Tensor) { s.LR = 100 }

// within is a base that shows all that it is given, with a state of each tensor.
var within = New("within", func(h inner, s *total, x Tensor) {
	if x.K == 13 {
		panic("bad luck")
	}
	s.LR += h.LR
	for i, g := range x.Grad {
		x.Update[i] = h.LR*g + x.Weights[i] + x.Loss + s.LR
	}
}, NeedsWeights(), NeedsLoss())

// without changes the gradient and the update.
func without(h outer, g *sum, m Model, base func([]float64)) {
	other := slices.Clone(m.Grad)
	for i := range other {
		other[i] *= h.Factor
	}
	base(other)
	for i := range m.Update {
		g.Sum += m.Update[i]
		m.Update[i] += 1000
	}
}

// TestAroundMatrices: what is around a rule of matrices takes matrices alone too, which is found before the start.
func TestAroundMatrices(t *testing.T) {
	base := New("within", func(inner, *total, Tensor) {}, Matrices())
	if !Around("both", base, without).description.Capabilities.Matrices {
		t.Error("it would be given vectors")
	}
}

// TestAround: the base has hyperparameters, state, weights and loss of its own, and the gradient that it is given; what is around it
// has the update.
func TestAround(t *testing.T) {
	o := Around("both", within, without)
	var names []string
	for _, h := range o.description.Hyperparameters {
		names = append(names, h.Name)
	}
	if c := o.description.Capabilities; !slices.Equal(names, []string{"factor", "word", "lr"}) || !c.NeedsWeights || !c.NeedsLoss || c.Groups {
		t.Errorf("%v, %v", names, c)
	}
	r := start(t, o, 2, 1)
	copy(r.hyperparameters(), []float64{3, 0.25})
	for k := range uint64(3) {
		if err := r.step(t, k+1); err != nil {
			t.Fatal(err)
		}
		for i, u := range r.update {
			if want := 0.25*(3*r.gradient[i]) + r.weights[i] + 3 + (100 + 0.25*float64(k+1)) + 1000; u != want {
				t.Errorf("step %d: element %d of the update is %v, want %v", k+1, i, u, want)
			}
		}
	}
	for _, values := range [][]float64{{5, 0.25}, {3, 1.5}} {
		copy(r.hyperparameters(), values)
		if err := r.step(t, 4); err == nil || !strings.Contains(err.Error(), "out of range") {
			t.Errorf("%v: %v", values, err)
		}
	}
	copy(r.hyperparameters(), []float64{3, 0.25})
	if err := r.step(t, 13); err == nil || !strings.HasPrefix(err.Error(), `panic in step 13 at tensor "t0": bad luck, at `) {
		t.Error(err)
	}
}

// TestAroundState: both states are saved and restored, and a snapshot that is damaged changes neither.
func TestAroundState(t *testing.T) {
	o := Around("both", within, without)
	one, other := start(t, o, 2, 1), start(t, o, 2, 1)
	for k := range uint64(2) {
		if err := one.step(t, k+1); err != nil {
			t.Fatal(err)
		}
	}
	var saved bytes.Buffer
	if err := one.save(&saved); err != nil {
		t.Fatal(err)
	}
	if err := other.load(bytes.NewReader(saved.Bytes())); err != nil {
		t.Fatal(err)
	}
	for n := range saved.Len() {
		if other.load(bytes.NewReader(saved.Bytes()[:n])) == nil {
			t.Errorf("%d bytes of %d were taken", n, saved.Len())
		}
	}
	if other.load(bytes.NewReader(append(saved.Bytes(), 0))) == nil || other.load(bytes.NewReader(bytes.Repeat([]byte{255}, 100))) == nil {
		t.Error("a damaged snapshot was taken")
	}
	for _, r := range []*running{one, other} {
		if err := r.step(t, 3); err != nil {
			t.Fatal(err)
		}
	}
	var a, b bytes.Buffer
	if one.save(&a) != nil || other.save(&b) != nil || !bytes.Equal(a.Bytes(), b.Bytes()) || !slices.Equal(one.update, other.update) {
		t.Errorf("%v and %v", one.update, other.update)
	}
	if v := one.stateVersion(); v != "2 {} of a model with {Sum:float64} around 2 {LR:float64} after Init" {
		t.Error(v)
	}
}

type averaging struct {
	Decay float64 `hyper:"decay,0.5" in:"[0.1,1)"`
}

type mean struct{ Weights Vec }

// TestAroundElsewhere: the result is where the rule around says, of weights that its base does not see, with the values in force and
// after a restore.
func TestAroundElsewhere(t *testing.T) {
	base := New("base", func(h inner, _ *none, x Tensor) {
		for i, g := range x.Grad {
			x.Update[i] = -h.LR * g
		}
	})
	o := Around("mean", base, func(h averaging, a *mean, m Model, base func([]float64)) {
		base(m.Grad)
		for i, w := range m.Weights {
			a.Weights[i] = w + m.Update[i]
		}
	}, NeedsWeights(), EvaluatesModelAt(func(h averaging, a *mean, _ []struct{}, m Model) {
		for i := range m.Update {
			m.Update[i] = h.Decay*a.Weights[i] + float64(m.K)
		}
	}))
	if c := o.description.Capabilities; !c.EvaluationWeights || !c.NeedsWeights || base.description.Capabilities.NeedsWeights {
		t.Error(c)
	}
	one, other := start(t, o, 2, 1), start(t, o, 2, 1)
	copy(one.hyperparameters(), []float64{0.5, 0.25})
	if err := one.locate(v1.StepKind_STEP_KIND_EVALUATION, 0); err != nil || slices.ContainsFunc(one.update, func(u float64) bool { return u != 0 }) {
		t.Errorf("before the first step the result is at %v, %v", one.update, err)
	}
	if err := one.step(t, 1); err != nil {
		t.Fatal(err)
	}
	var want []float64
	for i, w := range one.weights {
		want = append(want, 0.75*(w-0.25*one.gradient[i])+1)
	}
	var saved bytes.Buffer
	if err := one.save(&saved); err != nil {
		t.Fatal(err)
	}
	if err := other.load(&saved); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*running{one, other} {
		copy(r.hyperparameters(), []float64{0.75, 0.25}) // the first step's was another
		for range 2 {
			if err := r.locate(v1.StepKind_STEP_KIND_EVALUATION, 1); err != nil || !slices.Equal(r.update, want) {
				t.Errorf("%v, want %v, %v", r.update, want, err)
			}
		}
		r.hyperparameters()[0] = 1
		if err := r.locate(v1.StepKind_STEP_KIND_EVALUATION, 1); err == nil || !strings.Contains(err.Error(), "decay") {
			t.Error(err)
		}
	}
}

// TestAroundRefusals: what cannot be together is refused at the start, and each value by whose it is.
func TestAroundRefusals(t *testing.T) {
	panics(t, "its base within has a hyperparameter lr too", func() {
		Around("x", within, func(inner, *sum, Model, func([]float64)) {})
	})
	asks := NewJoint("asks", func(inner, *none, []none, Model) {}, Asks())
	panics(t, "its base asks asks, which a base cannot", func() { Around("x", asks, without) })
	elsewhere := New("away", func(inner, *none, Tensor) {}, EvaluatesAt(func(inner, *none, Tensor) {}))
	panics(t, "the result of its base away is elsewhere", func() { Around("x", elsewhere, without) })

	o := Around("both", within, without)
	var faults []string
	for _, d := range o.validate(map[string]*v1.Value{"factor": proto.NewValue(9.0), "lr": proto.NewValue(-1.0), "wrd": proto.NewValue("a")}) {
		faults = append(faults, d.Hyperparameter)
	}
	if !slices.Equal(faults, []string{"factor", "wrd", "lr"}) {
		t.Error(faults)
	}
	for _, name := range []string{"factor", "lr"} {
		if _, err := o.open(&v1.OpenRequest{Hyperparameters: map[string]*v1.Value{name: proto.NewValue(-1.0)}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
