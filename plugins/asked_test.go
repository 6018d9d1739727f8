package main

import (
	"maps"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk"
	"github.com/steepest/steepest/sdk/exam"
	"github.com/steepest/steepest/sdk/opttest"
)

// fresh is the number of the first batch of fresh asks.
const fresh = 1 << 20

// asked is a run of an optimizer whose asks are answered: a host on the inline data plane.
type asked struct {
	service v1.OptimizerServiceServer
	on      objective
	values  []byte // of the schedulable hyperparameters
	about   *v1.Capabilities

	weights, gradient []float64
	k, fresh          int
	asks              map[v1.AskKind]int // how many there were
}

// ask opens an optimizer.
func ask(t *testing.T, o *sdk.Optimizer, values map[string]any, tensors []*v1.Tensor, on objective, start []float64) *asked {
	t.Helper()
	a := &asked{service: o.Service(), on: on, weights: append([]float64(nil), start...), gradient: make([]float64, len(start)), asks: map[v1.AskKind]int{}}
	d, err := a.service.Describe(t.Context(), &v1.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	a.about = d.Capabilities
	own := map[string]*v1.Value{}
	var inForce []float64
	for _, h := range d.Hyperparameters {
		x, given := values[h.Name]
		if whole, ok := x.(float64); ok && h.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER {
			x = int64(whole)
		}
		value := h.Default
		if given {
			value = proto.NewValue(x)
			own[h.Name] = value
			delete(values, h.Name)
		}
		if h.Schedulable {
			inForce = append(inForce, number(value))
		}
	}
	if len(values) > 0 {
		t.Fatalf("%s has no %v", d.Name, values)
	}
	a.values = proto.AppendFloat64s(nil, inForce)
	if tensors == nil {
		tensors = []*v1.Tensor{{Name: "x", Shape: []int64{int64(len(start))}, Role: v1.Role_ROLE_POINT, Length: int64(len(start))}}
	}
	if _, err := a.service.Open(t.Context(), &v1.OpenRequest{
		Instance: "i", Hyperparameters: own, Tensors: tensors, Dtype: v1.Dtype_DTYPE_FLOAT64, Seed: 1, MaxAsks: 100,
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
	}); err != nil {
		t.Fatal(err)
	}
	return a
}

// number is a value in force.
func number(v *v1.Value) float64 {
	if x, ok := proto.Plain(v).(int64); ok {
		return float64(x)
	}
	return v.GetFloat()
}

// step makes one, and returns the loss before it.
func (a *asked) step(t *testing.T) float64 {
	t.Helper()
	loss := a.on.gradient(a.k, a.weights, a.gradient)
	batch, at := a.k, append([]float64(nil), a.weights...)
	a.k++
	gradient := a.gradient
	if a.about.NoGradient {
		gradient = make([]float64, len(a.gradient))
	}
	r := &v1.StepRequest{Instance: "i", Step: uint64(a.k), Hyperparameters: a.values, Gradient: proto.AppendFloat64s(nil, gradient)}
	if a.about.NeedsWeights {
		r.Weights = proto.AppendFloat64s(nil, a.weights)
	}
	if a.about.NeedsLoss {
		r.Loss = loss
	}
	for {
		response, err := a.service.Step(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		update := make([]float64, len(a.weights))
		if response.Ask == nil {
			if err := proto.Float64s(update, response.Update); err != nil {
				t.Fatal(err)
			}
			for i, u := range update {
				a.weights[i] += u
			}
			return loss
		}
		r = &v1.StepRequest{Instance: "i", Step: uint64(a.k), Kind: v1.StepKind_STEP_KIND_ANSWER}
		r.Loss, r.Gradient = a.answer(t, response.Ask, &batch, at)
	}
}

// answer is what was asked for. at is the point of the last gradient or loss, of the batch.
func (a *asked) answer(t *testing.T, q *v1.Ask, batch *int, at []float64) (loss float64, gradient []byte) {
	t.Helper()
	a.asks[q.Kind]++
	v, into := make([]float64, len(at)), make([]float64, len(at))
	if len(q.Vector) > 0 {
		if err := proto.Float64s(v, q.Vector); err != nil {
			t.Fatal(err)
		}
	}
	switch q.Batch {
	case v1.AskBatch_ASK_BATCH_UNSPECIFIED:
		*batch = a.k - 1
	case v1.AskBatch_ASK_BATCH_FRESH:
		*batch = fresh + a.fresh
		a.fresh++
	default:
		*batch = fresh + a.fresh - 1
	}
	if q.Kind == v1.AskKind_ASK_KIND_HESSIAN_VECTOR {
		a.on.hessianVector(*batch, at, v, into)
		return 0, proto.AppendFloat64s(nil, into)
	}
	for i := range at {
		at[i] = a.weights[i] + v[i]
	}
	return a.on.gradient(*batch, at, into), proto.AppendFloat64s(nil, into)
}

// replay follows the trajectory in a file, and returns the largest difference. The gradients of rules that ask are computed here.
func replay(t *testing.T, o *sdk.Optimizer, file string) (worst float64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	recorded, err := exam.ReadTrajectory(f)
	if err != nil {
		t.Fatal(err)
	}
	if recorded.Batch == 0 {
		return opttest.Replay(t, o, opttest.Trajectory{File: file, Tolerance: allowed(o.Name(), file)})
	}
	a := ask(t, o, recorded.Hyperparameters, recorded.Tensors, network{recorded.Batch}, recorded.Points[0])
	for k, point := range recorded.Points[1:] {
		loss := a.step(t)
		worst = max(worst, difference([]float64{loss}, recorded.Losses[k:k+1]), difference(a.gradient, recorded.Gradients[k]),
			difference(a.weights, point))
		if !(worst <= allowed(o.Name(), file)) {
			t.Fatalf("after step %d the relative difference is %.1e, allowed %.1e", k+1, worst, allowed(o.Name(), file))
		}
	}
	t.Logf("%s: %d steps, largest relative difference %.1e, asks %v", file, len(recorded.Points)-1, worst, a.asks)
	return worst
}

// difference is the largest, relative to the largest number that is wanted; NaN if there is one.
func difference(got, want []float64) (d float64) {
	largest := 1e-300
	for i := range want {
		largest = max(largest, want[i], -want[i])
		d = max(d, got[i]-want[i], want[i]-got[i])
	}
	return d / largest
}

// TestRosenbrock: rules with curvature solve the function in a few steps, each in so many asks, where gradient descent takes tens of thousands.
func TestRosenbrock(t *testing.T) {
	for _, c := range []struct {
		name   string
		values map[string]any
		steps  int
		loss   float64
	}{
		{"lbfgs", nil, 50, 1e-20},
		{"nonlinear-cg", nil, 50, 1e-20},
		{"nonlinear-cg", map[string]any{"beta": "hager-zhang"}, 50, 1e-20},
		{"newton-cg", map[string]any{"forcing": 1e-3}, 50, 1e-20},
		{"newton-cg", map[string]any{"bound": "trust-region", "forcing": 1e-3}, 50, 1e-20},
	} {
		o := optimizers[slices.IndexFunc(optimizers, func(o *sdk.Optimizer) bool { return o.Name() == c.name })]
		a := ask(t, o, maps.Clone(c.values), nil, rosenbrock{}, []float64{-1.5, 2})
		at, least := 0, math.Inf(1)
		for k := range c.steps {
			if loss := a.step(t); loss < least {
				at, least = k, loss
			}
			if least < c.loss {
				break
			}
		}
		t.Logf("%s %v: %.1e after %d steps, asks %v", c.name, c.values, least, at, a.asks)
		if !(least < c.loss) {
			t.Errorf("%s %v: %v after %d steps", c.name, c.values, least, c.steps)
		}
	}
}
