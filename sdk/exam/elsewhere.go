package exam

import (
	"bytes"
	"fmt"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// locate asks between two steps where the result is, or where to start: what is to be added to the weights.
func (s *session) locate(what v1.StepKind) ([]float64, error) {
	values := s.values
	if s.at != nil {
		values = s.at(max(s.k-1, 0))
	}
	update := make([]float64, len(s.weights))
	if err := s.stepper.Locate(s.e.ctx, what, s.k, values, s.weights, update); err != nil {
		return nil, &callError{fmt.Sprintf("%v after step %d", what, s.k), err}
	}
	return update, nil
}

// twice asks two times, which must not make a difference, nor be seen in the state.
func (s *session) twice(what v1.StepKind) ([]float64, error) {
	saves := s.e.about.Capabilities.Snapshot
	var states [2][]byte
	var answers [2][]float64
	for i := range answers {
		if saves {
			state, err := s.snapshot()
			if err != nil {
				return nil, err
			}
			states[i] = state.State
		}
		var err error
		if answers[i], err = s.locate(what); err != nil {
			return nil, err
		}
	}
	if err := same(answers[1:], answers[:1], s.k); err != nil {
		return nil, fmt.Errorf("asked twice: %w", err)
	}
	if !bytes.Equal(states[0], states[1]) {
		return nil, fmt.Errorf("the question after step %d changed the state", s.k)
	}
	return answers[0], nil
}

// evaluation asks in the course of a run, on every data plane, and after a restore.
func evaluation(e *examiner) error {
	c := e.about.Capabilities
	if !c.EvaluationWeights && !c.Initialization {
		return inapplicable("its result is at the weights that it trains, and it starts where the problem does")
	}
	want, err := e.reference()
	if err != nil {
		return err
	}
	var located [][]float64
	for i, plane := range e.conn.Planes {
		got, err := e.evaluateOn(plane, want)
		if err == nil && i > 0 {
			err = same(got, located, 0)
		}
		if err != nil {
			return fmt.Errorf("data plane %s: %w", plane.Name, err)
		}
		located = got
	}
	if c.Snapshot && c.EvaluationWeights {
		return e.evaluateRestored(located[1+steps/2])
	}
	return nil
}

// evaluateOn makes the reference run with questions: where to start, and where the result is before and after every step.
func (e *examiner) evaluateOn(plane Plane, want [][]float64) (located [][]float64, err error) {
	s, err := e.openWith(plane, nil, e.layout(referenceShapes()...))
	if err != nil {
		return nil, err
	}
	located = append(located, nil)
	if e.about.Capabilities.Initialization {
		if located[0], err = s.twice(v1.StepKind_STEP_KIND_INITIALIZATION); err != nil {
			return nil, err
		}
	}
	for k, g := range gradients(steps, elements) {
		if e.about.Capabilities.EvaluationWeights {
			at, err := s.twice(v1.StepKind_STEP_KIND_EVALUATION)
			if err != nil {
				return nil, err
			}
			located = append(located, at)
		}
		update, err := s.step(g)
		if err == nil {
			err = same([][]float64{update}, want[k:k+1], k+1)
		}
		if err != nil {
			return nil, fmt.Errorf("after a question: %w", err)
		}
	}
	return located, finite(located)
}

// evaluateRestored asks an instance that has another's state.
func (e *examiner) evaluateRestored(want []float64) error {
	a, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	if _, err := a.run(gradients(steps, elements)[:steps/2]); err != nil {
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
	if err := b.resume(a, state, 1000); err != nil {
		return err
	}
	got, err := b.locate(v1.StepKind_STEP_KIND_EVALUATION)
	if err == nil {
		err = same([][]float64{got}, [][]float64{want}, steps/2)
	}
	if err != nil {
		return fmt.Errorf("restored: %w", err)
	}
	return nil
}
