package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// rule is an optimizer in this process. The number of steps that it has made is all its state.
type rule func(k int, gradient, update []float64) error

type local struct {
	rule    rule
	vectors optimizer.Vectors
	made    int
}

var _ optimizer.Optimizer = (*local)(nil)

func (l *local) Vectors() optimizer.Vectors { return l.vectors }

func (l *local) Step(_ context.Context, k int, _ []float64, _ float64) (time.Duration, error) {
	if l.made++; l.made != k {
		return 0, fmt.Errorf("step %d with the state of step %d", k, l.made)
	}
	return 0, l.rule(k, l.vectors.Gradient, l.vectors.Update)
}

func (*local) Locate(context.Context, optimizer.Elsewhere, int, []float64) error {
	return errors.ErrUnsupported
}

func (l *local) Snapshot(context.Context) (optimizer.Snapshot, error) {
	return optimizer.Snapshot{Version: "made", State: []byte(strconv.Itoa(l.made))}, nil
}

func (l *local) Restore(_ context.Context, s optimizer.Snapshot) (err error) {
	l.made, err = strconv.Atoi(string(s.State))
	return err
}

func (*local) Close(context.Context) error { return nil }

func descend(lr float64) rule {
	return func(_ int, g, u []float64) error {
		for i := range g {
			u[i] = -lr * g[i]
		}
		return nil
	}
}

// newRun descends Rosenbrock's function and collects copies of the points.
func newRun(r rule, steps int) (*Run, *[]record.Sample) {
	points := &[]record.Sample{}
	rosenbrock, _ := problem.Functions.Find("rosenbrock")
	return &Run{
		Objective: rosenbrock.Problem(rosenbrock.Start(2)).Objective(seed.New(1)),
		Open: func(context.Context, optimizer.Oracle) (optimizer.Optimizer, error) {
			return &local{rule: r, vectors: optimizer.Vectors{
				Gradient: make([]float64, 2), Weights: make([]float64, 2), Update: make([]float64, 2)}}, nil
		},
		Steps: steps, Schema: record.Standard(), Recorded: -1,
		Observers: []record.Observer{record.Each(func(p *record.Sample) error {
			q := *p
			q.Weights, q.Gradient, q.Update = slices.Clone(p.Weights), slices.Clone(p.Gradient), slices.Clone(p.Update)
			q.Values = slices.Clone(p.Values)
			*points = append(*points, q)
			return nil
		})},
	}, points
}

// number is what was measured, NaN if nothing was.
func number(v record.Value) float64 {
	if x, measured := v.Get(); measured {
		return x
	}
	return math.NaN()
}

