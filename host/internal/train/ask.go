package train

import (
	"context"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// answers are what the objective answers in the middle of a step. They follow from the step, its weights, the fresh batches before it and
// what is asked, on every data plane.
type answers struct {
	loop  *loop
	fresh problem.Objective // nil until the first ask of a fresh batch
	asked record.Asked      // in the steps that were made
	now   record.Asked      // and in this one
	time  time.Duration     // that answers took in this step

	point  []float64 // of this step's last loss or gradient
	vector []float64
	moved  bool // point is not that of a step before
}

var _ optimizer.Oracle = (*answers)(nil)

// begin is called before each step.
func (a *answers) begin() { a.time, a.moved, a.now = 0, false, a.asked }

func (a *answers) Return() { a.moved = false }

func (a *answers) Loss(ctx context.Context, batch optimizer.Batch, d []float64) (loss float64, err error) {
	a.now.Losses++
	return a.at(ctx, batch, d, nil)
}

func (a *answers) Gradient(ctx context.Context, batch optimizer.Batch, d, into []float64) (loss float64, err error) {
	a.now.Gradients++
	a.loop.point.Gradients++
	return a.at(ctx, batch, d, into)
}

func (a *answers) at(ctx context.Context, batch optimizer.Batch, d, into []float64) (loss float64, err error) {
	defer a.took(time.Now())
	o, k := a.of(batch)
	if l := a.loop; into != nil && l.Examples != nil {
		a.now.Examples += l.Examples(k+1) - l.Examples(k)
	}
	a.point = append(a.point[:0], a.loop.Weights...)
	floats.Add(a.point, d)
	a.moved = true
	return o.Gradient(k, a.point, into), ctx.Err()
}

func (a *answers) HessianVector(ctx context.Context, batch optimizer.Batch, v, into []float64) error {
	defer a.took(time.Now())
	a.now.HessianVectors++
	o, k := a.of(batch)
	if !a.moved {
		a.point, a.moved = append(a.point[:0], a.loop.Weights...), true
	}
	a.vector = append(a.vector[:0], v...) // which the plugin may still write
	curved, _ := problem.As[problem.Curved](o)
	curved.HessianVector(k, a.point, a.vector, into)
	return ctx.Err()
}

func (a *answers) took(since time.Time) { a.time += time.Since(since) }

// of is the objective of a batch, with its number.
func (a *answers) of(batch optimizer.Batch) (o problem.Objective, k int) {
	if batch == optimizer.ThisBatch {
		return a.loop.Objective, a.loop.k
	}
	if a.fresh == nil {
		a.fresh = a.loop.Fresh()
	}
	if batch == optimizer.FreshBatch {
		a.now.Fresh++
	}
	if m, is := problem.As[problem.Moving](a.fresh); is {
		m.Move(a.loop.k)
	}
	return a.fresh, a.now.Fresh - 1
}

// unseen is the gradient at the point, which the optimizer does not see: it is computed for diagnostics, and nil without any.
func (l *loop) unseen() []float64 {
	if len(l.Diagnostics) == 0 {
		return nil
	}
	if l.raw == nil {
		l.raw = make([]float64, len(l.Weights))
	}
	l.Objective.Gradient(l.k, l.Weights, l.raw)
	return l.raw
}
