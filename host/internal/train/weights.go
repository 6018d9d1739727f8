package train

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/record"
)

// Keeping says which weights of a run are written, and what those that are known already must be.
type Keeping struct {
	record.Weights
	// Write puts them on disk. It is called again for weights that are met again.
	Write func(step int, weights []float64) error
	// Replay has the digests of a run that was made before: this one is made again to be measured. It fails if its weights are
	// others, or if it does not come to all of them.
	Replay []record.Digest
	// Numerics says how the arithmetic that is met differs from that of the run before; empty if it does not.
	Numerics string
}

// Replay is a run on record that is made again to be measured.
type Replay struct {
	Weights  []record.Digest // see [Keeping]
	Numerics string          // likewise
	Steps    int             // with which it finished; 0 if it ended otherwise, which it will do again
}

// ReplayError is the failure of a run that was to be the one on record, and is another one.
type ReplayError struct {
	Step     int    // after which its weights differ
	Numerics string // see [Keeping]
	how      string
}

func (e *ReplayError) Error() string {
	why := "the arithmetic on record is the same, so the plugin or the host is not deterministic"
	if e.Numerics != "" {
		why = "it met another " + e.Numerics
	}
	return fmt.Sprintf("the run was made again to be measured, and %s: %s", e.how, why)
}

// Remedy says what to do.
func (e *ReplayError) Remedy() string {
	if e.Numerics != "" {
		return "measure again where and as the run was made; its record is as it was"
	}
	return "check the plugin with steepest plugins check; the record is as it was"
}

// keep writes the weights of the point if they are asked for. Those of the last one are for end.
func (l *loop) keep() {
	if l.out.Status != record.Failed && !l.out.Status.Ended() && l.Keeping.Has(l.k) {
		l.write(l.Weights)
		l.note(l.Weights)
	}
}

// end notes the last weights of a run that ended by itself, and whether it is the one on record. They are its result: those that are
// evaluated, if they are known.
func (l *loop) end() {
	if !l.out.Status.Ended() {
		return
	}
	weights := l.evaluated()
	if weights == nil {
		weights = l.Weights
	}
	if l.Keeping.End || l.Keeping.Has(l.k) {
		l.write(weights)
	}
	l.note(weights)
	l.out.Weights = l.kept
	for _, d := range l.Keeping.Replay {
		if l.out.Status.Ended() && d.Step > l.k {
			l.differs(d.Step, fmt.Sprintf("it was %s with step %d, before step %d", l.out.Status, l.k, d.Step))
		}
	}
}

func (l *loop) write(weights []float64) {
	if err := l.Keeping.Write(l.k, weights); err != nil {
		l.fail(err)
	}
}

// note keeps the digest of the weights, and compares it.
func (l *loop) note(weights []float64) {
	now := record.DigestOf(l.k, weights)
	l.kept = append(l.kept, now)
	for _, d := range l.Keeping.Replay {
		if d.Step == l.k && d != now {
			l.differs(l.k, fmt.Sprintf("the SHA-256 of its weights after step %d is %s, and not %s", l.k, now.SHA256, d.SHA256))
		}
	}
}

func (l *loop) differs(step int, how string) {
	l.fail(&ReplayError{step, l.Keeping.Numerics, how})
}
