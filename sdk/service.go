package sdk

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Service returns a fresh gRPC service of the optimizer: what [Optimizer.Serve] serves, for tests and for embedding. It
// has the inline data plane alone.
func (o *Optimizer) Service() v1.OptimizerServiceServer { return o.service(nil) }

func (o *Optimizer) service(mailbox *shm.Mailbox) *service {
	return &service{optimizer: o, mailbox: mailbox, instances: map[string]*opened{}}
}

type service struct {
	v1.UnimplementedOptimizerServiceServer
	optimizer *Optimizer
	mailbox   *shm.Mailbox // where the host's shared memory arrives; nil if it cannot

	mu        sync.Mutex
	instances map[string]*opened
}

// opened is an instance with its data plane. The lock keeps a misbehaving host from running two calls at once.
type opened struct {
	sync.Mutex
	instance
	shared  *shared // nil if inline
	pending *dialog // of the step that waits for an answer; nil if there is none
	asking  bool    // a step waits for an answer, on either plane

	gradient, weights, update []float64 // if inline
}

func (s *service) find(id string) (*opened, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in, ok := s.instances[id]; ok {
		return in, nil
	}
	return nil, status.Errorf(codes.NotFound, "no open instance %q", id)
}

func (s *service) Describe(context.Context, *v1.DescribeRequest) (*v1.DescribeResponse, error) {
	return s.optimizer.description, nil
}

func (s *service) Validate(_ context.Context, r *v1.ValidateRequest) (*v1.ValidateResponse, error) {
	return &v1.ValidateResponse{Diagnostics: s.optimizer.validate(r.Hyperparameters)}, nil
}

func (s *service) Open(ctx context.Context, r *v1.OpenRequest) (*v1.OpenResponse, error) {
	if s.mailbox != nil {
		defer s.mailbox.Drop(r.Instance) // what was not taken
	}
	if r.Dtype != v1.Dtype_DTYPE_FLOAT64 {
		return nil, status.Errorf(codes.Unimplemented, "dtype %v is not supported; send DTYPE_FLOAT64", r.Dtype)
	}
	if s.optimizer.description.Capabilities.Asks && r.MaxAsks == 0 {
		return nil, status.Error(codes.FailedPrecondition, "this optimizer asks the host for losses or gradients in the middle of a step, "+
			"and the host answers none; update the steepest command, or let max_asks in the [[optimizer]] be more than 0")
	}
	in, err := s.optimizer.open(r)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	o := &opened{instance: in}
	o.Lock() // until it is complete
	defer o.Unlock()
	s.mu.Lock()
	_, taken := s.instances[r.Instance]
	if !taken {
		s.instances[r.Instance] = o
	}
	s.mu.Unlock()
	if taken {
		return nil, status.Errorf(codes.AlreadyExists, "instance %q is open already", r.Instance)
	}
	plane, err := s.connect(ctx, o, r)
	if err != nil {
		s.mu.Lock()
		delete(s.instances, r.Instance)
		s.mu.Unlock()
		return nil, err
	}
	return &v1.OpenResponse{DataPlane: plane}, nil
}

// connect gives an instance its vectors, on the first plane of the host's list that is there.
func (s *service) connect(ctx context.Context, o *opened, r *v1.OpenRequest) (v1.DataPlane, error) {
	size := o.size()
	for _, plane := range r.DataPlanes {
		switch {
		case plane == v1.DataPlane_DATA_PLANE_INLINE:
			o.gradient, o.update = make([]float64, size.Parameters), make([]float64, size.Parameters)
			if size.Weights {
				o.weights = make([]float64, size.Parameters)
			}
			o.use(o.gradient, o.weights, o.update)
			if o.asks() {
				o.answerBy(o.inquire)
			}
			return plane, nil
		case plane == v1.DataPlane_DATA_PLANE_SHARED_MEMORY && s.mailbox != nil:
			memory, err := s.mailbox.Take(ctx, r.Instance, size)
			if err != nil {
				return 0, status.Error(codes.FailedPrecondition, err.Error())
			}
			o.use(memory.Gradient, memory.Weights, memory.Update)
			o.shared = serveShared(o, r.Instance, memory)
			return plane, nil
		}
	}
	return 0, status.Error(codes.Unimplemented, "none of the data planes offered is supported; offer DATA_PLANE_INLINE")
}

// Step is a step of the inline plane, or goes on with one.
func (s *service) Step(_ context.Context, r *v1.StepRequest) (*v1.StepResponse, error) {
	in, err := s.find(r.Instance)
	if err != nil {
		return nil, err
	}
	in.Lock()
	defer in.Unlock()
	if in.shared != nil {
		return nil, status.Errorf(codes.FailedPrecondition, "instance %q steps in shared memory", r.Instance)
	}
	between := false
	switch {
	case r.Kind == v1.StepKind_STEP_KIND_ANSWER:
		return in.proceed(r)
	case in.pending != nil:
		return nil, status.Errorf(codes.FailedPrecondition, "step %d waits for the answer to its ask", in.pending.begin.Step)
	case r.Kind == v1.StepKind_STEP_KIND_EVALUATION, r.Kind == v1.StepKind_STEP_KIND_INITIALIZATION:
		between = true
	case r.Kind != v1.StepKind_STEP_KIND_UNSPECIFIED:
		return nil, status.Errorf(codes.InvalidArgument, "a step is of the unknown kind %d", r.Kind)
	}
	vectors := []struct {
		name  string
		into  []float64
		bytes []byte
	}{
		{"hyperparameters", in.hyperparameters(), r.Hyperparameters}, {"gradient", in.gradient, r.Gradient},
		{"weights", in.weights, r.Weights},
	}
	for _, v := range vectors {
		if between && v.name == "gradient" {
			continue
		}
		if err := proto.Float64s(v.into, v.bytes); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "step %d: %s: %v", r.Step, v.name, err)
		}
	}
	if between {
		return in.concluded(r, 0, in.locate(r.Kind, r.Step))
	}
	if in.asks() {
		return in.converse(r)
	}
	compute, err := in.advance(r.Step, r.Loss, int(r.Threads))
	return in.concluded(r, compute, err)
}

