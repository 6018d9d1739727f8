package optimizer

import (
	"context"
	"fmt"
	"time"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Oracle answers what a plugin asks of the objective in the middle of a step. d and v are not to be kept, nor changed; they and into are
// as long as the weights. What is not a number is an answer too; an error is of a run that ends.
type Oracle interface {
	// Loss is that at the weights + d, and Gradient writes the gradient there too.
	Loss(ctx context.Context, batch Batch, d []float64) (loss float64, err error)
	Gradient(ctx context.Context, batch Batch, d, into []float64) (loss float64, err error)
	// HessianVector writes the product of the Hessian with v, at the point of the step's last loss or gradient; at the weights if there
	// was none.
	HessianVector(ctx context.Context, batch Batch, v, into []float64) error
	// Return goes back to the weights, where there were losses and gradients already: another optimizer is about to ask in the step.
	Return()
}

// Batch is the examples that an ask is of.
type Batch = v1.AskBatch

// The batches.
const (
	ThisBatch  = v1.AskBatch_ASK_BATCH_UNSPECIFIED
	FreshBatch = v1.AskBatch_ASK_BATCH_FRESH // that no step and no ask had before
	LastFresh  = v1.AskBatch_ASK_BATCH_LAST  // this step's last fresh one
)

// asksBetween is what is wrong with a plugin that answers an evaluation with an ask.
const asksBetween = "it asks between two steps, and can in the middle of one alone"

// asks are those of one step.
type asks struct {
	count int
	fresh bool          // there was a fresh batch
	spent time.Duration // by the plugin until the last one
}

// answer gives the plugin what it asks for. The gradient of an ask for a loss is left as it is.
func (i *Instance) answer(ctx context.Context, kind v1.AskKind, batch Batch, vector, into []float64) (loss float64, err error) {
	a := &i.asks
	a.count++
	switch c := i.plugin.Description.Capabilities; {
	case !c.Asks || i.oracle == nil:
		return 0, i.plugin.breach("it asks in the middle of a step, and did not declare that it does")
	case a.count > i.maxAsks:
		return 0, &Failed{Plugin: i.plugin.Name, Err: fmt.Errorf("it asked %d times in the step, and max_asks is %d; raise max_asks in its "+
			"[[optimizer]], or let the rule ask less", a.count, i.maxAsks)}
	case batch < ThisBatch || batch > LastFresh:
		return 0, i.plugin.breach("it asks of the unknown batch %d", batch)
	case batch == LastFresh && !a.fresh:
		return 0, i.plugin.breach("it asks of the last fresh batch, and had none in this step")
	}
	a.fresh = a.fresh || batch == FreshBatch
	switch kind {
	case v1.AskKind_ASK_KIND_LOSS:
		return i.oracle.Loss(ctx, batch, vector)
	case v1.AskKind_ASK_KIND_GRADIENT:
		return i.oracle.Gradient(ctx, batch, vector, into)
	case v1.AskKind_ASK_KIND_HESSIAN_VECTOR:
		return 0, i.oracle.HessianVector(ctx, batch, vector, into)
	}
	return 0, i.plugin.breach("it asks for the unknown kind %d", kind)
}
