package train

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/record"
)

// Watch judges every point that is visited, in order; after a checkpoint that was gone back to, those that are visited again.
type Watch interface {
	// Judge tells whether a point reaches the target, and how the run ends there and why; the status is empty if it goes on.
	Judge(*record.Sample) (reached bool, end record.Status, reason string)
	// State is all that the next verdicts depend on.
	State() []float64
	// Restore is the inverse of State. Of nil it is as it was at first.
	Restore([]float64) error
}

// judge asks the watch about the point. A run that ends anyway ends as it would without.
func (l *loop) judge(p *record.Sample) {
	if l.Watch == nil {
		return
	}
	reached, end, reason := l.Watch.Judge(p)
	if reached && l.out.StepsToTarget < 0 {
		l.out.StepsToTarget, l.out.ToTarget = l.k, record.Effort{Spent: p.Spent, Used: l.before}
		l.askedToTarget = l.answers.asked
	}
	if l.out.Status == "" && end != "" {
		l.out.Status, l.out.Reason = end, reason
	}
}

// improve notes what is better at a recorded point than at those before.
func (l *loop) improve(p *record.Sample) {
	for i := range l.best {
		q := l.Schema[i]
		if x, measured := p.Get(i).Get(); measured && q.Target() {
			l.best[i] = l.best[i].With(q.Better, p.Step, x)
		}
	}
}

// bests are the best values by the names of their quantities; nil if they were not kept from the start.
func (l *loop) bests() record.ByName[record.Best] {
	if l.best == nil {
		return nil
	}
	all := map[string]record.Best{}
	for i, b := range l.best {
		if b != (record.Best{}) {
			all[l.Schema[i].Name] = b
		}
	}
	return record.Named(all)
}

// recall sets what was noted and judged until a checkpoint; until the start if it is nil.
func (l *loop) recall(c *Checkpoint) error {
	l.best = make([]record.Best, len(l.Schema))
	var state []float64
	if c != nil {
		state = c.Watch
		for i, q := range l.Schema {
			l.best[i] = c.Best.Of(q.Name)
		}
		if c.Best == nil { // one of an earlier version
			l.best = nil
		}
	}
	for i, d := range l.Diagnostics {
		var known []float64
		switch {
		case c == nil:
		case len(c.Followed) != len(l.Diagnostics):
			return fmt.Errorf("the checkpoint is of a run with %d diagnostics, now there are %d", len(c.Followed), len(l.Diagnostics))
		default:
			known = c.Followed[i]
		}
		if err := d.Restore(known); err != nil {
			return err
		}
	}
	if l.Watch == nil {
		return nil
	}
	return l.Watch.Restore(state)
}

func (l *loop) followed() (all [][]float64) {
	for _, d := range l.Diagnostics {
		all = append(all, d.State())
	}
	return all
}

func (l *loop) watched() []float64 {
	if l.Watch == nil {
		return nil
	}
	return l.Watch.State()
}
