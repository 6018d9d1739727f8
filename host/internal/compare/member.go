package compare

import (
	"fmt"
	"math"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/statistics"
	"github.com/steepest/steepest/host/internal/store"
)

// member is a run that takes part, or what stands for several of a seed.
type member struct {
	*store.Record
	experiment int
	place      int    // in the file of the experiment
	name       string // of its optimizer
	variant    string // the identity of what is asked, but for the seed
	problem    string // likewise of its problem
	trial      bool   // tuning chose by it
	answers    bool   // its numbers are compared

	value  measure.Value
	counts bool
	loss   float64 // the value, of which less is better
	times  [len(toTargets)]statistics.Time
	known  [len(toTargets)]bool
}

// Column reads what is on record of the points, which listings do not read.
func (m *member) Column(name string, visit func(step int, wall time.Duration, x float64, measured bool) error) error {
	r, err := store.ReadRecord(m.Dir)
	if err != nil {
		return err
	}
	return r.Column(name, visit)
}

// measureAll finds what is compared of each run.
func (p *Problem) measureAll(own []*member) error {
	return atOnce(own, func(_ int, m *member) error { return p.measureOne(m) })
}

func (p *Problem) measureOne(m *member) (err error) {
	if m.Imported != nil && m.Target == nil && p.target != nil {
		r, err := store.ReadRecord(m.Dir)
		if err == nil {
			err = r.Reach(p.target)
		}
		if err != nil {
			return err
		}
		m.Record = r
	}
	if m.value, err = evaluate(p.measure, p.schema, m.Outcome, m); err != nil {
		return fmt.Errorf("%s: %w", m.Dir, err)
	}
	if m.counts = m.value.Counts(); m.counts {
		_, worst := m.value.Between()
		m.loss = p.sign * worst
	}
	if p.target == nil {
		return nil
	}
	for i, name := range toTargets {
		v := measure.Measure{Quantity: name}.Begin(p.schema).End(m.Outcome)
		best, _ := v.Between()
		switch m.known[i] = v.Counts(); v.State() {
		case measure.Measured:
			m.times[i] = statistics.Time{At: best, Reached: true}
		case measure.Censored:
			m.times[i] = statistics.Time{At: best}
		case measure.Infinite:
			m.times[i] = statistics.Time{At: math.Inf(1)}
		}
	}
	return nil
}

// together is the median of the runs of one seed.
func together(own []*member) *member {
	if len(own) == 1 {
		return own[0]
	}
	u := &member{Record: own[0].Record}
	var xs []float64
	for _, m := range own {
		if m.counts {
			xs = append(xs, m.loss)
		}
	}
	if u.counts = len(xs) > 0; u.counts {
		u.loss = quantile.Median(xs)
	}
	for i := range toTargets {
		var at []float64
		least := math.Inf(1)
		for _, m := range own {
			switch {
			case !m.known[i]:
			case m.times[i].Reached:
				at = append(at, m.times[i].At)
			default:
				at, least = append(at, math.Inf(1)), min(least, m.times[i].At)
			}
		}
		if u.known[i] = len(at) > 0; u.known[i] {
			u.times[i] = statistics.Time{At: quantile.Median(at), Reached: true}
			if math.IsInf(u.times[i].At, 1) || u.times[i].At > least {
				u.times[i] = statistics.Time{At: least}
			}
		}
	}
	return u
}
