// Package opttest is the exam of package exam for optimizers made with the SDK, as a test in Go. The optimizer is examined
// in the test's process, through the wire that a host would use.
//
//	func TestExam(t *testing.T) { opttest.Run(t, optimizer) }
//
//	func TestTorch(t *testing.T) { opttest.Follow(t, optimizer, "adam/eps-outside") }
//
//	func TestReference(t *testing.T) {
//		opttest.Replay(t, optimizer, opttest.Trajectory{File: "testdata/rosenbrock_sgd.csv", ...})
//	}
package opttest

import (
	"context"
	"net"
	"os"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk"
	"github.com/steepest/steepest/sdk/exam"
)

// Hyperparameters are the values that differ from their defaults: float64, int, bool or string.
type Hyperparameters map[string]any

// Run examines o: every check of the exam is a subtest. A program is examined by `steepest plugins check`, which adds the
// checks that need one.
func Run(t *testing.T, o *sdk.Optimizer) {
	t.Helper()
	report, err := Examine(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Checks {
		t.Run(c.Name, func(t *testing.T) {
			switch c.Verdict {
			case exam.Fail:
				t.Errorf("%s\nremedy: %s", c.Detail, c.Remedy)
			case exam.NotApplicable:
				t.Skip(c.Detail)
			}
			if c.Detail != "" {
				t.Log(c.Detail)
			}
		})
	}
}

// Examine is the exam without a test.
func Examine(ctx context.Context, o *sdk.Optimizer) (*exam.Report, error) {
	return exam.Run(ctx, subject(o.Service))
}

// Follow holds o to recorded trajectories of torch.optim, such as "adam/eps-outside" or "nesterov".
func Follow(t *testing.T, o *sdk.Optimizer, conventions ...string) {
	t.Helper()
	for _, name := range conventions {
		a, err := exam.Follow(t.Context(), subject(o.Service), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		t.Logf("%s: %d steps, largest relative difference %.1e", name, a.Steps, a.Difference)
	}
}

// Trajectory is a run recorded by another implementation of the same rule.
type Trajectory struct {
	// File is a CSV with a header and a row for each step: the point before the step in columns x0, x1, ..., the
	// gradient there in columns g0, g1, ..., the loss in column f; other columns are ignored. [exam.ReadTrajectory] says
	// what may stand before that.
	File string
	// Hyperparameters of the run that differ from the defaults and are not in the file.
	Hyperparameters Hyperparameters
	// Tolerance is the largest difference allowed in a coordinate, relative to the largest coordinate of the recorded point; 0
	// demands equal bits.
	Tolerance float64
}

// Replay feeds o the gradients of a recorded trajectory, adds up its updates from the first point and compares every
// point with the recorded one. It returns the largest relative difference.
func Replay(t *testing.T, o *sdk.Optimizer, trajectory Trajectory) float64 {
	t.Helper()
	f, err := os.Open(trajectory.File)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	recorded, err := exam.ReadTrajectory(f)
	if err != nil {
		t.Fatalf("%s: %v", trajectory.File, err)
	}
	a, err := exam.Replay(t.Context(), subject(o.Service), recorded, wire(t, trajectory.Hyperparameters), trajectory.Tolerance)
	if err != nil {
		t.Fatalf("%s: %v", trajectory.File, err)
	}
	t.Logf("%s: %d steps, largest relative difference %.1e", trajectory.File, a.Steps, a.Difference)
	return a.Difference
}

// subject is a plugin served in this process; starting it afresh makes a new service, without instances.
func subject(service func() v1.OptimizerServiceServer) exam.Subject {
	return exam.Subject{Start: func(context.Context) (*exam.Connection, error) {
		listener := bufconn.Listen(1 << 20)
		server := grpc.NewServer(grpc.MaxRecvMsgSize(proto.MaxMessageBytes))
		v1.RegisterOptimizerServiceServer(server, service())
		go func() { _ = server.Serve(listener) }()
		conn, err := grpc.NewClient("passthrough:opttest",
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(proto.MaxMessageBytes)))
		if err != nil {
			server.Stop()
			return nil, err
		}
		client := v1.NewOptimizerServiceClient(conn)
		return &exam.Connection{Client: client, Planes: []exam.Plane{exam.Inline(client)}, Kill: func() {
			_ = conn.Close()
			server.Stop()
		}}, nil
	}}
}

func wire(t *testing.T, h Hyperparameters) map[string]*v1.Value {
	values := map[string]*v1.Value{}
	for name, x := range h {
		if i, ok := x.(int); ok {
			x = int64(i)
		}
		if values[name] = proto.NewValue(x); values[name] == nil {
			t.Fatalf("hyperparameter %s: %T is not float64, int, bool or string", name, x)
		}
	}
	return values
}
