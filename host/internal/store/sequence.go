package store

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/steepest/steepest/host/internal/record"
)

// sequence follows the steps of the rows of a steps.csv: the start, the points that are recorded, and the last one, wherever the run
// ended. Those of a run that was not made here may leave any steps out.
type sequence struct {
	points record.Points
	any    bool
	last   int // the row before, -1 if there is none
	early  bool
	text   []byte // reused
}

// sequence is that of a run.
func (m *Manifest) sequence() sequence {
	s := newSequence()
	s.points, s.any = m.Record.Points, m.Imported != nil
	return s
}

// newSequence is that of a run of which all points are recorded.
func newSequence() sequence { return sequence{last: -1} }

// follow tells whether the row of a step may come next, by an error if not.
func (s *sequence) follow(step int) error {
	due := s.points.Next(s.last)
	switch {
	case s.any && step > s.last:
	case s.early:
		return fmt.Errorf("it is step %d, after step %d, which is not to be recorded unless it is the last", step, s.last)
	case step > s.last && step < due:
		s.early = true
	case step != due:
		return fmt.Errorf("it is step %d, where step %d must be", step, due)
	}
	s.last = step
	return nil
}

// begins tells whether a row begins with the step that comes next. It is fast where that is the one to be expected.
func (s *sequence) begins(row []byte) error {
	if !s.early {
		due := s.points.Next(s.last)
		if s.text = append(strconv.AppendInt(s.text[:0], int64(due), 10), ','); bytes.HasPrefix(row, s.text) {
			s.last = due
			return nil
		}
	}
	cell, _, _ := bytes.Cut(row, []byte(","))
	step, err := strconv.Atoi(string(cell))
	if err != nil {
		return fmt.Errorf("it begins with %s, which is no step", quote(cell))
	}
	return s.follow(step)
}
