package sdk

import (
	"context"
	"io"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// snapshots and states are streams of Snapshot and Restore; what they are given, nobody looks at.
type snapshots struct{ grpc.ServerStream }

func (snapshots) Send(*v1.SnapshotResponse) error { return nil }

type states struct {
	grpc.ServerStream
	left []*v1.RestoreRequest
}

func (s *states) Recv() (r *v1.RestoreRequest, err error) {
	if len(s.left) == 0 {
		return nil, io.EOF
	}
	r, s.left = s.left[0], s.left[1:]
	return r, nil
}

func (*states) SendAndClose(*v1.RestoreResponse) error { return nil }

// TestBetweenAskAndAnswer: while a step waits for the answer to its ask, all that is not that answer is refused and leaves it waiting, and
// then it goes on as if nothing had happened. Close ends it.
func TestBetweenAskAndAnswer(t *testing.T) {
	var unwound bool
	o := NewJoint("lookout", func(h resultHyper, _ *struct{}, _ []resultState, m Model) {
		defer func() {
			if cause := recover(); cause != nil {
				unwound = true
				m.AskLoss(nil, ThisBatch) // recovering is of no use
			}
		}()
		there := make([]float64, len(m.Grad))
		m.AskGradient(m.Grad, ThisBatch, there)
		copy(m.Update, there)
	}, Asks())
	s, ctx := o.service(nil), context.Background()
	open := &v1.OpenRequest{Instance: "a", Dtype: v1.Dtype_DTYPE_FLOAT64, DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
		Tensors: []*v1.Tensor{{Name: "x", Shape: []int64{2}, Length: 2}}}
	refused := func(what string, err error, want codes.Code) {
		t.Helper()
		if got := status.Code(err); got != want {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	_, err := s.Open(ctx, open)
	refused("a host that answers no ask", err, codes.FailedPrecondition)
	open.MaxAsks = 1
	if _, err := s.Open(ctx, open); err != nil {
		t.Fatal(err)
	}
	call := func(k uint64, kind v1.StepKind, gradient ...float64) (*v1.StepResponse, error) {
		return s.Step(ctx, &v1.StepRequest{Instance: "a", Step: k, Kind: kind, Gradient: proto.AppendFloat64s(nil, gradient),
			Hyperparameters: proto.AppendFloat64s(nil, []float64{0.5})})
	}
	const step, answer, evaluation = v1.StepKind_STEP_KIND_UNSPECIFIED, v1.StepKind_STEP_KIND_ANSWER, v1.StepKind_STEP_KIND_EVALUATION
	_, err = call(1, answer, 1, 2)
	refused("an answer that nobody asked for", err, codes.FailedPrecondition)
	for k := uint64(1); k <= 2; k++ {
		r, err := call(k, step, 1, 2)
		if err != nil || r.Ask.GetKind() != v1.AskKind_ASK_KIND_GRADIENT || !slices.Equal(r.Ask.Vector, proto.AppendFloat64s(nil, []float64{1, 2})) {
			t.Fatalf("step %d: %v %v", k, r, err)
		}
		_, err = call(k+1, step, 1, 2)
		refused("another step", err, codes.FailedPrecondition)
		_, err = call(k, evaluation)
		refused("an evaluation", err, codes.FailedPrecondition)
		refused("a snapshot", s.Snapshot(&v1.SnapshotRequest{Instance: "a"}, snapshots{}), codes.FailedPrecondition)
		in, err := s.find("a")
		if err != nil {
			t.Fatal(err)
		}
		refused("a restore", s.Restore(&states{left: []*v1.RestoreRequest{{Instance: "a", StateVersion: in.stateVersion()}}}), codes.FailedPrecondition)
		_, err = call(k+1, answer, 3, 4)
		refused("an answer of another step", err, codes.InvalidArgument)
		_, err = call(k, answer, 3)
		refused("an answer that is too short", err, codes.InvalidArgument)
		if k == 2 {
			break
		}
		if r, err = call(k, answer, 3, 4); err != nil || r.Ask != nil || !slices.Equal(r.Update, proto.AppendFloat64s(nil, []float64{3, 4})) {
			t.Fatalf("the answer: %v %v", r, err)
		}
		if err := s.Snapshot(&v1.SnapshotRequest{Instance: "a"}, snapshots{}); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Close(ctx, &v1.CloseRequest{Instance: "a"}); err != nil || !unwound {
		t.Errorf("Close: %v; the step was ended: %v", err, unwound)
	}
}
