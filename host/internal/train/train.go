// Package train has the only training loop: it asks a problem for a gradient and an optimizer for an update, checks the
// update, applies it, and tells its observers about every point that it visits.
package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/transform"
)

// Run is one training run, ready to go.
type Run struct {
	Objective problem.Objective
	// Open is called once, and again after the plugin died.
	Open func(context.Context) (optimizer.Optimizer, error)
	// Values are the schedulable hyperparameters of the step after k, in the plugin's order; nil if there are none.
	Values func(k int) []float64
	// Transform is done to the gradient before the optimizer sees it; nil if there is none.
	Transform transform.Transform
	Steps     int
	// Epoch is that of a step, and how many steps of it come before; nil if the problem has none.
	Epoch      func(step int) (epoch, index int)
	Validation bool                      // whether there are validation examples
	Reached    func(*record.Sample) bool // whether the target is reached; nil if there is none
	Schema     record.Schema             // what is known of the run
	// Measurers are called at every point that is visited, also again after the plugin died, when the loop has noted what it
	// knows itself. What they note depends on nothing but the sample, so that a repeated step is recorded the same.
	Measurers []Measurer
	// Observers are told of each new point, in order.
	Observers []record.Observer

	Checkpoints Checkpoints   // where they are kept; nil without any
	EverySteps  int           // steps between checkpoints; 0 for none by count
	EveryTime   time.Duration // time between checkpoints; 0 for none by time
	Resume      bool          // whether to go on from the last checkpoint when the plugin died, or fail
	Recorded    int           // the last point that was observed before this host began; -1 if none
	Wall        time.Duration // that the run took before this host began
}

// Measurer notes in a sample what it knows of the point.
type Measurer interface {
	Measure(*record.Sample)
}

// Do runs to the end, or until the context is cancelled. The outcome is complete in every case.
func (r *Run) Do(ctx context.Context) record.Outcome {
	l := &loop{Run: r, start: time.Now().Add(-r.Wall), out: record.Outcome{StepsToTarget: -1}, stride: r.Steps/maxSamples + 1,
		recorded: r.Recorded, furthest: -1}
	var cancel context.CancelFunc
	l.calls, cancel = grace(ctx, interruptGrace)
	defer cancel()
	l.point.Values = make([]record.Value, len(l.Schema))
	for l.out.Status == "" {
		if l.optimizer == nil {
			l.begin(ctx)
		} else {
			l.visit(ctx)
		}
	}
	l.evaluate()
	l.close()
	l.out.Wall, l.out.Gradients = time.Since(l.start), l.point.Gradients
	if len(l.samples[0]) > 0 {
		median := func(i int) time.Duration { return time.Duration(quantile.Median(l.samples[i])) }
		l.out.Time = record.StepTime{Gradient: median(0), Optimizer: median(1), Transport: median(2)}
	}
	for _, o := range l.Observers {
		if err := o.End(l.out); err != nil && l.out.Err == nil {
			l.out.Status, l.out.Err = record.Failed, err
		}
	}
	return l.out
}

// evaluate measures the last weights, if the run ever had any: losses and accuracies over all examples, all else as at their point
// if that was visited.
func (l *loop) evaluate() {
	if l.optimizer == nil {
		return
	}
	last := l.point.Values
	if l.point.Step != l.k {
		clear(last)
	}
	last[record.TrainLoss], _ = l.measure(problem.Training)
	last[record.ValidationLoss], last[record.ValidationAccuracy] = l.measure(problem.Validation)
	last[record.TestLoss], last[record.TestAccuracy] = l.measure(problem.Test)
	l.out.Final = map[string]record.Value{}
	for i, q := range l.Schema {
		if _, measured := last[i].Get(); q.Final && measured {
			l.out.Final[q.Name] = last[i]
		}
	}
}

func (l *loop) measure(part problem.Part) (loss, accuracy record.Value) {
	e := l.Objective.Evaluate(part, l.Weights)
	return e.Loss, e.Accuracy
}

// maxSamples bounds the steps whose times are kept, at regular intervals, for the medians.
const maxSamples = 4096

type loop struct {
	*Run
	start     time.Time
	out       record.Outcome
	calls     context.Context // for calls of the plugin: outlives an interrupt by a moment
	optimizer optimizer.Optimizer
	optimizer.Vectors
	k        int           // updates applied so far
	point    record.Sample // being visited
	raw      []float64     // the gradient before the transform; nil without one
	recorded int           // the last point that was observed
	stride   int
	samples  [3][]float64 // nanoseconds

	// See checkpoint.go.
	saved    int           // step of the last checkpoint
	savedAt  time.Time     // when it was written
	saveCost time.Duration // how long that took
	furthest int           // the furthest step at which the plugin died
	attempts int           // restarts since then
}

