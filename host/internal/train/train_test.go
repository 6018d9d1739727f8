package train

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// rule is an optimizer in this process.
type rule func(k int, gradient, update []float64) error

func (r rule) Step(_ context.Context, k int, _, gradient, _ []float64, _ float64, update []float64) (time.Duration, error) {
	return 0, r(k, gradient, update)
}

func (rule) Close(context.Context) error { return nil }

func descend(lr float64) rule {
	return func(_ int, g, u []float64) error {
		for i := range g {
			u[i] = -lr * g[i]
		}
		return nil
	}
}

// newRun descends Rosenbrock's function and collects copies of the points.
func newRun(r rule, steps int) (*Run, *[]Point) {
	points := &[]Point{}
	return &Run{
		Objective: problem.Rosenbrock(problem.RosenbrockStart).Objective(seed.New(1)), Optimizer: r, Size: 2,
		Steps: steps,
		Observe: func(p *Point) error {
			q := *p
			q.Weights = append([]float64(nil), p.Weights...)
			*points = append(*points, q)
			return nil
		},
	}, points
}

func TestEveryPointIsObserved(t *testing.T) {
	r, points := newRun(descend(1e-3), 10)
	r.Reached = func(p Point) bool { return p.TrainLoss < 10 }
	o := r.Do(t.Context())
	if o.Status != Finished || o.Steps != 10 || len(*points) != 11 {
		t.Fatalf("%+v, %d points", o, len(*points))
	}
	reached := -1
	for k, p := range *points {
		if p.Step != k || p.Epoch != -1 || math.IsNaN(p.UpdateNorm) != (k == 10) {
			t.Errorf("point %d: %+v", k, p)
		}
		if p.TrainLoss < 10 && reached < 0 {
			reached = k
		}
		if k > 0 && math.Abs(math.Hypot(p.Weights[0]-(*points)[k-1].Weights[0], p.Weights[1]-(*points)[k-1].Weights[1])-
			(*points)[k-1].UpdateNorm) > 1e-15 {
			t.Errorf("point %d is not an update away from the one before", k)
		}
	}
	if o.StepsToTarget != reached || reached <= 0 || o.TrainLoss != (*points)[10].TrainLoss {
		t.Errorf("target reached at %d, want %d; final loss %v", o.StepsToTarget, reached, o.TrainLoss)
	}
}

func TestNonFiniteUpdateIsNotApplied(t *testing.T) {
	r, points := newRun(func(k int, g, u []float64) error {
		u[0] = 0
		if k == 4 {
			u[1] = math.Inf(1)
		}
		return nil
	}, 10)
	o := r.Do(t.Context())
	if o.Status != Diverged || o.Steps != 3 || len(*points) != 4 || !math.IsInf((*points)[3].UpdateNorm, 1) {
		t.Errorf("%+v, %d points", o, len(*points))
	}
	if math.IsNaN(o.TrainLoss) || math.IsInf(o.TrainLoss, 0) {
		t.Errorf("the weights were spoilt: loss %v", o.TrainLoss)
	}
}

func TestOverflowDiverges(t *testing.T) {
	r, points := newRun(descend(1), 100)
	o := r.Do(t.Context())
	last := (*points)[len(*points)-1]
	if o.Status != Diverged || o.Reason == "" || last.Step != o.Steps {
		t.Errorf("%+v, last point %+v", o, last)
	}
}

func TestFailuresKeepTheRecord(t *testing.T) {
	broken := errors.New("broken")
	r, points := newRun(func(k int, g, u []float64) error {
		if k == 3 {
			return broken
		}
		return descend(1e-3)(k, g, u)
	}, 10)
	if o := r.Do(t.Context()); o.Status != Failed || !errors.Is(o.Err, broken) || o.Steps != 2 || len(*points) != 3 {
		t.Errorf("optimizer: %+v, %d points", o, len(*points))
	}
	r, _ = newRun(descend(1e-3), 10)
	r.Observe = func(p *Point) error {
		if p.Step == 5 {
			return broken
		}
		return nil
	}
	if o := r.Do(t.Context()); o.Status != Failed || !errors.Is(o.Err, broken) || o.Steps != 5 {
		t.Errorf("observer: %+v", o)
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, points := newRun(func(k int, g, u []float64) error {
		if k == 3 {
			cancel()
		}
		return descend(1e-3)(k, g, u)
	}, 10)
	if o := r.Do(ctx); o.Status != Interrupted || o.Steps != 3 || len(*points) != 3 {
		t.Errorf("%+v, %d points", o, len(*points))
	}
}
