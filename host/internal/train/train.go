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
	// Fresh opens the objective whose batches no step has, numbered from 0, when the optimizer first asks of one.
	Fresh func() problem.Objective
	// Open is called once, and again after the plugin died. The oracle answers what it asks.
	Open func(context.Context, optimizer.Oracle) (optimizer.Optimizer, error)
	// Elsewhere is what is not at the weights that are trained.
	Elsewhere Elsewhere
	// Values are the schedulable hyperparameters of the step after k, in the plugin's order; nil if there are none.
	Values func(k int) []float64
	// Transform is done to the gradient before the optimizer sees it; nil if there is none.
	Transform transform.Transform
	Steps     int // of the whole run
	// Until is the step at which it pauses, to be gone on with later as if it never had: 0 is Steps. Without checkpoints it is
	// then made again from the start. If there is more of it on record it pauses behind that.
	Until int
	// Limit is the time that its steps may take, without all else; Steps bounds their number then. 0 is none.
	Limit time.Duration
	// Costs are what they may cost, where Steps bounds their number too: a step that begins below ends.
	Costs record.Spent
	// NoGradient is of an optimizer that asks: the loss alone is computed at each point, and the optimizer's gradient is zero.
	NoGradient bool
	// Examples is the number of examples in the batches of the first steps; nil if the problem has no data.
	Examples func(steps int) int
	// Epoch is that of a step, and how many steps of it come before; nil if the problem has none.
	Epoch      func(step int) (epoch, index int)
	Validation bool           // whether there are validation examples
	Validate   record.Cadence // when they are evaluated beside the end
	Watch      Watch          // whether the target is reached, and the run ends early; nil if neither is asked
	Schema     record.Schema  // what is known of the run
	// Measurers are called at every point that is visited, also again after the plugin died, when the loop has noted what it
	// knows itself. What they note depends on nothing but the sample, so that a repeated step is recorded the same.
	Measurers []Measurer
	// Diagnostics measure what the loop does not need, behind the measurers.
	Diagnostics []Diagnostic
	// Observers are told of each new point, in order.
	Observers []record.Observer
	Rows      record.Points // which points are on record, beside the first and the last
	Keeping   Keeping       // which weights are

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

// Diagnostic measures of a point what the loop does not need. What it knows of the steps before is part of a checkpoint.
type Diagnostic interface {
	Measurer
	// Until has measurements end soon after the context does: what is being measured is worth nothing then.
	Until(context.Context)
	// Follow is called once for each step that is made from a point, when that is measured.
	Follow(*record.Sample)
	State() []float64
	Restore([]float64) error // the inverse of State; nil is the start of the run
	Spent() record.Diagnosed // in this program
}

