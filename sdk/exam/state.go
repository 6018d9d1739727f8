package exam

import (
	"fmt"
)

var noSnapshot = inapplicable("it does not declare snapshot: a run of it cannot be resumed")

// snapshotRestore takes a snapshot at many points, restores it into an instance that has another state, and goes on with
// both.
func snapshotRestore(e *examiner) error {
	if !e.about.Capabilities.Snapshot {
		return noSnapshot
	}
	want, err := e.reference()
	if err != nil {
		return err
	}
	g := gradients(steps, elements)
	points := 0
	for at := 0; at < steps; at += 7 {
		points++
		if err := e.snapshotAt(at, g, want); err != nil {
			return fmt.Errorf("snapshot after step %d: %w", at, err)
		}
	}
	e.note = fmt.Sprintf("at %d points of %d steps", points, steps)
	return nil
}

func (e *examiner) snapshotAt(at int, g, want [][]float64) error {
	a, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	if _, err = a.run(g[:at]); err != nil {
		return err
	}
	state, err := a.snapshot()
	if err != nil {
		return err
	}
	b, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	if _, err = b.run(g[steps-2:]); err != nil { // a state to be overwritten
		return err
	}
	if err := b.resume(a, state, 1000); err != nil {
		return err
	}
	if err := b.finish(g, want); err != nil {
		return fmt.Errorf("restored: %w", err)
	}
	if err := a.finish(g, want); err != nil {
		return fmt.Errorf("the instance that was saved: %w", err)
	}
	return nil
}

// killAndResume restores a state in a process that never saw the run.
func killAndResume(e *examiner) error {
	if !e.about.Capabilities.Snapshot {
		return noSnapshot
	}
	want, err := e.reference()
	if err != nil {
		return err
	}
	const n = steps / 2
	g := gradients(steps, elements)
	before, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	if _, err = before.run(g[:n]); err != nil {
		return err
	}
	state, err := before.snapshot()
	if err != nil {
		return err
	}
	if err := e.renew(); err != nil {
		return err
	}
	after, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	if err := after.resume(before, state, 1000); err != nil {
		return err
	}
	e.note = fmt.Sprintf("n = %d", n)
	return after.finish(g, want)
}
