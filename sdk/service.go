package sdk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Service returns a fresh gRPC service of the optimizer: what [Optimizer.Serve] serves, for tests and for embedding.
func (o *Optimizer) Service() v1.OptimizerServiceServer {
	return &service{optimizer: o, instances: map[string]*lockedInstance{}}
}

type service struct {
	v1.UnimplementedOptimizerServiceServer
	optimizer *Optimizer

	mu        sync.Mutex
	instances map[string]*lockedInstance
}

// lockedInstance keeps a misbehaving host from running two calls of one instance at once.
type lockedInstance struct {
	sync.Mutex
	instance
}

func (s *service) find(id string) (*lockedInstance, error) {
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

func (s *service) Open(_ context.Context, r *v1.OpenRequest) (*v1.OpenResponse, error) {
	if r.Dtype != v1.Dtype_DTYPE_FLOAT64 {
		return nil, status.Errorf(codes.Unimplemented, "dtype %v is not supported; send DTYPE_FLOAT64", r.Dtype)
	}
	if !slices.Contains(r.DataPlanes, v1.DataPlane_DATA_PLANE_INLINE) {
		return nil, status.Error(codes.Unimplemented, "only the inline data plane is supported; offer DATA_PLANE_INLINE")
	}
	in, err := s.optimizer.open(r)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.instances[r.Instance]; taken {
		return nil, status.Errorf(codes.AlreadyExists, "instance %q is open already", r.Instance)
	}
	s.instances[r.Instance] = &lockedInstance{instance: in}
	return &v1.OpenResponse{DataPlane: v1.DataPlane_DATA_PLANE_INLINE}, nil
}

func (s *service) Step(_ context.Context, r *v1.StepRequest) (*v1.StepResponse, error) {
	in, err := s.find(r.Instance)
	if err != nil {
		return nil, err
	}
	in.Lock()
	defer in.Unlock()
	response, err := in.step(r)
	var broken *stepError
	switch {
	case errors.As(err, &broken):
		fmt.Fprintf(os.Stderr, "instance %s: %s\n%s", r.Instance, broken.message, broken.stack)
		return nil, status.Error(codes.Aborted, broken.message)
	case err != nil:
		return nil, status.Errorf(codes.InvalidArgument, "step %d: %v", r.Step, err)
	}
	return response, nil
}

// chunkBytes is the size of a snapshot's chunks, well below any message limit.
const chunkBytes = 1 << 20

func (s *service) Snapshot(r *v1.SnapshotRequest, stream v1.OptimizerService_SnapshotServer) error {
	in, err := s.find(r.Instance)
	if err != nil {
		return err
	}
	in.Lock()
	defer in.Unlock()
	if err := stream.Send(&v1.SnapshotResponse{StateVersion: in.stateVersion()}); err != nil {
		return err
	}
	w := bufio.NewWriterSize(chunkSender{stream}, chunkBytes)
	if err := in.save(w); err != nil {
		return err
	}
	return w.Flush()
}

type chunkSender struct {
	stream v1.OptimizerService_SnapshotServer
}

func (c chunkSender) Write(b []byte) (int, error) {
	for piece := range slices.Chunk(b, chunkBytes) {
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
	if _, err := s.find(r.Instance); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.instances, r.Instance)
	return &v1.CloseResponse{}, nil
}