// visit measures one point, asks for the step away from it, records both, and takes the step.
func (l *loop) visit(ctx context.Context) {
	if ctx.Err() != nil {
		l.save()
		l.interrupt()
		return
	}
	begin := time.Now()
	if l.due(begin) {
		if l.save(); l.optimizer == nil || l.out.Status != "" {
			return
		}
		begin = time.Now()
	}
	loss := l.Objective.Gradient(l.k, l.Weights, l.Gradient)
	gradientTime := time.Since(begin)
	norm := Norm(l.Gradient)
	p := &l.point
	clear(p.Values)
	p.Step, p.Epoch, p.Weights, p.Gradient, p.Update, p.Time = l.k, -1, l.Weights, l.Gradient, nil, record.StepTime{}
	p.Gradients++
	p.Set(record.TrainLoss, loss)
	p.Set(record.GradientNorm, norm)
	begins := false
	if l.Epoch != nil {
		var index int
		p.Epoch, index = l.Epoch(l.k)
		begins = index == 0
	}
	if l.Validation && (l.k == l.Steps || begins) {
		p.Values[record.ValidationLoss], p.Values[record.ValidationAccuracy] = l.measure(problem.Validation)
	}
	switch {
	case !finite(loss):
		l.diverge(fmt.Sprintf("the loss is %v", loss))
	case !finite(norm):
		l.diverge(fmt.Sprintf("the gradient norm is %v", norm))
	case l.k == l.Steps:
		l.out.Status = record.Finished
	default:
		if !l.ask(loss, norm, gradientTime) && l.out.Status != record.Failed {
			return
		}
	}
	l.tell(p)
	if l.out.Status == "" {
		floats.Add(l.Weights, l.Update)
		l.k++
		l.out.Steps = max(l.out.Steps, l.k)
	}
}

// tell lets the measurers complete the point and, if it is new, tells the observers of it.
func (l *loop) tell(p *record.Sample) {
	for _, m := range l.Measurers {
		m.Measure(p)
	}
	if l.Reached != nil && l.out.StepsToTarget < 0 && l.Reached(p) {
		l.out.StepsToTarget = l.k
	}
	if l.k > l.recorded {
		p.Wall = time.Since(l.start)
		for _, o := range l.Observers {
			if err := o.Observe(p); err != nil {
				l.fail(err)
				break // what is not on record is not shown
			}
		}
		l.recorded = l.k
	}
}

// ask gets the update for the step away from the point, whose loss and gradient norm are given, and judges it. It returns false
// if there is none.
func (l *loop) ask(loss, gradientNorm float64, gradientTime time.Duration) bool {
	p := &l.point
	if l.Transform != nil {
		l.raw = append(l.raw[:0], l.Gradient...)
		p.Gradient = l.raw
		l.Transform(l.Gradient, gradientNorm)
	}
	var values []float64
	if l.Values != nil {
		values = l.Values(l.k)
	}
	begin := time.Now()
	compute, err := l.optimizer.Step(l.calls, l.k+1, values, loss)
	call := time.Since(begin)
	if err != nil {
		l.lost(fmt.Errorf("step %d: %w", l.k+1, err))
		return false
	}
	compute = min(compute, call) // the plugin says how long its rule took; not longer than the call
	p.Time = record.StepTime{Gradient: gradientTime, Optimizer: compute, Transport: call - compute}
	if l.k%l.stride == 0 {
		for i, d := range [3]time.Duration{gradientTime, compute, call - compute} {
			l.samples[i] = append(l.samples[i], float64(d))
		}
	}
	norm := Norm(l.Update)
	p.Update = l.Update
	p.Set(record.UpdateNorm, norm)
	if !finite(norm) {
		l.diverge(fmt.Sprintf("the norm of the update is %v", norm))
	}
	return true
}

func (l *loop) diverge(reason string) { l.out.Status, l.out.Reason = record.Diverged, reason }

func (l *loop) interrupt() {
	if l.out.Status == "" {
		l.out.Status = record.Interrupted
	}
}

func (l *loop) fail(err error) {
	l.out.Status = record.Failed
	l.out.Err = errors.Join(l.out.Err, err)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
