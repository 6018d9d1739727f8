package sdk

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// running is an instance with one tensor for each length, and its vectors.
type running struct {
	instance
	gradient, weights, update []float64
}

func start(t *testing.T, o *Optimizer, lengths ...int) *running {
	t.Helper()
	request, n := &v1.OpenRequest{Seed: 7}, 0
	for i, length := range lengths {
		request.Tensors = append(request.Tensors, &v1.Tensor{Name: fmt.Sprintf("t%d", i), Shape: []int64{int64(length)},
			Offset: int64(n), Length: int64(length)})
		n += length
	}
	in, err := o.open(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(in.close)
	r := &running{in, make([]float64, n), make([]float64, n), make([]float64, n)}
	for i := range r.gradient {
		r.gradient[i], r.weights[i] = math.Sin(float64(i)), math.Cos(float64(i))
	}
	in.use(r.gradient, r.weights, r.update)
	copy(in.hyperparameters(), proto.Defaults(o.description))
	return r
}

type momentum struct{ V Vec }

type rate struct {
	LR float64 `hyper:"lr,0.5"`
}

// TestThreads: an elementwise rule gets a large tensor in pieces, from several threads, and the bits are those of one
// thread. Under the race detector it also shows that no state is seen by two of them.
func TestThreads(t *testing.T) {
	step := func(h rate, s *momentum, x Tensor) {
		for i, g := range x.Grad {
			s.V[i] = 0.9*s.V[i] + g
			x.Update[i] = -h.LR*s.V[i] - x.Loss*x.Weights[i]
		}
	}
	o := New("x", step, Elementwise(), NeedsWeights(), NeedsLoss())
	n := parallelFrom + pieceLength/2
	alone, together := start(t, o, 3, n), start(t, o, 3, n)
	for k := uint64(1); k <= 3; k++ {
		_, err1 := alone.advance(k, 0.25, 1)
		_, err2 := together.advance(k, 0.25, 4)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if !slices.Equal(alone.update, together.update) {
			t.Fatalf("step %d differs between threads", k)
		}
	}
}

// TestJoint: a joint rule sees all tensors at once, whole and from one thread however many there are, with the loss if it
// asks for it.
func TestJoint(t *testing.T) {
	var inside atomic.Int32
	step := func(h rate, _ *none, s []momentum, m Model) {
		if inside.Add(1) != 1 {
			t.Error("two threads are in the rule")
		}
		defer inside.Add(-1)
		sum := 0.0
		for _, g := range m.Grad {
			sum += g * g
		}
		for j, x := range m.Tensors {
			for i, g := range x.Grad {
				s[j].V[i] += g
				x.Update[i] = -x.Loss * s[j].V[i] / math.Sqrt(sum)
			}
		}
	}
	r := start(t, NewJoint("x", step, NeedsLoss()), 2, parallelFrom, 0)
	sum := 0.0
	for _, g := range r.gradient {
		sum += g * g
	}
	for k := uint64(1); k <= 2; k++ {
		if _, err := r.advance(k, 0.5, 4); err != nil {
			t.Fatal(err)
		}
	}
	if want := -0.5 * (r.gradient[5] + r.gradient[5]) / math.Sqrt(sum); r.update[5] != want {
		t.Errorf("update %v, want %v", r.update[5], want)
	}
}

// TestLossUnasked: a rule that did not ask for the loss sees none, whatever the host sends.
func TestLossUnasked(t *testing.T) {
	for want, options := range map[float64][]Option{0: nil, 3: {NeedsLoss()}} {
		r := start(t, New("x", func(_ rate, _ *none, x Tensor) { x.Update[0] = x.Loss }, options...), 1)
		if err := r.step(t, 1); err != nil || r.update[0] != want {
			t.Errorf("loss %v, want %v: %v", r.update[0], want, err)
		}
	}
}

func (r *running) step(t *testing.T, k uint64) error {
	t.Helper()
	_, err := r.advance(k, 3, 1)
	return err
}

// TestJointIsNotElementwise: what sees all tensors at once cannot be given pieces.
func TestJointIsNotElementwise(t *testing.T) {
	panics(t, "remove sdk.Elementwise, or use sdk.New", func() {
		NewJoint("x", func(rate, *none, []momentum, Model) {}, Elementwise())
	})
}

// TestPanicNamesTheLine: the fault of a rule says where in the author's code it happened.
func TestPanicNamesTheLine(t *testing.T) {
	o := New("x", func(_ rate, _ *none, x Tensor) {
		_ = slices.Max(x.Grad[:0])
	})
	err := start(t, o, 2).step(t, 4)
	if err == nil || !strings.HasPrefix(err.Error(), `panic in step 4 at tensor "t0": slices.Max: empty list, at run_test.go:`) {
		t.Error(err)
	}
}

// TestStateOfOtherLength: a rule that puts another vector in the place of its state's learns so in that step.
func TestStateOfOtherLength(t *testing.T) {
	type nested struct {
		In   struct{ V Vec }
		Ring []Vec
		Prev []float64
	}
	for want, step := range map[string]func(s *nested, x Tensor){
		"after step 1 the state's In.V of tensor \"t0\" has 2 values, and it has 3": func(s *nested, _ Tensor) {
			s.In.V = s.In.V[1:]
		},
		"the state's In.V of tensor \"t0\" has 0 values": func(s *nested, _ Tensor) { s.In.V = nil },
		"the state's Ring[1] of tensor \"t0\" has 4 values": func(s *nested, _ Tensor) {
			s.Ring = []Vec{nil, make(Vec, 4)}
		},
		"the state's Prev of tensor \"t0\" is one of the step's own slices":    func(s *nested, x Tensor) { s.Prev = x.Grad },
		"the state's Ring[0] of tensor \"t0\" is one of the step's own slices": func(s *nested, x Tensor) { s.Ring = []Vec{x.Update} },
		"": func(s *nested, x Tensor) {
			s.In.V, s.Prev, s.Ring = slices.Clone(x.Grad), x.Grad[:0], append(s.Ring, slices.Clone(x.Grad), nil)
		},
	} {
		single := New("x", func(_ rate, s *nested, x Tensor) { step(s, x) })
		joint := NewJoint("x", func(_ rate, _ *none, s []nested, m Model) { step(&s[0], m.Tensors[0]) })
		for _, o := range []*Optimizer{single, joint} {
			if err := start(t, o, 3).step(t, 1); want == "" && err != nil ||
				want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
}

// TestWriteToGradient: the inline plane notices what shared memory does not allow.
func TestWriteToGradient(t *testing.T) {
	for what, step := range map[string]func(x Tensor){
		"step 3 wrote 0 into element 524289 of Grad of tensor \"b\", where 1 was": func(x Tensor) {
			if len(x.Grad) > 1 && len(x.Grad) < pieceLength {
				x.Grad[1] = 0
			}
		},
		"step 3 wrote 9 into element 0 of Weights of tensor \"a\", where 1 was": func(x Tensor) { x.Weights[0] = 9 },
	} {
		s := New("x", func(_ rate, _ *none, x Tensor) { step(x) }, NeedsWeights(), Elementwise()).Service()
		long := int64(pieceLength + 2)
		if _, err := s.Open(t.Context(), &v1.OpenRequest{Instance: "i", Dtype: v1.Dtype_DTYPE_FLOAT64, Tensors: []*v1.Tensor{
			{Name: "a", Length: 1}, {Name: "b", Shape: []int64{long}, Offset: 1, Length: long},
		}, DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE}}); err != nil {
			t.Fatal(err)
		}
		ones := proto.AppendFloat64s(nil, slices.Repeat([]float64{1}, int(long)+1))
		_, err := s.Step(context.Background(), &v1.StepRequest{Instance: "i", Step: 3, Gradient: ones, Weights: ones,
			Hyperparameters: proto.AppendFloat64s(nil, []float64{1})})
		if status.Code(err) != codes.Aborted || !strings.Contains(err.Error(), what) {
			t.Errorf("%v, want %s", err, what)
		}
	}
}
