package sdk

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// rich has every type that a state may have.
type rich struct {
	V    Vec
	N    int
	U    uint64
	On   bool
	X    float64
	F    []float64
	I    []int
	L    []Vec
	M    [][]float64
	Pair struct{ A, B Vec }
	List []struct {
		At  int
		Dir Vec
	}
}

// TestStateTypes: everything that a state may hold survives being saved and loaded.
func TestStateTypes(t *testing.T) {
	states := newStates[rich]([]int{2, 0})
	if len(states[0].Pair.B) != 2 || states[1].Pair.A == nil {
		t.Fatalf("%+v", states)
	}
	s := &states[0]
	s.V[1], s.N, s.U, s.On, s.X = 1.5, -3, 1<<63+1, true, -0.25
	s.F, s.I, s.L, s.M = []float64{1, 2, 3}, []int{-1, 9}, []Vec{{1, 2}, nil, {3, 4}}, [][]float64{{1}, nil, {2, 3}}
	s.Pair.B[0] = 8
	s.List = append(s.List, struct {
		At  int
		Dir Vec
	}{4, Vec{5, 6}})
	var b bytes.Buffer
	if err := saveStates(&b, states); err != nil {
		t.Fatal(err)
	}
	back, err := loadStates[rich](bytes.NewReader(b.Bytes()), []int{2, 0})
	if err != nil || !reflect.DeepEqual(back, states) {
		t.Errorf("%v\n%+v\n%+v", err, back, states)
	}
	if _, err := loadStates[rich](bytes.NewReader(b.Bytes()), []int{3, 0}); err == nil ||
		!strings.Contains(err.Error(), "it has 2 values of V, and the tensor has 3 elements") {
		t.Error(err)
	}
	shape, err := stateShape(reflect.TypeFor[rich](), reflect.TypeFor[none]())
	const version = "2 {V:vec N:int U:uint64 On:bool X:float64 F:[]float64 I:[]int L:[]vec M:[][]float64 Pair:{A:vec B:vec} " +
		"List:[]{At:int Dir:vec}}"
	if err != nil || shape.version != version || shape.vectors != 3 || !shape.listed {
		t.Errorf("%+v, %v", shape, err)
	}
}

type tree struct{ Branches []tree }

type wrongInit struct{ V Vec }

func (*wrongInit) Init(Tensor) {}

type lostInit struct{ V Vec }

func (lostInit) Init(none, Tensor) {} // changes a copy

// TestMalformedStates: what cannot be saved is refused at start-up, naming the field.
func TestMalformedStates(t *testing.T) {
	panics(t, "type map[string]int is not supported", try[none, struct{ M map[string]int }])
	panics(t, "field B of struct { B struct { p int } }: field p of", try[none, struct{ B struct{ p int } }])
	panics(t, "contains itself", try[none, tree])
	panics(t, "type []struct {} is not supported", try[none, struct{ E []struct{} }])
	panics(t, "type *float64 is not supported", try[none, struct{ P *float64 }])
	panics(t, "the tag json has no meaning here", try[none, struct {
		V Vec `json:"v"`
	}])
	panics(t, "method Init of sdk.wrongInit must be func (s *wrongInit) Init(h none, x sdk.Tensor)", try[none, wrongInit])
	panics(t, "method Init of sdk.lostInit must be func (s *lostInit) Init(h none, x sdk.Tensor)", try[none, lostInit])
}

// accumulator begins at a value that is not zero, as Adagrad's may, and at the weights.
type accumulator struct {
	G, Start Vec
	Draw     float64
}

func (s *accumulator) Init(h rate, x Tensor) {
	for i := range s.G {
		s.G[i] = h.LR
	}
	copy(s.Start, x.Weights)
	s.Draw = x.Rand().Float64()
	if x.K != 0 || len(x.Update) != 0 || len(x.Grad) != len(s.G) {
		panic(x)
	}
}

// TestInit: the state begins as Init says, once, at either entry point, also in a run that was saved before its first step.
func TestInit(t *testing.T) {
	rule := func(s *accumulator, x Tensor) {
		if x.Rand().Float64() == s.Draw {
			t.Error("Init and the first step draw the same numbers")
		}
		for i := range x.Update {
			s.G[i]++
			x.Update[i] = s.G[i] + s.Start[i]
		}
	}
	for name, o := range map[string]*Optimizer{
		"single": New("x", func(_ rate, s *accumulator, x Tensor) { rule(s, x) }, NeedsWeights()),
		"joint": NewJoint("x", func(_ rate, _ *none, s []accumulator, m Model) {
			for i, x := range m.Tensors {
				rule(&s[i], x)
			}
		}, NeedsWeights()),
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, o, 2, 1)
			first := r.weights[2]
			var early, late bytes.Buffer
			run := func(r *running, k uint64, want float64) {
				t.Helper()
				if err := r.step(t, k); err != nil || r.update[2] != want {
					t.Errorf("step %d: update %v, want %v: %v", k, r.update[2], want, err)
				}
			}
			if err := r.save(&early); err != nil {
				t.Fatal(err)
			}
			run(r, 1, 1.5+first)
			if err := r.save(&late); err != nil {
				t.Fatal(err)
			}
			r.weights[2] = 100
			run(r, 2, 2.5+first)
			for what, c := range map[string]struct {
				state *bytes.Buffer
				want  float64
			}{"early": {&early, 1.5 + first}, "late": {&late, 2.5 + first}} {
				other := start(t, o, 2, 1)
				if err := other.load(c.state); err != nil {
					t.Fatal(what, err)
				}
				run(other, 2, c.want)
			}
			if err := r.load(bytes.NewReader([]byte{2})); err == nil {
				t.Error("a damaged state was taken")
			}
		})
	}
}

// TestGlobal: a model's state is saved with those of its tensors, has a vector as long as all of them, and is told apart by its fields.
func TestGlobal(t *testing.T) {
	type global struct {
		Sum float64
		V   Vec
	}
	o := NewJoint("x", func(_ rate, g *global, s []accumulator, m Model) {
		for i, x := range m.Grad {
			g.V[i] += x
			g.Sum += x
			m.Update[i] = g.Sum + g.V[i]
		}
		s[1].G[0]++
		m.Tensors[1].Update[0] += s[1].G[0]
	})
	r := start(t, o, 2, 1)
	if err := r.step(t, 1); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.save(&b); err != nil {
		t.Fatal(err)
	}
	if err := r.step(t, 2); err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(r.update)
	again := start(t, o, 2, 1)
	copy(again.gradient, r.gradient)
	if err := again.load(bytes.NewReader(b.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := again.step(t, 2); err != nil || !slices.Equal(again.update, want) {
		t.Errorf("update %v, want %v: %v", again.update, want, err)
	}
	if err := start(t, o, 3, 1).load(bytes.NewReader(b.Bytes())); err == nil || !strings.Contains(err.Error(), "the snapshot of the model: it has 3 values of V") {
		t.Error(err)
	}
	if other := start(t, NewJoint("x", func(rate, *none, []accumulator, Model) {}), 2, 1); other.stateVersion() == r.stateVersion() {
		t.Errorf("both are %s", other.stateVersion())
	}
	lends := NewJoint("x", func(_ rate, g *global, _ []accumulator, m Model) { g.V = m.Update })
	if err := start(t, lends, 3).step(t, 1); err == nil || !strings.Contains(err.Error(), "after step 1 the state's V of the model is one of the step's own slices") {
		t.Error(err)
	}
}
