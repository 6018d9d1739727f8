package sdk

import (
	"errors"
	"fmt"
	"time"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Asks says that step asks about the objective while it works: [Model.AskLoss], [Model.AskGradient] and [Model.AskHessianVector]. Only a
// step that was given to [NewJoint] can.
func Asks() Option { return func(o *Optimizer) { o.description.Capabilities.Asks = true } }

// NoGradient says that nothing but asks tells the rule of the objective: the host computes no gradient before a step, and
// [Model.Grad] is zero. It implies [Asks] and [IgnoresGradient].
func NoGradient() Option {
	return func(o *Optimizer) {
		c := o.description.Capabilities
		c.NoGradient, c.Asks, c.IgnoresGradient = true, true, true
	}
}

// Batch is the examples that an ask is of.
type Batch int

const (
	// ThisBatch is that of the step, of which [Model.Grad] is the gradient.
	ThisBatch = Batch(v1.AskBatch_ASK_BATCH_UNSPECIFIED)
	// FreshBatch is one that no step and no ask had before.
	FreshBatch = Batch(v1.AskBatch_ASK_BATCH_FRESH)
	// LastFresh is this step's last fresh one, again.
	LastFresh = Batch(v1.AskBatch_ASK_BATCH_LAST)
)

// AskLoss is the loss at the weights + d; nil is zero. It may be infinite or not a number.
func (m Model) AskLoss(d []float64, on Batch) (loss float64) {
	return m.ask(v1.AskKind_ASK_KIND_LOSS, on, d, nil)
}

// AskGradient writes the gradient at the weights + d, and returns the loss there; nil is zero. Both may be infinite or not a number.
func (m Model) AskGradient(d []float64, on Batch, into []float64) (loss float64) {
	return m.ask(v1.AskKind_ASK_KIND_GRADIENT, on, d, m.whole(into))
}

// AskHessianVector writes the product of the Hessian with v: that at the point of this step's last ask for a loss or a gradient, or at
// the weights if there was none.
func (m Model) AskHessianVector(v []float64, on Batch, into []float64) {
	m.ask(v1.AskKind_ASK_KIND_HESSIAN_VECTOR, on, m.whole(v), m.whole(into))
}

// whole is a vector that has a value for each parameter.
func (m Model) whole(v []float64) []float64 {
	if len(v) != len(m.Grad) {
		panic(fmt.Sprintf("an ask was given a vector of %d values, and the model has %d parameters", len(v), len(m.Grad)))
	}
	return v
}

// ask waits for the host's answer. If there is none, the step is over: the panic unwinds the author's code.
func (m Model) ask(kind v1.AskKind, on Batch, vector, into []float64) float64 {
	a := m.asker
	switch {
	case a == nil:
		panic("a step asks only if the optimizer was made with the option sdk.Asks()")
	case on < ThisBatch || on > LastFresh:
		panic(fmt.Sprintf("an ask was of batch %d; sdk.ThisBatch, sdk.FreshBatch and sdk.LastFresh are those that there are", on))
	case !a.stepping:
		panic("an ask after the end of its step")
	case a.failed != nil: // the author recovered
		panic(a.failed)
	}
	if vector != nil {
		m.whole(vector)
	}
	begin := time.Now()
	loss, err := a.oracle(question{kind, on, vector, into})
	a.waited += time.Since(begin)
	if err != nil {
		a.failed = &unanswered{err}
		panic(a.failed)
	}
	return loss
}

// question is an ask: vector is nil for zero, into if nothing but the loss is asked.
type question struct {
	kind         v1.AskKind
	batch        Batch
	vector, into []float64
}

// oracle takes a question to the host and waits for the answer.
type oracle func(question) (loss float64, err error)

// asker is how the model of a step that asks gets answers.
type asker struct {
	oracle   oracle
	stepping bool
	waited   time.Duration // in this step
	failed   *unanswered   // likewise
}

// unanswered is what unwinds a step whose ask has no answer.
type unanswered struct{ error }

// errClosed is of an ask whose host went on without it.
var errClosed = errors.New("the host closed the optimizer instead of answering an ask")

// apart gives a rule that asks vectors of its own: answers land in the host's gradient, and asks lie in the host's update.
type apart struct {
	gradient, update []float64 // the host's
}
