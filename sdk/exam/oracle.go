package exam

import (
	"math"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// maxAsks is how many asks a step of the exam answers, as many as a host does if nothing else is said.
const maxAsks = 100

// Oracle answers what a plugin asks in the middle of a step of the exam. The objective of a step is a quadratic function of the
// displacement d from the weights, which has the step's own gradient g and loss there:
//
//	f(d) = loss + gᵀd + ½ Σ hᵢ dᵢ²,   h = ½, 1, 1½, ½, ...
//
// A fresh batch has another g. All follows from the step and what was asked before in it.
type Oracle struct {
	gradient []float64
	loss     float64
	fresh    int // batches so far
}

// NewOracle is that of a step.
func NewOracle(gradient []float64, loss float64) *Oracle {
	return &Oracle{gradient: gradient, loss: loss}
}

// refuse is the error of an ask that no host answers.
func (o *Oracle) refuse(kind v1.AskKind, batch v1.AskBatch) error {
	const remedy = "ask as docs/protocol.md says: for a loss, a gradient or a product with the Hessian, of this batch, a fresh one or the step's last fresh one"
	switch {
	case kind < v1.AskKind_ASK_KIND_LOSS || kind > v1.AskKind_ASK_KIND_HESSIAN_VECTOR:
		return fail(remedy, "it asks for the unknown kind %d", kind)
	case batch < v1.AskBatch_ASK_BATCH_UNSPECIFIED || batch > v1.AskBatch_ASK_BATCH_LAST:
		return fail(remedy, "it asks of the unknown batch %d", batch)
	case batch == v1.AskBatch_ASK_BATCH_LAST && o.fresh == 0:
		return fail(remedy, "it asks of the last fresh batch, and had none in this step")
	}
	return nil
}

// Answer writes what was asked for into a vector, and returns the loss. A vector of no length is zero.
func (o *Oracle) Answer(kind v1.AskKind, batch v1.AskBatch, vector, into []float64) (loss float64) {
	if batch == v1.AskBatch_ASK_BATCH_FRESH {
		o.fresh++
	}
	loss = o.loss
	for i, g := range o.gradient {
		d, h := 0.0, float64(1+i%3)/2
		if len(vector) > 0 {
			d = vector[i]
		}
		if batch != v1.AskBatch_ASK_BATCH_UNSPECIFIED {
			g *= 1 + math.Sin(float64(o.fresh+i))/2
		}
		loss += d * (g + h*d/2)
		switch kind {
		case v1.AskKind_ASK_KIND_GRADIENT:
			into[i] = g + h*d
		case v1.AskKind_ASK_KIND_HESSIAN_VECTOR:
			into[i] = h * d
		}
	}
	return loss
}