func TestEveryPointIsObserved(t *testing.T) {
	r, points := newRun(descend(1e-3), 10)
	r.Watch = reaches(func(p *record.Sample) bool { return number(p.Get(record.TrainLoss)) < 10 })
	o := r.Do(t.Context())
	if o.Status != record.Finished || o.Steps != 10 || len(*points) != 11 {
		t.Fatalf("%+v, %d points", o, len(*points))
	}
	reached := -1
	for k, p := range *points {
		if _, measured := p.Get(record.UpdateNorm).Get(); p.Step != k || p.Epoch != -1 || measured != (k < 10) {
			t.Errorf("point %d: %+v", k, p)
		}
		if number(p.Get(record.TrainLoss)) < 10 && reached < 0 {
			reached = k
		}
		if k == 0 {
			continue
		}
		before := (*points)[k-1]
		norm := number(before.Get(record.UpdateNorm))
		if math.Abs(math.Hypot(p.Weights[0]-before.Weights[0], p.Weights[1]-before.Weights[1])-norm) > 1e-15 {
			t.Errorf("point %d is not an update away from the one before", k)
		}
	}
	if o.StepsToTarget != reached || reached <= 0 || o.Final.Of("train_loss") != (*points)[10].Get(record.TrainLoss) {
		t.Errorf("target reached at %d, want %d; final loss %v", o.StepsToTarget, reached, o.Final)
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
	if o.Status != record.Diverged || o.Steps != 3 || len(*points) != 4 || (*points)[3].Get(record.UpdateNorm) != record.Measured(math.Inf(1)) {
		t.Errorf("%+v, %d points", o, len(*points))
	}
	if loss := number(o.Final.Of("train_loss")); !finite(loss) {
		t.Errorf("the weights were spoilt: loss %v", loss)
	}
}

func TestOverflowDiverges(t *testing.T) {
	r, points := newRun(descend(1), 100)
	o := r.Do(t.Context())
	last := (*points)[len(*points)-1]
	if o.Status != record.Diverged || o.Reason == "" || last.Step != o.Steps {
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
	if o := r.Do(t.Context()); o.Status != record.Failed || !errors.Is(o.Err, broken) || o.Steps != 2 || len(*points) != 3 {
		t.Errorf("optimizer: %+v, %d points", o, len(*points))
	}
	r, _ = newRun(descend(1e-3), 10)
	r.Observers = []record.Observer{record.Each(func(p *record.Sample) error {
		if p.Step == 5 {
			return broken
		}
		return nil
	})}
	if o := r.Do(t.Context()); o.Status != record.Failed || !errors.Is(o.Err, broken) || o.Steps != 5 {
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
	if o := r.Do(ctx); o.Status != record.Interrupted || o.Steps != 3 || len(*points) != 3 {
		t.Errorf("%+v, %d points", o, len(*points))
	}
}

// TestInterruptedDiagnostic: a point at which a diagnostic is interrupted is not on record, also if the run would have ended there, and nothing that
// was measured of it counts. What ends in the moment that a call has is kept.
func TestInterruptedDiagnostic(t *testing.T) {
	for _, at := range []int{0, 3, 10} {
		ctx, cancel := context.WithCancel(t.Context())
		r, points := newRun(descend(1e-3), 10)
		r.Diagnostics = []Diagnostic{&endless{at: at, cancel: cancel}}
		if o := r.Do(ctx); o.Status != record.Interrupted || o.Reason != "" || o.Steps != at || len(*points) != at {
			t.Errorf("at %d: %+v, %d points", at, o, len(*points))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, points := newRun(descend(1e-3), 10)
	r.Diagnostics = []Diagnostic{&endless{at: 3, cancel: cancel, short: true}}
	if o := r.Do(ctx); o.Status != record.Interrupted || o.Steps != 4 || len(*points) != 4 {
		t.Errorf("short: %+v, %d points", o, len(*points))
	}
}

// endless measures at a step until it is interrupted, or until it interrupts if it is short.
type endless struct {
	at     int
	short  bool
	cancel func()
	until  context.Context
}

func (e *endless) Until(ctx context.Context) { e.until = ctx }

func (e *endless) Measure(p *record.Sample) {
	if p.Step != e.at {
		return
	}
	if e.cancel(); !e.short {
		<-e.until.Done()
	}
}

func (*endless) Follow(*record.Sample)   {}
func (*endless) State() []float64        { return nil }
func (*endless) Restore([]float64) error { return nil }
func (*endless) Spent() record.Diagnosed { return record.Diagnosed{} }

// TestNorm against the scaling sum, where squares overflow and vanish too.
func TestNorm(t *testing.T) {
	for _, scale := range []float64{1e-320, 1e-200, 1e-140, 1, 1e140, 1e200, 1e307} {
		x := []float64{3 * scale, -4 * scale, 0, 0.5 * scale}
		if got, want := Norm(x), floats.Norm(x, 2); math.Abs(got-want) > 4e-16*want {
			t.Errorf("scale %g: %.17g, want %.17g", scale, got, want)
		}
	}
	for _, x := range [][]float64{{1, math.NaN()}, {math.Inf(1), 1}, {math.Inf(-1), 1}} {
		if got := Norm(x); finite(got) {
			t.Errorf("%v: %v", x, got)
		}
	}
	if got := Norm(nil); got != 0 {
		t.Errorf("empty: %v", got)
	}
}
