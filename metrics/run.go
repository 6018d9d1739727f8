package metrics

import (
	"slices"
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
	Stopped     Status = "stopped"
	Pruned      Status = "pruned"
	Failed      Status = "failed"
	Interrupted Status = "interrupted"
	Paused      Status = "paused"
)

// Statuses are all of them.
var Statuses = []Status{Pending, Running, Finished, Diverged, Stopped, Pruned, Failed, Interrupted, Paused}

// ErrorKinds are the kinds of failed calls of a plugin.
var ErrorKinds = []string{"start", "crash", "timeout", "error", "protocol"}

// Info says what a run is.
type Info struct {
	Experiment, Problem, Optimizer, RunID string
	Variant                               string
	Seed                                  uint64
	Run                                   string // its name for people
	Color                                 int    // the number of its variant's colour in all figures
	VariantID                             string // of all that its runs have in common
	ConfigHash, PluginVersion             string
	Quantities                            []int    // that it measures, by their places in Options.Quantities
	Scheduled                             []string // hyperparameters that change; the first MaxScheduled are taken
	Layers                                []string // whose gradient norms are wanted; the first MaxLayers are taken
}

// Value is that of a label that says what a run is; empty if it is another one.
func (i *Info) Value(label string) string {
	switch label {
	case "experiment":
		return i.Experiment
	case "problem":
		return i.Problem
	case "optimizer":
		return i.Optimizer
	case "run_id":
		return i.RunID
	}
	return ""
}

// MaxScheduled is how many hyperparameters of a run have series, beside the learning rate, and MaxLayers how many layers.
const (
	MaxScheduled = 8
	MaxLayers    = 64
)

// Point is a point of the trajectory and the step that leads away from it. What was measured there is given by Set.
type Point struct {
	Step  int
	Epoch int           // negative if the problem has none
	Since time.Duration // since the run began
	Time  StepTime      // of the step; zero if there is none

	Gradients int // computed by this program for the run so far, also those computed again
}

// StepTime is how long the parts of a step took.
type StepTime struct{ Gradient, Optimizer, Boundary time.Duration }

// timedStep is the time of a step, by the number of the point that it leads away from.
type timedStep struct {
	StepTime
	step int
}

// parts are in the order of the histograms.
func (t *timedStep) parts() [3]time.Duration {
	return [...]time.Duration{t.Gradient, t.Optimizer, t.Boundary}
}

// state is a run as of one point: what was measured last of each quantity, and what was counted until then.
type state struct {
	Point
	began             bool
	steps             uint64 // made by this program
	quantities        []reading
	nonFinite         []counts  // of each quantity; none until there are some
	scheduled, layers []float64 // none until some are known
}

// reading is the number that was measured last of a quantity.
type reading struct {
	value    float64
	measured bool
}

// counts are how many numbers were not finite, by kind.
type counts [len(nonFiniteKinds)]uint64

// set makes a state equal to another one.
func (s *state) set(o *state) {
	s.Point, s.began, s.steps = o.Point, o.began, o.steps
	copy(s.quantities, o.quantities)
	if len(o.nonFinite) > 0 {
		s.nonFinite = append(s.nonFinite[:0], o.nonFinite...)
	}
	if len(o.scheduled) > 0 {
		s.scheduled = append(s.scheduled[:0], o.scheduled...)
	}
	if len(o.layers) > 0 {
		s.layers = append(s.layers[:0], o.layers...)
	}
}

