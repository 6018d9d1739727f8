package optimizer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Plugin is a running plugin, as the instances in it see it.
type Plugin struct {
	Name        string
	Description *v1.DescribeResponse
	Client      v1.OptimizerServiceClient
	Lifeline    *os.File      // over which memory is passed; nil if there is none
	StepTimeout time.Duration // of each step, whatever Config says; 0 if it shall say
	Output      Output
	Supervisor  Supervisor
}

// Output is what a plugin prints.
type Output interface {
	// Attach copies it to a log, until Detach, which comes when what was printed before the last answer is there.
	Attach(log io.Writer)
	Detach(log io.Writer)
}

// Supervisor watches over the plugin's process.
type Supervisor interface {
	// Gone tells whether the process has ended, or is as good as ended.
	Gone() bool
	// Explain turns the error of a call, which has a status of gRPC, into one for people: Died or Failed. timeout is how
	// long the call could take; a process that did not answer within it is ended.
	Explain(err error, timeout time.Duration) error
}

// Plane says which plane an instance will be on. The error says why shared memory, if demanded, cannot be had.
func (p *Plugin) Plane(wish Plane) (Plane, error) {
	if wish == Inline {
		return Inline, nil
	}
	err := shm.Supported()
	switch {
	case remedy.Scarce(err): // then nothing else is there for long
		return "", fmt.Errorf("plugin %q: no shared memory: %w", p.Name, remedy.System(err))
	case err != nil:
	case !slices.Contains(p.Description.Capabilities.DataPlanes, v1.DataPlane_DATA_PLANE_SHARED_MEMORY):
		err = errors.New("the plugin does not offer it")
	case p.Lifeline == nil:
		err = errors.New("the plugin was not started by this host")
	default:
		return Shared, nil
	}
	if wish == Shared {
		return "", fmt.Errorf("plugin %q: no shared memory: %w", p.Name, err)
	}
	return Inline, nil
}

// Instance is an optimizer inside a plugin.
type Instance struct {
	plane
	plugin  *Plugin
	id      string
	log     io.Writer
	timeout time.Duration

	oracle  Oracle // nil unless the plugin asks
	maxAsks int    // in a step
	asks    asks   // in this one
}

// plane is the part of an instance that depends on how its vectors travel.
type plane interface {
	Vectors() Vectors
	Step(ctx context.Context, k int, values []float64, loss float64) (time.Duration, error)
	Locate(ctx context.Context, what Elsewhere, k int, values []float64) error
	close()
}

var _ Optimizer = (*Instance)(nil)

// Open creates an optimizer inside the plugin.
func (p *Plugin) Open(ctx context.Context, c Config) (*Instance, error) {
	i := &Instance{plugin: p, id: c.Instance, log: c.Log, timeout: cmp.Or(p.StepTimeout, c.Timeout, DefaultTimeout)}
	kind, err := p.Plane(c.Plane)
	if err != nil {
		return nil, err
	}
	request := &v1.OpenRequest{
		Instance: c.Instance, Hyperparameters: c.Hyperparameters, Tensors: c.Layout, Dtype: v1.Dtype_DTYPE_FLOAT64, Seed: c.Seed,
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE}, Groups: c.Groups,
		TotalSteps: uint64(max(c.Steps, 0)),
	}
	size := shm.Size{Hyperparameters: (1 + len(c.Groups)) * len(proto.Schedulable(p.Description)), Weights: p.Description.Capabilities.NeedsWeights}
	for _, t := range c.Layout {
		size.Parameters += int(t.Length)
	}
	if kind == Shared {
		request.DataPlanes = []v1.DataPlane{v1.DataPlane_DATA_PLANE_SHARED_MEMORY}
		i.plane, err = newShared(i, size, c.pace)
	} else {
		i.plane, err = newInline(i, size.Parameters)
	}
	if err != nil {
		return nil, err
	}
	if p.Description.Capabilities.Asks {
		i.oracle, i.maxAsks = c.Oracle, c.MaxAsks
		request.MaxAsks = uint32(i.maxAsks)
	}
	p.Output.Attach(c.Log)
	ctx, cancel := context.WithTimeout(ctx, i.callTimeout())
	defer cancel()
	response, err := p.Client.Open(ctx, request)
	switch {
	case err != nil:
		err = i.explain(err)
	case response.DataPlane != request.DataPlanes[0]:
		err = p.breach("it was offered %v and chose %v; it must choose what is offered", request.DataPlanes[0], response.DataPlane)
	default:
		return i, nil
	}
	i.close()
	p.Output.Detach(c.Log)
	return nil, err
}

// callTimeout is how long a call may take that is no step: a short time for steps says nothing of those.
func (i *Instance) callTimeout() time.Duration { return max(i.timeout, DefaultTimeout) }

// Snapshot asks for the state.
func (i *Instance) Snapshot(ctx context.Context) (Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, i.callTimeout())
	defer cancel()
	n := len(i.Vectors().Update)
	s, err := proto.TakeSnapshot(ctx, i.plugin.Client, i.id, n,
		grpc.MaxCallRecvMsgSize(min(proto.MaxState(n)+stepMessage, proto.MaxMessageBytes))) // whole, if the plugin likes
	if errors.As(err, new(*proto.SnapshotError)) {
		return s, i.plugin.breach("%w", err)
	}
	return s, i.explain(err)
}

// Restore replaces the state.
func (i *Instance) Restore(ctx context.Context, s Snapshot) error {
	ctx, cancel := context.WithTimeout(ctx, i.callTimeout())
	defer cancel()
	err := s.Restore(ctx, i.plugin.Client, i.id, proto.ChunkBytes)
	if errors.Is(err, io.EOF) {
		return i.plugin.breach("it says that it restored a state, and did not read all of it")
	}
	return i.explain(err)
}

// Close forgets the instance.
func (i *Instance) Close(ctx context.Context) error {
	defer i.plugin.Output.Detach(i.log)
	defer i.close()
	ctx, cancel := context.WithTimeout(ctx, i.callTimeout())
	defer cancel()
	_, err := i.plugin.Client.Close(ctx, &v1.CloseRequest{Instance: i.id})
	return i.explain(err)
}

// explain is for the errors of calls that are no steps.
func (i *Instance) explain(err error) error {
	if err == nil {
		return nil
	}
	return i.plugin.Supervisor.Explain(err, i.callTimeout())
}
