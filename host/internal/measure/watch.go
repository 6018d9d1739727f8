package measure

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/record"
)

// Target is what a run is to reach.
type Target struct {
	Measure Measure `json:"metric"`
	Value   float64 `json:"value"`
}

// Stop says when a run ends before its budget does. The zero Stop is never.
type Stop struct {
	Target     bool        `json:"target,omitempty"` // where it reaches its target
	Plateau    *Plateau    `json:"plateau,omitempty"`
	Divergence *Divergence `json:"divergence,omitempty"`
}

// Validates tells whether a run that stops so, and has a target, ends by what is measured on its validation examples.
func (s Stop) Validates(target *Target) bool {
	var judged []Measure
	if s.Target && target != nil {
		judged = append(judged, target.Measure)
	}
	if s.Plateau != nil {
		judged = append(judged, s.Plateau.Measure)
	}
	if s.Divergence != nil {
		judged = append(judged, s.Divergence.Measure)
	}
	return slices.ContainsFunc(judged, func(m Measure) bool {
		q, _ := m.Find(record.Standard())
		return q.Needs&record.ValidationExamples != 0
	})
}

// Plateau is that a measure gets no better: so often in a row, when it was evaluated, it did not improve on its best value by more than
// MinDelta. That is EarlyStopping of Keras.
type Plateau struct {
	Measure       Measure `json:"measure"`
	Patience      int     `json:"patience"`
	MinDelta      float64 `json:"min_delta,omitempty"`
	StartFromStep int     `json:"start_from_step,omitempty"` // evaluations before it do not count
}

// Divergence is that a measure is above a number, or not a number.
type Divergence struct {
	Measure Measure `json:"measure"`
	Above   float64 `json:"above"`
}

// MarshalText is the measure as it is written.
func (m Measure) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (m *Measure) UnmarshalText(text []byte) (err error) {
	*m, err = Parse(string(text))
	return err
}

// Watch judges the points of one run while it trains: whether they reach its target, and whether the run ends there. It depends on
// nothing but the values of the points, so that a run that was cut off ends where it would have ended.
type Watch struct {
	target, plateau, divergence *Evaluator // nil without
	reach                       func(float64) bool
	stop                        Stop
	waited                      int         // evaluations in a row without a better value
	best                        record.Best // before them
}

// NewWatch is a watch for a run with a schema. There may be no target.
func NewWatch(s record.Schema, target *Target, stop Stop) *Watch {
	w := &Watch{stop: stop}
	if target != nil {
		w.target = target.Measure.Begin(s)
		w.reach = func(x float64) bool { return w.target.better.Reaches(x, target.Value) }
	}
	if p := stop.Plateau; p != nil {
		w.plateau = p.Measure.Begin(s)
	}
	if d := stop.Divergence; d != nil {
		w.divergence = d.Measure.Begin(s)
	}
	return w
}

// Judge tells whether the next point reaches the target, and how the run ends there and why; the status is empty if it goes on.
func (w *Watch) Judge(p *record.Sample) (reached bool, end record.Status, reason string) {
	if w.target != nil {
		x, measured := w.target.Observe(p).Get()
		reached = measured && w.reach(x)
	}
	flat := w.plateau != nil && w.flat(p)
	if w.divergence != nil {
		x, measured := w.divergence.Observe(p).Get()
		if d := w.stop.Divergence; measured && !(x <= d.Above) {
			return reached, record.Diverged, fmt.Sprintf("%s is %v, which is not at most %v", d.Measure, x, d.Above)
		}
	}
	switch {
	case reached && w.stop.Target:
		return reached, record.Finished, "the target is reached"
	case flat:
		return reached, record.Stopped, w.plateaued()
	}
	return reached, "", ""
}

// plateaued says what the run stopped on.
func (w *Watch) plateaued() string {
	rule, by := w.stop.Plateau, ""
	if rule.MinDelta > 0 {
		by = fmt.Sprintf("by more than %v ", rule.MinDelta)
	}
	evaluations := fmt.Sprintf("%d evaluations", w.waited)
	if w.waited == 1 {
		evaluations = "one evaluation"
	}
	best, any := w.best.Get().Get()
	if !any {
		return fmt.Sprintf("%s was not a number in %s", rule.Measure, evaluations)
	}
	return fmt.Sprintf("in %s %s did not improve %son %v at step %d", evaluations, rule.Measure, by, best, w.best.Step)
}

// flat tells whether the patience is over.
func (w *Watch) flat(p *record.Sample) bool {
	x, measured := w.plateau.Observe(p).Get()
	rule := w.stop.Plateau
	if !measured || p.Step < rule.StartFromStep {
		return false
	}
	best, any := w.best.Get().Get()
	needed := best - rule.MinDelta
	if w.plateau.better == record.More {
		needed = best + rule.MinDelta
	}
	if !any && !math.IsNaN(x) || any && w.plateau.better.Improves(x, needed) {
		w.best, w.waited = record.Best{}.With(w.plateau.better, p.Step, x), 0
		return false
	}
	w.waited++
	return w.waited >= rule.Patience
}

func (w *Watch) evaluators() (all []*Evaluator) {
	for _, e := range []*Evaluator{w.target, w.plateau, w.divergence} {
		if e != nil {
			all = append(all, e)
		}
	}
	return all
}

// State is all that the next verdicts depend on, beside the settings.
func (w *Watch) State() []float64 {
	best, any := w.best.Get().Get()
	if !any {
		best = math.NaN()
	}
	state := []float64{float64(w.waited), best, float64(w.best.Step)}
	for _, e := range w.evaluators() {
		state = e.state(state)
	}
	return state
}

// Restore is the inverse of State. Of nil it is as it was at first.
func (w *Watch) Restore(state []float64) error {
	w.waited, w.best = 0, record.Best{}
	for _, e := range w.evaluators() {
		e.window, e.best = e.window[:0], record.Best{}
	}
	if state == nil {
		return nil
	}
	ok := len(state) >= 3
	if ok {
		w.waited = int(state[0])
		if !math.IsNaN(state[1]) {
			w.best = w.best.With(record.Less, int(state[2]), state[1])
		}
		state = state[3:]
	}
	for _, e := range w.evaluators() {
		if ok {
			state, ok = e.restore(state)
		}
	}
	if !ok || len(state) > 0 {
		return errors.New("the checkpoint is of a run with another target or other rules to stop by")
	}
	return nil
}