// between refuses what is done between steps alone.
func (in *opened) between(name string) error {
	if in.asking {
		return status.Errorf(codes.FailedPrecondition, "instance %q is in the middle of a step, which waits for the answer to its ask", name)
	}
	return nil
}

// concluded is the answer to a step that is over.
func (in *opened) concluded(r *v1.StepRequest, compute time.Duration, err error) (*v1.StepResponse, error) {
	if err == nil {
		err = in.unchanged(r)
	}
	var broken *stepError
	switch {
	case errors.As(err, &broken):
		broken.log(r.Instance)
		return nil, status.Error(codes.Aborted, broken.message)
	case err != nil:
		return nil, status.Errorf(codes.InvalidArgument, "step %d: %v", r.Step, err)
	}
	return &v1.StepResponse{ComputeNanoseconds: compute.Nanoseconds(), Update: proto.AppendFloat64s(nil, in.update)}, nil
}

// unchanged looks whether the rule wrote into what it may only read. In shared memory that would be a panic at once.
func (in *opened) unchanged(r *v1.StepRequest) error {
	for _, v := range []struct {
		name  string
		now   []float64
		given []byte
	}{{"Grad", in.gradient, r.Gradient}, {"Weights", in.weights, r.Weights}} {
		if len(v.given) == 0 {
			continue // of a request between two steps
		}
		for i, x := range v.now {
			given := binary.LittleEndian.Uint64(v.given[i*proto.BytesPerFloat64:])
			if math.Float64bits(x) != given {
				tensor, at := in.place(i)
				return &stepError{message: fmt.Sprintf("step %d wrote %v into element %d of %s of tensor %q, where %v was; write to "+
					"Update or to the state: the gradient and the weights can only be read", r.Step, x, at, v.name, tensor,
					math.Float64frombits(given))}
			}
		}
	}
	return nil
}

// log prints the stack for the author; it ends in the plugin.log of the run.
func (e *stepError) log(instance string) {
	fmt.Fprintf(os.Stderr, "instance %s: %s\n%s", instance, e.message, e.stack)
}

func (s *service) Snapshot(r *v1.SnapshotRequest, stream v1.OptimizerService_SnapshotServer) error {
	in, err := s.find(r.Instance)
	if err != nil {
		return err
	}
	in.Lock()
	defer in.Unlock()
	if err := in.between(r.Instance); err != nil {
		return err
	}
	if err := stream.Send(&v1.SnapshotResponse{StateVersion: in.stateVersion()}); err != nil {
		return err
	}
	w := bufio.NewWriterSize(chunkSender{stream}, proto.ChunkBytes)
	if err := in.save(w); err != nil {
		return err
	}
	return w.Flush()
}

type chunkSender struct {
	stream v1.OptimizerService_SnapshotServer
}

func (c chunkSender) Write(b []byte) (int, error) {
	for piece := range slices.Chunk(b, proto.ChunkBytes) {
		if err := c.stream.Send(&v1.SnapshotResponse{Chunk: piece}); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func (s *service) Restore(stream v1.OptimizerService_RestoreServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	in, err := s.find(first.Instance)
	if err != nil {
		return err
	}
	in.Lock()
	defer in.Unlock()
	if err := in.between(first.Instance); err != nil {
		return err
	}
	if want := in.stateVersion(); first.StateVersion != want {
		return status.Errorf(codes.FailedPrecondition, "the snapshot's state is %q, this plugin's is %q; "+
			"restore it with the plugin that wrote it", first.StateVersion, want)
	}
	if err := in.load(&chunkReceiver{stream, first.Chunk}); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return stream.SendAndClose(&v1.RestoreResponse{})
}

type chunkReceiver struct {
	stream v1.OptimizerService_RestoreServer
	rest   []byte
}

func (c *chunkReceiver) Read(b []byte) (int, error) {
	for len(c.rest) == 0 {
		r, err := c.stream.Recv()
		if errors.Is(err, io.EOF) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		c.rest = r.Chunk
	}
	n := copy(b, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (s *service) Close(_ context.Context, r *v1.CloseRequest) (*v1.CloseResponse, error) {
	s.mu.Lock()
	in, open := s.instances[r.Instance]
	delete(s.instances, r.Instance)
	s.mu.Unlock()
	if !open {
		return nil, status.Errorf(codes.NotFound, "no open instance %q", r.Instance)
	}
	in.Lock() // an Open that is under way ends first
	shared := in.shared
	in.Unlock()
	shared.stop()
	in.Lock() // and so does a step
	defer in.Unlock()
	in.abandon()
	in.close()
	return &v1.CloseResponse{}, nil
}