// Do runs to the end, or until the context is cancelled. The outcome is complete in every case.
func (r *Run) Do(ctx context.Context) record.Outcome {
	l := &loop{Run: r, start: time.Now().Add(-r.Wall), out: record.Outcome{StepsToTarget: -1}, stride: 1,
		recorded: r.Recorded, furthest: -1, until: r.Steps, result: result{step: -1}}
	if r.Until > 0 {
		l.until = min(max(r.Until, r.Recorded+1), r.Steps)
	}
	var cancel context.CancelFunc
	l.answers.loop = l
	l.calls, cancel = grace(ctx, interruptGrace)
	defer cancel()
	l.point.Values = make([]record.Value, len(l.Schema))
	for _, d := range l.Diagnostics {
		d.Until(l.calls)
	}
	for l.out.Status == "" {
		if l.optimizer == nil {
			l.begin(ctx)
		} else {
			l.visit(ctx)
		}
	}
	if l.optimizer != nil && !l.stepped && l.out.Status == record.Interrupted {
		_ = l.locate() // what is lost is measured when the run goes on
	}
	l.end()
	l.evaluate()
	l.close()
	l.out.Wall, l.out.Gradients = time.Since(l.start), l.point.Gradients
	for _, d := range l.Diagnostics {
		l.out.Diagnosed = append(l.out.Diagnosed, d.Spent())
	}
	l.out.Effort, l.out.Best = record.Effort{Spent: l.spent(l.out.Steps), Used: l.used}, l.bests()
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

// spent is what so many steps took, with what was asked so far.
func (l *loop) spent(steps int) record.Spent {
	examples := -1
	if l.Examples != nil {
		examples = l.Examples(steps)
	}
	return record.SpentBy(steps, examples, !l.NoGradient, l.answers.asked)
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
	until    int           // where it ends or pauses
	used     time.Duration // by these steps, without all else
	before   time.Duration // likewise, by the steps up to the point, without the one away from it
	point    record.Sample // being visited
	stepped  bool          // the optimizer's state is that after the step away from the point
	result   result        // where the optimizer's is, if that is elsewhere
	raw      []float64     // the gradient before the transform; nil without one
	recorded int           // the last point that was observed
	stride   int           // between the samples
	best     []record.Best // of each quantity; nil if those of the first points are not known
	kept     []record.Digest
	samples  [3][]float64 // nanoseconds
	answers  answers      // to what the optimizer asks

	askedToTarget record.Asked // in the steps before it

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
	if l.pauses() || l.due(begin) {
		if l.save(); l.optimizer == nil || l.out.Status != "" {
			return
		}
		begin = time.Now()
	}
	p := &l.point
	clear(p.Values)
	loss, norm := l.measured()
	gradientTime := time.Since(begin)
	p.Step, p.Epoch, p.Weights, p.Gradient, p.Update, p.Time = l.k, -1, l.Weights, l.Gradient, nil, record.StepTime{}
	p.Set(record.TrainLoss, loss)
	if l.NoGradient {
		p.Gradient = l.unseen()
	} else {
		p.Gradients++
		p.Set(record.GradientNorm, norm)
	}
	p.Spent, l.before = l.spent(l.k), l.used
	index := 0
	if l.Epoch != nil {
		p.Epoch, index = l.Epoch(l.k)
	}
	last := l.last()
	validates := l.Validation && (last || l.Validate.Has(l.k, p.Epoch, index))
	if validates || last || l.Elsewhere.EndsSoon || !finite(loss) || !finite(norm) {
		if err := l.locate(); err != nil {
			l.lost(err)
			return
		}
	}
	if validates {
		p.Values[record.ValidationLoss], p.Values[record.ValidationAccuracy] = l.measure(problem.Validation)
	}
	switch {
	case !finite(loss):
		l.diverge(fmt.Sprintf("the loss is %v", loss))
	case !finite(norm):
		l.diverge(fmt.Sprintf("the gradient norm is %v", norm))
	case l.pauses():
		l.out.Status = record.Paused
	case last:
		l.out.Status = record.Finished
		if cost, spent := p.Spent.Reaches(l.Costs); l.k < l.until && spent {
			l.out.Reason = fmt.Sprintf("its steps spent the %s that they had", cost.Title)
		} else if l.k < l.until {
			l.out.Reason = fmt.Sprintf("its steps took the %v that they had", l.Limit)
		}
	default:
		if !l.ask(loss, norm, gradientTime) && l.out.Status != record.Failed {
			return
		}
	}
	if l.tell(p); l.out.Status == record.Interrupted {
		return
	}
	l.keep()
	if l.out.Status == "" {
		for _, d := range l.Diagnostics {
			d.Follow(p)
		}
		floats.Add(l.Weights, l.Update)
		l.k++
		l.stepped = false
		l.answers.asked = l.answers.now
		l.out.Steps = max(l.out.Steps, l.k)
	}
}

// measured is the loss at the point and the norm of the gradient; 0 without a gradient.
func (l *loop) measured() (loss, norm float64) {
	if l.NoGradient {
		clear(l.Gradient)
		return l.Objective.Gradient(l.k, l.Weights, nil), 0
	}
	loss = l.Objective.Gradient(l.k, l.Weights, l.Gradient)
	return loss, Norm(l.Gradient)
}

// last tells whether no step leads away from the point: it is the last one, or the time or what it may cost is used up. What steps are on
// record were made within the time.
func (l *loop) last() bool {
	_, spent := l.point.Spent.Reaches(l.Costs)
	return spent || l.k >= l.until || l.Limit > 0 && l.used >= l.Limit && l.k > l.recorded
}

// pauses tells whether the run waits at the point, to be gone on with.
func (l *loop) pauses() bool { return l.until <= l.k && l.k < l.Steps }

// tell lets the measurers complete the point and, if it is new, tells the observers of it. A point that was interrupted while it was
// diagnosed is met again when the run goes on.
func (l *loop) tell(p *record.Sample) {
	for _, m := range l.Measurers {
		m.Measure(p)
	}
	if !l.diagnose(p) {
		return
	}
	l.judge(p)
	if l.out.Status != "" && !p.Last && !l.diagnose(p) { // it ends by what was measured
		return
	}
	if p.Row {
		l.improve(p)
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

// diagnose has the diagnostics measure a point, which is known to be the last one or not. It returns false when they were interrupted: what
// they measured is worth nothing, and how the run ended is not known yet.
func (l *loop) diagnose(p *record.Sample) bool {
	p.Last = l.out.Status != ""
	p.Row = l.k == 0 || p.Last || l.Rows.Has(l.k)
	for _, d := range l.Diagnostics {
		if d.Measure(p); l.calls.Err() != nil && l.out.Status != record.Failed {
			clear(p.Values)
			l.out.Status, l.out.Reason = record.Interrupted, ""
			return false
		}
	}
	return true
}

// ask gets the update for the step away from the point, whose loss and gradient norm are given, and judges it. It returns false
// if there is none.
func (l *loop) ask(loss, gradientNorm float64, gradientTime time.Duration) bool {
	p := &l.point
	if l.Transform != nil && !l.NoGradient {
		l.raw = append(l.raw[:0], l.Gradient...)
		p.Gradient = l.raw
		l.Transform(l.Gradient, gradientNorm)
	}
	values := l.values(l.k)
	begin := time.Now()
	l.answers.begin()
	compute, err := l.optimizer.Step(l.calls, l.k+1, values, loss)
	call := time.Since(begin) - l.answers.time
	gradientTime += l.answers.time
	if err != nil {
		l.lost(fmt.Errorf("step %d: %w", l.k+1, err))
		return false
	}
	l.stepped = true
	compute = min(compute, call) // the plugin says how long its rule took; not longer than the call
	p.Time = record.StepTime{Gradient: gradientTime, Optimizer: compute, Transport: call - compute}
	l.used += gradientTime + call
	if l.k%l.stride == 0 {
		l.sample(p.Time)
	}
	norm := Norm(l.Update)
	p.Update = l.Update
	p.Set(record.UpdateNorm, norm)
	if !finite(norm) {
		l.diverge(fmt.Sprintf("the norm of the update is %v", norm))
	}
	return true
}

// sample keeps the times of a step. Of many, every second is dropped.
func (l *loop) sample(t record.StepTime) {
	thin := len(l.samples[0]) == maxSamples
	for i, d := range [3]time.Duration{t.Gradient, t.Optimizer, t.Transport} {
		if thin {
			for j := range maxSamples / 2 {
				l.samples[i][j] = l.samples[i][2*j]
			}
			l.samples[i] = l.samples[i][:maxSamples/2]
		}
		l.samples[i] = append(l.samples[i], float64(d))
	}
	if thin {
		l.stride *= 2
	}
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
