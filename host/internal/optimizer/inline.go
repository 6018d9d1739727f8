package optimizer

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// stepMessage is how large the answer to a step may be besides its update. What it holds is bounded too, but only once it is
// in memory.
const stepMessage = 64 << 10

// inline sends the vectors inside the messages: any system, any language.
type inline struct {
	owner   *Instance
	vectors Vectors
	request v1.StepRequest // reused: its buffers are as long as the weight vector
	asked   []float64      // the vector of an ask, and the answer
}

func newInline(i *Instance, n int) (plane, error) {
	if n > proto.MaxInlineElements {
		return nil, fmt.Errorf("%d parameters do not fit into one message; the limit is %d without shared memory", n,
			proto.MaxInlineElements)
	}
	return &inline{owner: i, vectors: Vectors{make([]float64, n), make([]float64, n), make([]float64, n)},
		request: v1.StepRequest{Instance: i.id}}, nil
}

func (i *inline) Vectors() Vectors { return i.vectors }

func (i *inline) Step(ctx context.Context, k int, values []float64, loss float64) (time.Duration, error) {
	r := &i.request
	r.Step, r.Kind = uint64(k), v1.StepKind_STEP_KIND_UNSPECIFIED
	r.Hyperparameters = proto.AppendFloat64s(r.Hyperparameters[:0], values)
	r.Gradient = proto.AppendFloat64s(r.Gradient[:0], i.vectors.Gradient)
	if i.owner.plugin.Description.Capabilities.NeedsWeights {
		r.Weights = proto.AppendFloat64s(r.Weights[:0], i.vectors.Weights)
	}
	if r.Loss = 0; i.owner.plugin.Description.Capabilities.NeedsLoss {
		r.Loss = loss
	}
	i.owner.asks = asks{}
	response, err := i.call(ctx)
	for err == nil && response.Ask != nil {
		if err = i.answer(ctx, response.Ask); err == nil {
			response, err = i.call(ctx)
		}
	}
	if err != nil {
		return 0, err
	}
	if err := proto.Float64s(i.vectors.Update, response.Update); err != nil {
		return 0, i.owner.plugin.breach("its update has the wrong length: %w", err)
	}
	return time.Duration(max(response.ComputeNanoseconds, 0)), nil
}

func (i *inline) Locate(ctx context.Context, what Elsewhere, k int, values []float64) error {
	r := &i.request
	r.Step, r.Kind, r.Loss = uint64(k), what, 0
	r.Hyperparameters, r.Gradient = proto.AppendFloat64s(r.Hyperparameters[:0], values), r.Gradient[:0]
	if i.owner.plugin.Description.Capabilities.NeedsWeights {
		r.Weights = proto.AppendFloat64s(r.Weights[:0], i.vectors.Weights)
	}
	i.owner.asks = asks{}
	response, err := i.call(ctx)
	if err != nil {
		return err
	}
	if response.Ask != nil {
		return i.owner.plugin.breach(asksBetween)
	}
	if err := proto.Float64s(i.vectors.Update, response.Update); err != nil {
		return i.owner.plugin.breach("its answer to %v has the wrong length: %w", what, err)
	}
	return nil
}

// call sends the request. All calls of a step have the time of a step.
func (i *inline) call(ctx context.Context) (*v1.StepResponse, error) {
	begin, a := time.Now(), &i.owner.asks
	ctx, cancel := context.WithTimeout(ctx, i.owner.timeout-a.spent)
	defer cancel()
	response, err := i.owner.plugin.Client.Step(ctx, &i.request, grpc.MaxCallRecvMsgSize(stepMessage+8*len(i.vectors.Update)))
	if a.spent += time.Since(begin); err != nil {
		return nil, i.owner.plugin.Supervisor.Explain(err, i.owner.timeout)
	}
	return response, nil
}

// answer makes the request one with the answer to an ask.
func (i *inline) answer(ctx context.Context, ask *v1.Ask) error {
	n := len(i.vectors.Update)
	if i.asked == nil {
		i.asked = make([]float64, 2*n)
	}
	vector, into := i.asked[:n], i.asked[n:]
	if clear(vector); len(ask.Vector) > 0 {
		if err := proto.Float64s(vector, ask.Vector); err != nil {
			return i.owner.plugin.breach("the vector of its ask has the wrong length: %w", err)
		}
	}
	loss, err := i.owner.answer(ctx, ask.Kind, ask.Batch, vector, into)
	if err != nil {
		return err
	}
	r := &i.request
	r.Kind, r.Loss, r.Gradient, r.Weights = v1.StepKind_STEP_KIND_ANSWER, loss, r.Gradient[:0], r.Weights[:0]
	if ask.Kind != v1.AskKind_ASK_KIND_LOSS {
		r.Gradient = proto.AppendFloat64s(r.Gradient, into)
	}
	return nil
}

func (i *inline) close() {}
