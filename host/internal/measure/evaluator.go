package measure

import (
	"math"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// Evaluator finds a measure of one run. It is told of the points in their order, while the run trains or from its record, and then of
// the end.
type Evaluator struct {
	measure Measure
	better  record.Better
	limits  record.Range
	place   int  // of the quantity in the schema; -1 of one that is derived
	final   bool // its value at the end is in the outcome

	seen   int          // points at which it was measured
	last   record.Value // the last of them
	best   record.Best
	at     record.Value // at step N
	window []float64    // the last N, the oldest first
}

// Begin is an evaluator for a run with a schema, which must have the measure; see [Measure.Check].
func (m Measure) Begin(s record.Schema) *Evaluator {
	q, _ := m.Find(s)
	return &Evaluator{measure: m, better: q.Better, limits: q.Range, place: s.Index(m.Quantity), final: q.Final}
}

// Observe is told of the next point, and returns the measure of the run up to there. It is not measured if the quantity was not measured
// at the very point, or not often enough.
func (e *Evaluator) Observe(p *record.Sample) record.Value {
	if e.place < 0 {
		return record.Value{}
	}
	v := p.Get(e.place)
	x, measured := v.Get()
	if !measured {
		return v
	}
	e.note(p.Step, x)
	switch e.measure.When {
	case Best:
		return e.best.Get()
	case AtStep:
		if p.Step != e.measure.N {
			return record.Value{}
		}
	case MeanOverLast:
		return e.mean()
	}
	return v
}

// note takes in a value that was measured.
func (e *Evaluator) note(step int, x float64) {
	e.seen++
	e.last = record.Measured(x)
	switch e.measure.When {
	case Best:
		e.best = e.best.With(e.better, step, x)
	case AtStep:
		if step == e.measure.N {
			e.at = e.last
		}
	case MeanOverLast:
		if len(e.window) == e.measure.N {
			copy(e.window, e.window[1:])
			e.window = e.window[:len(e.window)-1]
		}
		e.window = append(e.window, x)
	}
}

// mean is over a full window. It adds from the oldest on, so that it has the same bits however the evaluator got there.
func (e *Evaluator) mean() record.Value {
	if len(e.window) < e.measure.N {
		return record.Value{}
	}
	sum := 0.0
	for _, x := range e.window {
		sum += x
	}
	return record.Measured(sum / float64(len(e.window)))
}

// End is the value of the measure when the run has ended.
func (e *Evaluator) End(o record.Outcome) Value {
	if e.place < 0 {
		d, ok := derivedQuantities.Find(e.measure.Quantity)
		if !ok {
			return Value{}
		}
		return d.of(o)
	}
	v, known := e.last, e.seen > 0
	switch e.measure.When {
	case Final:
		if e.final {
			v = o.Final.Of(e.measure.Quantity)
			_, known = v.Get()
		}
	case Best:
		v = e.best.Get()
	case AtStep:
		v = e.at
	case MeanOverLast:
		v = e.mean()
	}
	x, measured := v.Get()
	passed := measured && e.measure.When == AtStep // what happened afterwards does not matter
	switch {
	case o.Status == record.Pruned:
		return Value{state: LeftOut}
	case !o.Status.Ended() && passed:
		return unknown(x, x)
	case !o.Status.Ended():
		least, most := e.limits.Bounds()
		if e.better == record.More {
			least = most
		}
		return unknown(least, worst(e.better))
	case o.Status == record.Diverged && e.better != record.Neither && known && !passed:
		return infinite(e.better)
	case measured:
		return Known(x)
	}
	return Value{}
}

// Columns reads what is on record of a run, as a store's record does.
type Columns interface {
	// Column visits every recorded point, in order, with the quantity of that name, if it was measured there.
	Column(name string, visit func(step int, wall time.Duration, x float64, measured bool) error) error
}

// Of is the value of the measure of a run on record, with its schema and its outcome. Its points are read only if the outcome does not
// say enough.
func (m Measure) Of(s record.Schema, o record.Outcome, points Columns) (Value, error) {
	e := m.Begin(s)
	best := o.Best.Of(m.Quantity)
	_, kept := best.Get().Get()
	switch {
	case e.place < 0 || m.When == Final && e.final || o.Status == record.Pruned:
	case m.When == Best && kept:
		e.seen, e.best = 1, best
	default:
		err := points.Column(m.Quantity, func(step int, _ time.Duration, x float64, measured bool) error {
			if measured {
				e.note(step, x)
			}
			return nil
		})
		if err != nil {
			return Value{}, err
		}
	}
	return e.End(o), nil
}

// state is all that the next values of Observe depend on.
func (e *Evaluator) state(to []float64) []float64 {
	best, measured := e.best.Get().Get()
	if !measured {
		best = math.NaN()
	}
	to = append(to, float64(len(e.window)), best, float64(e.best.Step))
	return append(to, e.window...)
}

// restore is the inverse of state, and returns what follows it; ok tells whether it was one.
func (e *Evaluator) restore(from []float64) (rest []float64, ok bool) {
	const head = 3
	if len(from) < head || !(from[0] >= 0 && from[0] <= float64(e.measure.N) && from[0] <= float64(len(from)-head)) {
		return nil, false
	}
	n := int(from[0])
	e.window = append(e.window[:0], from[head:head+n]...)
	e.best = record.Best{}
	if !math.IsNaN(from[1]) {
		e.best = e.best.With(e.better, int(from[2]), from[1])
	}
	return from[head+n:], true
}
