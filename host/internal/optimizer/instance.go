package optimizer

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Optimizer is one optimizer over one weight vector, as the training loop sees it.
type Optimizer interface {
	// Step writes the update of step k, from 1, for the gradient. values are the schedulable hyperparameters in force,
	// weights and loss those before the step. It returns the time spent in the update rule itself.
	Step(ctx context.Context, k int, values, gradient, weights []float64, loss float64, update []float64) (time.Duration, error)
	// Close forgets the optimizer's state.
	Close(ctx context.Context) error
}

// Config is what an optimizer is opened with.
type Config struct {
	Instance        string // unique within the plugin's process
	Hyperparameters map[string]*v1.Value
	Layout          []*v1.Tensor
	Seed            uint64
	Log             io.Writer // receives what the plugin prints while the instance is open
}

// Instance is an optimizer inside a plugin, over the inline data plane.
type Instance struct {
	plugin  *Plugin
	id      string
	log     io.Writer
	request v1.StepRequest // reused: its buffers are as long as the weight vector
}

var _ Optimizer = (*Instance)(nil)

// Open creates an optimizer inside the plugin.
func (p *Plugin) Open(ctx context.Context, c Config) (*Instance, error) {
	n := 0
	for _, t := range c.Layout {
		n += int(t.Length)
	}
	if n > proto.MaxInlineElements {
		return nil, fmt.Errorf("%d parameters do not fit into one message; the limit is %d", n, proto.MaxInlineElements)
	}
	p.output.attach(c.Log)
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	_, err := p.rpc.Open(ctx, &v1.OpenRequest{
		Instance: c.Instance, Hyperparameters: c.Hyperparameters, Tensors: c.Layout,
		Dtype: v1.Dtype_DTYPE_FLOAT64, Seed: c.Seed, DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
	})
	if err != nil {
		p.output.detach(c.Log)
		return nil, p.explain(err)
	}
	return &Instance{plugin: p, id: c.Instance, log: c.Log, request: v1.StepRequest{Instance: c.Instance}}, nil
}

// Step is one call of the plugin.
func (i *Instance) Step(ctx context.Context, k int, values, gradient, weights []float64, loss float64,
	update []float64) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	r := &i.request
	r.Step = uint64(k)
	r.Hyperparameters = proto.AppendFloat64s(r.Hyperparameters[:0], values)
	r.Gradient = proto.AppendFloat64s(r.Gradient[:0], gradient)
	if i.plugin.Description.Capabilities.NeedsWeights {
		r.Weights = proto.AppendFloat64s(r.Weights[:0], weights)
	}
	if i.plugin.Description.Capabilities.NeedsLoss {
		r.Loss = loss
	}
	response, err := i.plugin.rpc.Step(ctx, r)
	if err != nil {
		return 0, i.plugin.explain(err)
	}
	if err := proto.Float64s(update, response.Update); err != nil {
		return 0, fmt.Errorf("plugin %q: its update has the wrong length: %w", i.plugin.Binary.Name, err)
	}
	return time.Duration(response.ComputeNanoseconds), nil
}

// Close forgets the instance.
func (i *Instance) Close(ctx context.Context) error {
	defer i.plugin.output.detach(i.log)
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	if _, err := i.plugin.rpc.Close(ctx, &v1.CloseRequest{Instance: i.id}); err != nil {
		return i.plugin.explain(err)
	}
	return nil
}
