package sdk

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

type groupedHyper struct {
	LR    float64 `hyper:"lr,0.5" in:"[0,1]"`
	Power int     `hyper:"power,1" in:"[0,3]"`
	Minus bool    `hyper:"minus,false"`
}

// groupedState remembers with what its Init was called.
type groupedState struct{ LR float64 }

func (s *groupedState) Init(h groupedHyper, _ Tensor) { s.LR = h.LR }

// groupedStep makes every hyperparameter show in the update.
func groupedStep(h groupedHyper, s *groupedState, x Tensor) {
	sign := 1.0
	if h.Minus {
		sign = -1
	}
	for i, g := range x.Grad {
		x.Update[i] = sign*h.LR*math.Pow(g, float64(h.Power)) + 1000*s.LR
	}
}

// startGroups opens three tensors, of which the first and the last, a long one, are in groups.
func startGroups(t *testing.T, length int) *running {
	t.Helper()
	o := New("x", groupedStep, Elementwise())
	n := 2 + length
	in, err := o.open(&v1.OpenRequest{
		Tensors: []*v1.Tensor{{Name: "a", Length: 1}, {Name: "b", Offset: 1, Length: 1},
			{Name: "c", Shape: []int64{int64(length)}, Offset: 2, Length: int64(length)}},
		Hyperparameters: map[string]*v1.Value{"lr": proto.NewValue(0.25)},
		Groups: []*v1.Group{
			{Tensors: []uint32{2}, Hyperparameters: map[string]*v1.Value{"minus": proto.NewValue(true), "lr": proto.NewValue(0.125)}},
			{Tensors: []uint32{0}, Hyperparameters: map[string]*v1.Value{"power": proto.NewValue(int64(2))}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.close)
	r := &running{in, slices.Repeat([]float64{4}, n), nil, make([]float64, n)}
	in.use(r.gradient, nil, r.update)
	return r
}

// TestGroups: each tensor has the hyperparameters of its group, those that cannot change and those in force, in Init and in every
// step, and so has each piece of a long one.
func TestGroups(t *testing.T) {
	r := startGroups(t, pieceLength+1)
	if n := r.size().Hyperparameters; n != 6 {
		t.Fatalf("%d values a step, want lr and power for the rest and for each of two groups", n)
	}
	for k, c := range []struct{ values, want []float64 }{
		{[]float64{0.25, 1, 0.125, 1, 0.25, 2}, []float64{254, 251, 124.5}}, // ±lr gᵖ + 1000 lr₀
		{[]float64{0.5, 1, 0, 3, 1, 0}, []float64{251, 252, 125}},
	} {
		copy(r.hyperparameters(), c.values)
		if _, err := r.advance(uint64(k+1), 0, 1); err != nil {
			t.Fatal(err)
		}
		if got := []float64{r.update[0], r.update[1], r.update[2]}; !slices.Equal(got, c.want) ||
			r.update[pieceLength] != c.want[2] || r.update[pieceLength+2] != c.want[2] {
			t.Errorf("step %d: the updates are %v, ..., %v, want %v", k+1, got, r.update[pieceLength+2], c.want)
		}
	}
}

// TestRefusedValues: of a step that is refused for one of its values no other is in force afterwards.
func TestRefusedValues(t *testing.T) {
	good := []float64{0.25, 1, 0.125, 1, 0.25, 2}
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{[]float64{1, 4, 0.125, 1, 0.25, 2}, "power = 4 is out of range [0,3]"},
		{[]float64{1, 1, 0.125, 1, math.NaN(), 2}, "group 1: lr = NaN is out of range [0,1]"},
	} {
		r := startGroups(t, 1)
		copy(r.hyperparameters(), good)
		if _, err := r.advance(1, 0, 1); err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(r.update)
		copy(r.hyperparameters(), c.values)
		if _, err := r.advance(2, 0, 1); err == nil || err.Error() != c.want {
			t.Fatalf("%v: %v, want %s", c.values, err, c.want)
		}
		copy(r.hyperparameters(), good)
		if _, err := r.advance(2, 0, 1); err != nil || !slices.Equal(r.update, want) {
			t.Errorf("after %v was refused: %v, %v, want %v", c.values, r.update, err, want)
		}
	}
}

// TestNoGroups: a joint rule has one set of hyperparameters, says so, and takes no groups.
func TestNoGroups(t *testing.T) {
	o := NewJoint("x", func(_ rate, _ *none, _ []none, _ Model) {})
	_, err := o.open(&v1.OpenRequest{Tensors: []*v1.Tensor{{Name: "a", Length: 1}}, Groups: []*v1.Group{{Tensors: []uint32{0}}}})
	if o.description.Capabilities.Groups || err == nil || !strings.Contains(err.Error(), "open it without groups") {
		t.Errorf("it declares groups: %v; %v", o.description.Capabilities.Groups, err)
	}
}
