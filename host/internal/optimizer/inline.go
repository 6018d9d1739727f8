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
	ctx, cancel := context.WithTimeout(ctx, i.owner.timeout)
	defer cancel()
	r := &i.request
	r.Step = uint64(k)
	r.Hyperparameters = proto.AppendFloat64s(r.Hyperparameters[:0], values)
	r.Gradient = proto.AppendFloat64s(r.Gradient[:0], i.vectors.Gradient)
	if i.owner.plugin.Description.Capabilities.NeedsWeights {
		r.Weights = proto.AppendFloat64s(r.Weights[:0], i.vectors.Weights)
	}
	if i.owner.plugin.Description.Capabilities.NeedsLoss {
		r.Loss = loss
	}
	response, err := i.owner.plugin.Client.Step(ctx, r, grpc.MaxCallRecvMsgSize(stepMessage+8*len(i.vectors.Update)))
	if err != nil {
		return 0, i.owner.plugin.Supervisor.Explain(err, i.owner.timeout)
	}
	if err := proto.Float64s(i.vectors.Update, response.Update); err != nil {
		return 0, i.owner.plugin.breach("its update has the wrong length: %w", err)
	}
	return time.Duration(max(response.ComputeNanoseconds, 0)), nil
}

func (i *inline) close() {}
