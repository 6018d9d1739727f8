package exam

import (
	"context"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Inline is the data plane that every plugin has: gradients and updates travel inside the messages of Step.
func Inline(client v1.OptimizerServiceClient) Plane {
	return Plane{Name: "inline", Open: func(ctx context.Context, r *v1.OpenRequest) (Stepper, error) {
		about, err := client.Describe(ctx, &v1.DescribeRequest{})
		if err != nil {
			return nil, err
		}
		r.DataPlanes = []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE}
		response, err := client.Open(ctx, r)
		if err != nil {
			return nil, err
		}
		if response.DataPlane != v1.DataPlane_DATA_PLANE_INLINE {
			return nil, fail("choose one of the planes that Open offers", "it chose the data plane %v, where only DATA_PLANE_INLINE was offered", response.DataPlane)
		}
		return &inline{client, r.Instance, about.GetCapabilities()}, nil
	}}
}

type inline struct {
	client       v1.OptimizerServiceClient
	instance     string
	capabilities *v1.Capabilities
}

var _ Stepper = (*inline)(nil)

func (s *inline) Step(ctx context.Context, k int, values, gradient, weights []float64, loss float64,
	update []float64) (time.Duration, error) {
	response, err := s.client.Step(ctx, stepRequest(s.instance, k, values, gradient, weights, loss, s.capabilities))
	oracle := NewOracle(gradient, loss)
	for asks := 0; err == nil && response.Ask != nil; asks++ {
		if !s.capabilities.GetAsks() || asks == maxAsks {
			return 0, fail("declare asks in Describe, and ask no more often than Open's max_asks says",
				"it asks for the %dth time in a step; it declares asks: %v, max_asks is %d", asks+1, s.capabilities.GetAsks(), maxAsks)
		}
		response, err = s.answer(ctx, k, response.Ask, oracle)
	}
	if err != nil {
		return 0, err
	}
	if err := proto.Float64s(update, response.Update); err != nil {
		return 0, fail("answer with an update that is as long as the gradient, also if it is all zero",
			"the update has the wrong length: %w", err)
	}
	return time.Duration(response.ComputeNanoseconds), nil
}

// answer sends what a step asked for.
func (s *inline) answer(ctx context.Context, k int, ask *v1.Ask, oracle *Oracle) (*v1.StepResponse, error) {
	if err := oracle.refuse(ask.Kind, ask.Batch); err != nil {
		return nil, err
	}
	var vector []float64
	into := make([]float64, len(oracle.gradient))
	if len(ask.Vector) > 0 {
		vector = make([]float64, len(into))
		if err := proto.Float64s(vector, ask.Vector); err != nil {
			return nil, fail("ask with a vector that is as long as the gradient, or with none for zero", "the vector of an ask has the wrong length: %w", err)
		}
	}
	r := &v1.StepRequest{Instance: s.instance, Step: uint64(k), Kind: v1.StepKind_STEP_KIND_ANSWER}
	r.Loss = oracle.Answer(ask.Kind, ask.Batch, vector, into)
	r.Gradient = proto.AppendFloat64s(nil, into)
	return s.client.Step(ctx, r)
}

func (s *inline) Locate(ctx context.Context, what v1.StepKind, k int, values, weights, update []float64) error {
	r := stepRequest(s.instance, k, values, nil, weights, 0, s.capabilities)
	r.Kind = what
	response, err := s.client.Step(ctx, r)
	if err != nil {
		return err
	}
	if err := proto.Float64s(update, response.Update); err != nil {
		return fail("answer with an update that is as long as the weights, also if it is all zero",
			"its answer to %v has the wrong length: %w", what, err)
	}
	return nil
}

func (s *inline) Close(ctx context.Context) error {
	_, err := s.client.Close(ctx, &v1.CloseRequest{Instance: s.instance})
	return err
}

// stepRequest is a step as the inline data plane sends it: with weights and loss only if they are asked for.
func stepRequest(instance string, k int, values, gradient, weights []float64, loss float64,
	c *v1.Capabilities) *v1.StepRequest {
	if c.GetNoGradient() {
		gradient = make([]float64, len(gradient))
	}
	r := &v1.StepRequest{
		Instance: instance, Step: uint64(k),
		Hyperparameters: proto.AppendFloat64s(nil, values), Gradient: proto.AppendFloat64s(nil, gradient),
	}
	if c.GetNeedsWeights() {
		r.Weights = proto.AppendFloat64s(nil, weights)
	}
	if c.GetNeedsLoss() {
		r.Loss = loss
	}
	return r
}
