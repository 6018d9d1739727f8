package train

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// Elsewhere says what of a run is not at the weights that are trained.
type Elsewhere struct {
	Result   bool // what is evaluated: the optimizer says where
	Start    bool // where it begins: the optimizer proposes that
	EndsSoon bool // the watch may end the run at any point, so that the result of each has to be known
}

// result is where the optimizer's is, after a number of steps.
type result struct {
	weights []float64
	step    int // -1 if it is not known
}

// propose adds the optimizer's wish to the problem's start. It returns false if the optimizer is lost.
func (l *loop) propose() bool {
	if !l.Elsewhere.Start {
		return true
	}
	if err := l.optimizer.Locate(l.calls, optimizer.Initialization, 0, l.values(0)); err != nil {
		l.lost(fmt.Errorf("initialization: %w", err))
		return false
	}
	floats.Add(l.Weights, l.Update)
	return true
}

// locate finds the result after this many steps, if it is elsewhere. The optimizer must have made no other step.
func (l *loop) locate() error {
	if !l.Elsewhere.Result || l.result.step == l.k {
		return nil
	}
	if err := l.optimizer.Locate(l.calls, optimizer.Evaluation, l.k, l.values(max(l.k-1, 0))); err != nil {
		return fmt.Errorf("evaluation after step %d: %w", l.k, err)
	}
	l.result.weights = append(l.result.weights[:0], l.Weights...)
	floats.Add(l.result.weights, l.Update)
	l.result.step = l.k
	return nil
}

// evaluated are the weights that the run is judged by; nil if they are not known.
func (l *loop) evaluated() []float64 {
	switch {
	case !l.Elsewhere.Result:
		return l.Weights
	case l.result.step == l.k:
		return l.result.weights
	}
	return nil
}

// values are the hyperparameters in force for the step after k.
func (l *loop) values(k int) []float64 {
	if l.Values == nil {
		return nil
	}
	return l.Values(k)
}

// evaluate measures the last weights, if the run ever had any: losses and accuracies over all examples, all else as at their point
// if that was visited. Of a result that is elsewhere, and that an optimizer that made a step more cannot tell, nothing is known.
func (l *loop) evaluate() {
	if l.optimizer == nil {
		return
	}
	last := slices.Clone(l.point.Values)
	if l.point.Step != l.k {
		clear(last)
	}
	last[record.TrainLoss], _ = l.measure(problem.Training)
	last[record.ValidationLoss], last[record.ValidationAccuracy] = l.measure(problem.Validation)
	if l.out.Status != record.Paused { // nothing is decided by test examples
		last[record.TestLoss], last[record.TestAccuracy] = l.measure(problem.Test)
	}
	if l.Elsewhere.Result {
		last[record.TrainedLoss] = l.Objective.Evaluate(problem.Training, l.Weights).Loss
	}
	final := map[string]record.Value{}
	for i, q := range l.Schema {
		if _, measured := last[i].Get(); q.Final && measured {
			final[q.Name] = last[i]
		}
	}
	l.out.Final = record.Named(final)
}

func (l *loop) measure(part problem.Part) (loss, accuracy record.Value) {
	weights := l.evaluated()
	if weights == nil {
		return loss, accuracy
	}
	e := l.Objective.Evaluate(part, weights)
	return e.Loss, e.Accuracy
}
