// Package train has the only training loop: it asks a problem for a gradient and an optimizer for an update, checks the
// update, applies it, and tells its observers about every point that it visits.
package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
)

// Run is one training run, ready to go.
type Run struct {
	Objective    problem.Objective
	Optimizer    optimizer.Optimizer
	Size         int       // number of parameters
	Values       []float64 // the schedulable hyperparameters, in the plugin's order
	LearningRate float64   // for the record; NaN if the optimizer has none
	Steps        int
	Validation   bool // whether there are validation examples
	// Epoch is the epoch of a step and how many steps of it come before; nil if the problem has no epochs.
	Epoch   func(step int) (epoch, index int)
	Reached func(Point) bool     // whether the target is reached; nil if there is none
	Observe func(p *Point) error // called for every point; an error ends the run
}

// Point is one point of the trajectory and the step that leads away from it. All of it is measured at the same weights:
// those after Step updates, 0 being the start.
type Point struct {
	Step         int
	Epoch        int           // completed epochs; -1 if the problem has none
	Wall         time.Duration // since the start of the run
	TrainLoss    float64       // on the batch of the next step
	GradientNorm float64       // Euclidean norm of that batch's gradient
	UpdateNorm   float64       // Euclidean norm of the update applied next; NaN at the last point
	LearningRate float64       // of the update applied next; NaN at the last point or without one

	ValidationLoss     float64 // NaN between evaluations
	ValidationAccuracy float64 // likewise

	Weights []float64 // valid during Observe; not to be changed
}

// Status is how a run ended.
type Status string

// The ways to end.
const (
	Finished    Status = "finished"    // all steps were made
	Diverged    Status = "diverged"    // loss, gradient or update became infinite or not a number: a result, not a failure
	Failed      Status = "failed"      // the plugin, the disk or the host failed
	Interrupted Status = "interrupted" // the user stopped it
)

// Outcome is the result of a run.
type Outcome struct {
	Status             Status
	Err                error   // why it failed
	Reason             string  // what diverged
	Steps              int     // updates applied
	TrainLoss          float64 // over all training examples at the last weights
	ValidationLoss     float64 // at the last weights; NaN without validation examples
	ValidationAccuracy float64 // likewise
	TestLoss           float64 // at the last weights; NaN without test examples
	TestAccuracy       float64 // likewise
	StepsToTarget      int     // the first point that reached the target; -1 if none did
	Wall               time.Duration
	Time               StepTime
}

// StepTime splits the time of a step; each is a median over steps. Zero if no step was made.
type StepTime struct {
	Gradient  time.Duration // loss and gradient, in the host
	Optimizer time.Duration // the update rule, in the plugin
	Transport time.Duration // the rest of the call: encoding, sending, waiting
}

// Do runs to the end, or until the context is cancelled. The outcome is complete in every case.
func (r *Run) Do(ctx context.Context) Outcome {
	l := &loop{Run: r, start: time.Now(), out: Outcome{StepsToTarget: -1}, stride: r.Steps/maxSamples + 1,
		weights: make([]float64, r.Size), gradient: make([]float64, r.Size), update: make([]float64, r.Size)}
	r.Objective.Initialize(l.weights)
	for l.out.Status == "" {
		l.visit(ctx)
	}
	training := r.Objective.Evaluate(problem.Training, l.weights)
	validation := r.Objective.Evaluate(problem.Validation, l.weights)
	l.out.TrainLoss, l.out.ValidationLoss, l.out.ValidationAccuracy = training.Loss, validation.Loss, validation.Accuracy
	test := r.Objective.Evaluate(problem.Test, l.weights)
	l.out.TestLoss, l.out.TestAccuracy = test.Loss, test.Accuracy
	l.out.Wall = time.Since(l.start)
	l.out.Time = StepTime{median(l.samples[0]), median(l.samples[1]), median(l.samples[2])}
	return l.out
}

// maxSamples bounds the steps whose times are kept, at regular intervals, for the medians.
const maxSamples = 4096

type loop struct {
	*Run
	start                     time.Time
	out                       Outcome
	k                         int // updates applied so far
	weights, gradient, update []float64
	stride                    int
	samples                   [3][]time.Duration
}

// visit measures one point, asks for the step away from it, records both, and takes the step.
func (l *loop) visit(ctx context.Context) {
	if ctx.Err() != nil {
		l.out.Status = Interrupted
		return
	}
	begin := time.Now()
	loss := l.Objective.Gradient(l.k, l.weights, l.gradient)
	gradientTime := time.Since(begin)
	p := Point{
		Step: l.k, Epoch: -1, TrainLoss: loss, GradientNorm: floats.Norm(l.gradient, 2),
		UpdateNorm: math.NaN(), LearningRate: math.NaN(), ValidationLoss: math.NaN(), ValidationAccuracy: math.NaN(),
		Weights: l.weights,
	}
	begins := false
	if l.Epoch != nil {
		var index int
		p.Epoch, index = l.Epoch(l.k)
		begins = index == 0
	}
	if l.Validation && (l.k == l.Steps || begins) {
		e := l.Objective.Evaluate(problem.Validation, l.weights)
		p.ValidationLoss, p.ValidationAccuracy = e.Loss, e.Accuracy
	}
	switch {
	case !finite(loss):
		l.diverge(fmt.Sprintf("the loss is %v", loss))
	case !finite(p.GradientNorm):
		l.diverge(fmt.Sprintf("the gradient norm is %v", p.GradientNorm))
	case l.k == l.Steps:
		l.out.Status = Finished
	default:
		l.ask(ctx, &p, gradientTime)
	}
	if l.Reached != nil && l.out.StepsToTarget < 0 && l.Reached(p) {
		l.out.StepsToTarget = l.k
	}
	p.Wall = time.Since(l.start)
	if err := l.Observe(&p); err != nil {
		l.fail(err)
	}
	if l.out.Status == "" {
		floats.Add(l.weights, l.update)
		l.k++
		l.out.Steps = l.k
	}
}

// ask gets the update for the step away from p and judges it.
func (l *loop) ask(ctx context.Context, p *Point, gradientTime time.Duration) {
	begin := time.Now()
	compute, err := l.Optimizer.Step(ctx, l.k+1, l.Values, l.gradient, l.weights, p.TrainLoss, l.update)
	call := time.Since(begin)
	switch {
	case err != nil && ctx.Err() != nil:
		l.out.Status = Interrupted
		return
	case err != nil:
		l.fail(fmt.Errorf("step %d: %w", l.k+1, err))
		return
	}
	if l.k%l.stride == 0 {
		for i, d := range [3]time.Duration{gradientTime, compute, call - compute} {
			l.samples[i] = append(l.samples[i], d)
		}
	}
	p.UpdateNorm, p.LearningRate = floats.Norm(l.update, 2), l.LearningRate
	if !finite(p.UpdateNorm) {
		l.diverge(fmt.Sprintf("the norm of the update is %v", p.UpdateNorm))
	}
}

func (l *loop) diverge(reason string) { l.out.Status, l.out.Reason = Diverged, reason }

func (l *loop) fail(err error) {
	l.out.Status = Failed
	l.out.Err = errors.Join(l.out.Err, err)
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)/2]
}
