package metrics

import (
	"sync"
	"sync/atomic"
	"time"
)

// Status is where a run stands.
type Status string

// The states of a run.
const (
	Pending     Status = "pending"
	Running     Status = "running"
	Finished    Status = "finished"
	Diverged    Status = "diverged"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
)

// Statuses are all of them.
var Statuses = []Status{Pending, Running, Finished, Diverged, Failed, Interrupted}

// ErrorKinds are the kinds of failed calls of a plugin.
var ErrorKinds = []string{"start", "crash", "timeout", "error", "protocol"}

// quantities and nonFiniteKinds are the labels of non_finite_values_total.
var (
	quantities     = [...]string{"loss", "gradient_norm", "update_norm"}
	nonFiniteKinds = [...]string{"nan", "inf"}
)

// Info says what a run is.
type Info struct {
	Experiment, Problem, Optimizer, RunID string
	Variant                               string
	Seed                                  uint64
	ConfigHash, PluginVersion             string
	Scheduled                             []string // hyperparameters that change; the first MaxScheduled are taken
	Layers                                []string // whose gradient norms are wanted; the first MaxLayers are taken
}

// MaxScheduled is how many hyperparameters of a run have series, beside the learning rate.
const MaxScheduled = 8

// Point is a point of the trajectory and the step that leads away from it. Any of its numbers may be infinite or NaN.
type Point struct {
	Step               int
	Epoch              int           // negative if the problem has none
	Since              time.Duration // since the run began
	TrainLoss          float64
	GradientNorm       float64
	UpdateNorm         float64               // if HasUpdate
	LearningRate       float64               // if HasRate
	Scheduled          [MaxScheduled]float64 // if HasScheduled, of those in Info
	ValidationLoss     float64               // if HasValidation
	ValidationAccuracy float64               // if HasAccuracy

	HasUpdate, HasRate, HasScheduled, HasValidation, HasAccuracy bool
}

// StepTime is how long the parts of a step took.
type StepTime struct{ Gradient, Optimizer, Boundary time.Duration }

// state is a run as of one point: what was measured last of each quantity, and what was counted until then.
type state struct {
	Point
	began            bool
	steps, gradients uint64
	nonFinite        [len(quantities)][len(nonFiniteKinds)]uint64
}

// latest hands the newest of a stream of states from one writer to readers. There are three places: the writer fills one,
// a reader looks at another, and each swaps its own with the third. So the writer never waits, a reader never sees a state
// half written, and a state costs a copy and one atomic exchange. (A seqlock whose words are atomic, as the race detector
// demands, costs an exchange for each of its words.)
type latest struct {
	places [3]state
	middle atomic.Uint32 // the place in between, and whether it is news
	back   uint32        // the writer's

	mu    sync.Mutex // of the readers
	front uint32     // theirs
}

const news = 4

func (l *latest) init() {
	l.back, l.front = 0, 2
	l.middle.Store(1)
}

func (l *latest) write(s *state) {
	l.places[l.back] = *s
	l.back = l.middle.Swap(l.back|news) &^ news
}

func (l *latest) read() state {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.middle.Load()&news != 0 {
		l.front = l.middle.Swap(l.front) &^ news
	}
	return l.places[l.front]
}

// Run receives what happens in one run. Record, Gradient, Time, LayersDue and Layers are for the goroutine that trains; none
// of them waits for a scrape.
type Run struct {
	info      Info
	collector *Collector
	pairs     func() *pairs // made when the run is shown first

	now    state         // the writer's own
	timed  time.Duration // likewise: when a step was last timed, since the run began
	first  int           // the point at which this program began
	latest latest
	times  *ring // while it runs
	layers layers

	// The collector's lock guards the rest.
	status Status
	began  time.Time
	ended  time.Time
}

// Gradient counts a gradient that was computed. It shows with the next point.
func (r *Run) Gradient() { r.now.gradients++ }

// Record shows a point. What it lacks stays as it was.
func (r *Run) Record(p *Point) {
	s := &r.now
	s.Step, s.Epoch, s.Since, s.TrainLoss, s.GradientNorm = p.Step, p.Epoch, p.Since, p.TrainLoss, p.GradientNorm
	s.began, s.steps = true, uint64(max(p.Step-r.first, 0))
	s.count(0, p.TrainLoss)
	s.count(1, p.GradientNorm)
	if p.HasUpdate {
		s.UpdateNorm, s.HasUpdate = p.UpdateNorm, true
		s.count(2, p.UpdateNorm)
	}
	if p.HasRate {
		s.LearningRate, s.HasRate = p.LearningRate, true
	}
	if p.HasScheduled {
		s.Scheduled, s.HasScheduled = p.Scheduled, true
	}
	if p.HasValidation {
		s.ValidationLoss, s.HasValidation = p.ValidationLoss, true
	}
	if p.HasAccuracy {
		s.ValidationAccuracy, s.HasAccuracy = p.ValidationAccuracy, true
	}
	r.latest.write(s)
}

func (s *state) count(quantity int, x float64) {
	switch {
	case x-x == 0: // finite
	case x != x:
		s.nonFinite[quantity][0]++
	default:
		s.nonFinite[quantity][1]++
	}
}

// In the histograms are the first steps of a run, and then some at intervals of its time, whatever a step takes.
const (
	timedAtFirst = 1024
	timedEvery   = 10 * time.Millisecond
)

// Time notes how long the step from the last point took. If nobody scrapes for long, the oldest of many are kept.
func (r *Run) Time(t StepTime) {
	since := r.now.Since
	if r.times.given.Load() < timedAtFirst || since-r.timed >= timedEvery {
		r.times.put(t)
		r.timed = since
	}
}
