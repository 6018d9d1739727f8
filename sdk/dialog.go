package sdk

import (
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// dialog is a step of the inline plane that asks. It goes on in a goroutine of its own from one call of Step to the next.
type dialog struct {
	begin   *v1.StepRequest
	asks    chan question
	answers chan answer
	end     chan struct{}

	asked   question // the last one
	compute time.Duration
	err     error
}

type answer struct {
	loss float64
	err  error
}

// converse begins a step.
func (in *opened) converse(r *v1.StepRequest) (*v1.StepResponse, error) {
	d := &dialog{begin: r, asks: make(chan question), answers: make(chan answer), end: make(chan struct{})}
	in.pending = d
	go func() {
		defer close(d.end)
		d.compute, d.err = in.advance(r.Step, r.Loss, int(r.Threads))
	}()
	return in.listen()
}

// inquire is the oracle of the inline plane.
func (in *opened) inquire(q question) (float64, error) {
	d := in.pending
	d.asks <- q
	a := <-d.answers
	return a.loss, a.err
}

// listen waits until the step asks, or is over.
func (in *opened) listen() (*v1.StepResponse, error) {
	d := in.pending
	select {
	case d.asked = <-d.asks:
		in.asking = true
		return &v1.StepResponse{Ask: &v1.Ask{Kind: d.asked.kind, Batch: v1.AskBatch(d.asked.batch),
			Vector: proto.AppendFloat64s(nil, d.asked.vector)}}, nil
	case <-d.end:
		in.pending = nil
		return in.concluded(d.begin, d.compute, d.err)
	}
}

// proceed gives the step that asked its answer.
func (in *opened) proceed(r *v1.StepRequest) (*v1.StepResponse, error) {
	d := in.pending
	if d == nil {
		return nil, status.Error(codes.FailedPrecondition, "an answer came, and no step asked")
	}
	if r.Step != d.begin.Step {
		return nil, status.Errorf(codes.InvalidArgument, "an answer to an ask of step %d came, and step %d asked", r.Step, d.begin.Step)
	}
	if err := proto.Float64s(d.asked.into, r.Gradient); err != nil && d.asked.into != nil {
		return nil, status.Errorf(codes.InvalidArgument, "step %d: the answer to its ask: %v", r.Step, err)
	}
	in.asking = false
	d.answers <- answer{loss: r.Loss}
	return in.listen()
}

// abandon ends a step that waits for an answer.
func (in *opened) abandon() {
	if d := in.pending; d != nil {
		in.pending = nil
		d.answers <- answer{err: errClosed}
		<-d.end
	}
}
