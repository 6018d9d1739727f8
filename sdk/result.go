package sdk

import (
	"errors"
	"fmt"
	"slices"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// EvaluatesAt says that the rule's result is not at the weights that it trains, as that of an average of them is not. result writes into
// x.Update what is to be added to the weights to get those to evaluate: the host does so where it validates, and at the end. It
// changes no state; x is as at the last step, x.K, but that there is no Grad and no Loss, and that Weights are those after that step.
// Before the first step the result is where the weights are, and it is not called.
//
// H and S are those of [New] or [NewJoint].
func EvaluatesAt[H, S any](result func(h H, s *S, x Tensor)) Option { return evaluatesAt(result) }

// EvaluatesModelAt is [EvaluatesAt] for a result that depends on the state of the whole model, of a rule that was given to [NewJoint].
func EvaluatesModelAt[H, G, S any](result func(h H, g *G, s []S, m Model)) Option {
	return evaluatesAt(result)
}

func evaluatesAt(result any) Option {
	return func(o *Optimizer) { o.result, o.description.Capabilities.EvaluationWeights = result, true }
}

// Initializes says that the rule wants to begin at weights of its own, where an experiment lets it with initialization = "plugin".
// start writes into x.Update what is to be added to the problem's start, x.Weights; x.K is 0, and there is no Grad and no Loss. What it
// draws, it draws from x.Rand(). It needs [NeedsWeights].
func Initializes[H any](start func(h H, x Tensor)) Option {
	return func(o *Optimizer) { o.start, o.description.Capabilities.Initialization = start, true }
}

// elsewhere adds the functions that say where a run begins and where its result is.
func (r *rule[H, G, S]) elsewhere(o *Optimizer) (err error) {
	ok := true
	switch result := o.result.(type) {
	case nil:
	case func(H, *S, Tensor):
		r.result = result
	case func(H, *G, []S, Model):
		r.jointResult, ok = result, r.joint != nil
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("it evaluates at a %T, which does not fit its step", o.result)
	}
	if o.start == nil {
		return nil
	}
	if r.start, ok = o.start.(func(H, Tensor)); !ok {
		return fmt.Errorf("it initializes by a %T, which has not the hyperparameters of its step", o.start)
	}
	if !o.description.Capabilities.NeedsWeights {
		return errors.New("sdk.Initializes changes the weights that the problem starts from; add sdk.NeedsWeights()")
	}
	return nil
}

// locate writes the update that leads from the weights after step k to the result, or from the problem's start to the rule's.
func (r *run[H, G, S]) locate(kind v1.StepKind, k uint64) error {
	during, evaluates := "evaluation after step", kind == v1.StepKind_STEP_KIND_EVALUATION
	switch {
	case evaluates && !r.capabilities.EvaluationWeights, !evaluates && !r.capabilities.Initialization:
		return fmt.Errorf("it declares no requests of kind %v", kind)
	case !evaluates && k != 0:
		return fmt.Errorf("an initialization after step %d; it is before the first", k)
	case !evaluates:
		during = "initialization before step"
	}
	if !slices.Equal(r.values, r.inForce) {
		if err := r.schedule(); err != nil {
			return err
		}
	}
	if clear(r.update); !evaluates || k > 0 && r.started {
		r.point(during, int(k))
	}
	if r.failed.Load() {
		r.failed.Store(false)
		return r.fault
	}
	if r.asks() {
		copy(r.host.update, r.update)
	}
	return nil
}

// point calls the author's function.
func (r *run[H, G, S]) point(during string, k int) {
	for i := range r.tensors {
		r.tensors[i].K = k
	}
	copy(r.view, r.tensors)
	for i := range r.view {
		r.view[i].Grad, r.view[i].Loss = nil, 0
	}
	at := -1
	defer r.guard(during, &at)
	if k > 0 && r.rule.jointResult != nil {
		m := r.model
		m.K, m.Grad, m.Loss, m.asker = k, nil, 0, nil
		r.rule.jointResult(r.hypers[0], &r.global, r.states, m)
		return
	}
	for i, x := range r.view {
		at = i
		if h := r.hypers[r.groups[i]]; k > 0 {
			r.rule.result(h, &r.states[i], x)
		} else {
			r.rule.start(h, x)
		}
	}
}