// Run receives what happens in one run. Set, SetScheduled, LayersDue, SetLayers and Record are for the goroutine that
// trains; none of them waits for a scrape.
type Run struct {
	info      Info
	collector *Collector
	counted   source        // where the collector counts what it does
	pairs     func() *pairs // made when the run is shown first

	// These are of the goroutine that trains, until the run ends.
	next     state         // as of the newest point
	first    int           // the point at which this program began
	untaken  []timedStep   // of steps since times got the last ones
	timed    int           // steps whose times were taken
	timedAt  time.Duration // when the last one's were, since the run began
	layersAt time.Duration // when the layers were measured last, likewise

	// What scrapes see. They hold the lock while they copy it; the goroutine that trains only tries to take it, and shows what it
	// could not show with the next point.
	mu    sync.Mutex
	shown state
	times []timedStep // of steps since the last scrape

	observing sync.Mutex
	observed  [3]durations // by the histograms

	layersAsked atomic.Bool // whether a scrape took the layers since they were measured

	// The collector's lock guards the rest.
	status Status
	began  time.Time
	ended  time.Time
}

// Set notes the number that was measured of a quantity, by its place in Options.Quantities. It may be infinite or NaN, and shows
// with the next point. What is not measured at a point stays as it was.
func (r *Run) Set(quantity int, x float64) {
	r.next.quantities[quantity] = reading{x, true}
	if x-x != 0 {
		r.countNonFinite(quantity, x)
	}
}

func (r *Run) countNonFinite(quantity int, x float64) {
	if r.next.nonFinite == nil {
		r.next.nonFinite = make([]counts, len(r.next.quantities))
	}
	if x != x {
		r.next.nonFinite[quantity][0]++
	} else {
		r.next.nonFinite[quantity][1]++
	}
}

// SetScheduled notes the values of the hyperparameters that change, as many as Info has. They show with the next point.
func (r *Run) SetScheduled(values []float64) {
	r.next.scheduled = append(r.next.scheduled[:0], values[:len(r.info.Scheduled)]...)
}

// layerInterval is how old the norms of a run's layers may become while nobody asks for them.
const layerInterval = time.Second

// LayersDue tells whether the layers' norms are wanted now, so long after the run began. They cost a pass over the gradient, and so
// are computed only when a scrape took the last ones, or when they are a second old.
func (r *Run) LayersDue(since time.Duration) bool {
	return len(r.info.Layers) > 0 && (len(r.next.layers) == 0 || r.layersAsked.Load() || since-r.layersAt >= layerInterval)
}

// SetLayers notes the norms of the layers, as many as Info has, so long after the run began. They show with the next point.
func (r *Run) SetLayers(since time.Duration, norms []float64) {
	r.next.layers, r.layersAt = append(r.next.layers[:0], norms...), since
	r.layersAsked.Store(false)
}

// In the histograms are the first steps of a run, and then some at intervals of its time, whatever a step takes. If nobody scrapes
// for long, the oldest of many are kept.
const (
	timedAtFirst = 1024
	timedEvery   = 10 * time.Millisecond
	maxTimes     = 4096
)

// Record shows a point, with what was noted since the last one.
func (r *Run) Record(p *Point) {
	r.next.Point, r.next.began, r.next.steps = *p, true, uint64(max(p.Step-r.first, 0))
	if p.Time != (StepTime{}) && (r.timed < timedAtFirst || p.Since-r.timedAt >= timedEvery) && len(r.untaken) < maxTimes {
		r.untaken = append(r.untaken, timedStep{p.Time, p.Step})
		r.timed, r.timedAt = r.timed+1, p.Since
	}
	if r.mu.TryLock() {
		r.show()
		r.mu.Unlock()
	}
}

// show makes the newest point what scrapes see. The caller holds the lock.
func (r *Run) show() {
	r.shown.set(&r.next)
	r.times = append(r.times, r.untaken[:min(len(r.untaken), maxTimes-len(r.times))]...)
	r.untaken = r.untaken[:0]
}

// read copies what is shown.
func (r *Run) read() (s state) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.quantities = make([]reading, len(r.shown.quantities))
	s.set(&r.shown)
	return s
}

// take returns the times of the steps since the last call.
func (r *Run) take() []timedStep {
	r.mu.Lock()
	defer r.mu.Unlock()
	times := slices.Clone(r.times)
	r.times = r.times[:0]
	return times
}
