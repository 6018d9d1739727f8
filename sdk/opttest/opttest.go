// Package opttest examines optimizers made with the SDK, through the wire that a host would use.
//
//	func TestExam(t *testing.T) { opttest.Run(t, optimizer) }
//
//	func TestReference(t *testing.T) {
//		opttest.Replay(t, optimizer, opttest.Trajectory{File: "testdata/rosenbrock_sgd.csv", ...})
//	}
package opttest

import (
	"context"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"strconv"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk"
)

// Hyperparameters are the values that differ from their defaults: float64, int, bool or string.
type Hyperparameters map[string]any

// dial serves o in this process and connects to it.
func dial(t *testing.T, o *sdk.Optimizer) v1.OptimizerServiceClient {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer(grpc.MaxRecvMsgSize(proto.MaxMessageBytes))
	v1.RegisterOptimizerServiceServer(server, o.Service())
	go func() { _ = server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:opttest",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(proto.MaxMessageBytes)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
	})
	return v1.NewOptimizerServiceClient(conn)
}

// session is one open instance over a connection.
type session struct {
	t       *testing.T
	client  v1.OptimizerServiceClient
	id      string
	about   *v1.DescribeResponse
	values  []float64 // of the schedulable hyperparameters
	weights []float64
	k       uint64
}

// layout makes tensors of the given lengths.
func layout(lengths ...int) []*v1.Tensor {
	var tensors []*v1.Tensor
	offset := 0
	for i, n := range lengths {
		tensors = append(tensors, &v1.Tensor{
			Name: "tensor" + strconv.Itoa(i), Shape: []int64{int64(n)}, Role: v1.Role_ROLE_WEIGHT,
			Offset: int64(offset), Length: int64(n),
		})
		offset += n
	}
	return tensors
}

func wire(t *testing.T, h Hyperparameters) map[string]*v1.Value {
	values := map[string]*v1.Value{}
	for name, x := range h {
		switch x := x.(type) {
		case float64:
			values[name] = &v1.Value{Kind: &v1.Value_Float{Float: x}}
		case int:
			values[name] = &v1.Value{Kind: &v1.Value_Integer{Integer: int64(x)}}
		case bool:
			values[name] = &v1.Value{Kind: &v1.Value_Boolean{Boolean: x}}
		case string:
			values[name] = &v1.Value{Kind: &v1.Value_Text{Text: x}}
		default:
			t.Fatalf("hyperparameter %s: %T is not float64, int, bool or string", name, x)
		}
	}
	return values
}

func open(t *testing.T, client v1.OptimizerServiceClient, id string, h Hyperparameters, tensors []*v1.Tensor) *session {
	t.Helper()
	about, err := client.Describe(t.Context(), &v1.DescribeRequest{})
	if err != nil {
		t.Fatalf("Describe: %v", err)
	}
	values := wire(t, h)
	if _, err = client.Open(t.Context(), &v1.OpenRequest{
		Instance: id, Hyperparameters: values, Tensors: tensors, Dtype: v1.Dtype_DTYPE_FLOAT64, Seed: 1,
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
	}); err != nil {
		t.Fatalf("Open: %v", err)
	}
	s := &session{t: t, client: client, id: id, about: about}
	for _, p := range proto.Schedulable(about) {
		v, ok := values[p.Name]
		if !ok {
			v = p.Default
		}
		s.values = append(s.values, proto.Number(v))
	}
	n := 0
	for _, x := range tensors {
		n += int(x.Length)
	}
	s.weights = make([]float64, n)
	return s
}

func (s *session) request(gradient []float64) *v1.StepRequest {
	r := &v1.StepRequest{
		Instance: s.id, Step: s.k + 1,
		Hyperparameters: proto.AppendFloat64s(nil, s.values), Gradient: proto.AppendFloat64s(nil, gradient),
	}
	if s.about.Capabilities.NeedsWeights {
		r.Weights = proto.AppendFloat64s(nil, s.weights)
	}
	if s.about.Capabilities.NeedsLoss {
		r.Loss = 1 / float64(s.k+1)
	}
	return r
}

// step makes one step, applies it and returns the update.
func (s *session) step(gradient []float64) []float64 {
	s.t.Helper()
	response, err := s.client.Step(s.t.Context(), s.request(gradient))
	if err != nil {
		s.t.Fatalf("Step %d: %v", s.k+1, err)
	}
	update := make([]float64, len(gradient))
	if err := proto.Float64s(update, response.Update); err != nil {
		s.t.Fatalf("Step %d: update: %v", s.k+1, err)
	}
	for i, u := range update {
		s.weights[i] += u
	}
	s.k++
	return update
}

// snapshot returns the state and its version.
func (s *session) snapshot() (version string, state []byte) {
	s.t.Helper()
	stream, err := s.client.Snapshot(s.t.Context(), &v1.SnapshotRequest{Instance: s.id})
	if err != nil {
		s.t.Fatalf("Snapshot: %v", err)
	}
	for {
		r, err := stream.Recv()
		if err == io.EOF {
			return version, state
		}
		if err != nil {
			s.t.Fatalf("Snapshot: %v", err)
		}
		version += r.StateVersion
		state = append(state, r.Chunk...)
	}
}

// restore gives the instance a state, in chunks of 1000 bytes.
func (s *session) restore(version string, state []byte) error {
	stream, err := s.client.Restore(s.t.Context())
	if err != nil {
		return err
	}
	// A failing Send ends the stream; CloseAndRecv then has the reason.
	err = stream.Send(&v1.RestoreRequest{Instance: s.id, StateVersion: version})
	for len(state) > 0 && err == nil {
		n := min(len(state), 1000)
		err = stream.Send(&v1.RestoreRequest{Chunk: state[:n]})
		state = state[n:]
	}
	_, err = stream.CloseAndRecv()
	return err
}

// gradients is a fixed sequence of gradients of mixed sign and magnitude.
func gradients(steps, n int) [][]float64 {
	random := rand.New(rand.NewPCG(1, 2))
	g := make([][]float64, steps)
	for k := range g {
		g[k] = make([]float64, n)
		for i := range g[k] {
			g[k][i] = random.NormFloat64() * math.Exp(2*random.NormFloat64())
		}
	}
	return g
}

// equal compares bits, so that equal NaNs are equal and -0 is not 0.
func equal(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}

// Run examines o: its description, that it repeats itself bit for bit, that instances do not disturb each other, that a
// state survives a snapshot and a restore at many points, that damaged requests are refused, and what it promises.
func Run(t *testing.T, o *sdk.Optimizer) {
	client := dial(t, o)
	const steps = 60
	lengths := []int{1, 0, 7, 24} // a scalar, an empty tensor, an odd one, a larger one
	g := gradients(steps, 32)
	reference := open(t, client, "reference", nil, layout(lengths...))
	updates := make([][]float64, steps)
	for k := range g {
		updates[k] = reference.step(g[k])
	}

	t.Run("describe", func(t *testing.T) {
		about := reference.about
		if about.Summary == "" || about.Reference == "" {
			t.Error("say what the rule does and where it is published: sdk.Summary, sdk.Reference")
		}
		for _, p := range about.Hyperparameters {
			if p.Doc == "" {
				t.Errorf("hyperparameter %s has no help", p.Name)
			}
			if d := proto.CheckValue(p, p.Default); d != nil {
				t.Errorf("default: %s", d.Message)
			}
		}
	})
	t.Run("repeats itself, undisturbed by another instance", func(t *testing.T) {
		a := open(t, client, "a", nil, layout(lengths...))
		b := open(t, client, "b", nil, layout(lengths...))
		for k := range g {
			if !equal(a.step(g[k]), updates[k]) {
				t.Fatalf("the same run gave another update in step %d", k+1)
			}
			b.step(g[steps-1-k])
		}
	})
	t.Run("snapshot and restore", func(t *testing.T) {
		for at := 0; at < steps; at += 7 {
			id := "at" + strconv.Itoa(at)
			a := open(t, client, id, nil, layout(lengths...))
			for k := range at {
				a.step(g[k])
			}
			version, state := a.snapshot()
			b := open(t, client, id+"-restored", nil, layout(lengths...))
			b.step(g[0]) // a state to be overwritten
			b.k = a.k
			copy(b.weights, a.weights)
			if err := b.restore(version, state); err != nil {
				t.Fatalf("restore after step %d: %v", at, err)
			}
			for k := at; k < steps; k++ {
				if !equal(b.step(g[k]), updates[k]) {
					t.Fatalf("restored after step %d, step %d gave another update", at, k+1)
				}
			}
		}
	})
	t.Run("refuses damage", func(t *testing.T) { refusals(t, client, layout(lengths...)) })
	t.Run("zero gradient", func(t *testing.T) {
		s := open(t, client, "zero", nil, layout(lengths...))
		for range steps {
			for i, u := range s.step(make([]float64, 32)) {
				if math.IsNaN(u) || math.IsInf(u, 0) {
					t.Fatalf("element %d of the update is %v for a zero gradient", i, u)
				}
			}
		}
	})
	if reference.about.Capabilities.Elementwise {
		t.Run("elementwise", func(t *testing.T) {
			s := open(t, client, "partition", nil, layout(3, 29))
			for k := range g {
				if !equal(s.step(g[k]), updates[k]) {
					t.Fatalf("declared elementwise, but another partition into tensors changed step %d", k+1)
				}
			}
		})
	}
}

// refusals sends what no correct host would send.
func refusals(t *testing.T, client v1.OptimizerServiceClient, tensors []*v1.Tensor) {
	s := open(t, client, "refusals", nil, tensors)
	zero := make([]float64, 32)
	expect := func(what string, want codes.Code, err error) {
		t.Helper()
		if got := status.Code(err); got != want {
			t.Errorf("%s: got %v (%v), want %v", what, got, err, want)
		}
	}
	short := s.request(zero[:31])
	_, err := client.Step(t.Context(), short)
	expect("a gradient that is too short", codes.InvalidArgument, err)
	nowhere := s.request(zero)
	nowhere.Instance = "nobody"
	_, err = client.Step(t.Context(), nowhere)
	expect("a step of an unknown instance", codes.NotFound, err)
	_, err = client.Open(t.Context(), &v1.OpenRequest{
		Instance: "refusals", Tensors: tensors, Dtype: v1.Dtype_DTYPE_FLOAT64,
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
	})
	expect("an instance id twice", codes.AlreadyExists, err)
	version, state := s.snapshot()
	expect("a snapshot of another version", codes.FailedPrecondition, s.restore(version+"?", state))
	expect("a snapshot that is too long", codes.InvalidArgument, s.restore(version, append(state, 0)))
	if len(state) > 0 {
		expect("a snapshot that is cut off", codes.InvalidArgument, s.restore(version, state[:len(state)-1]))
	}
	s.step(zero) // still alive
	_, err = client.Close(t.Context(), &v1.CloseRequest{Instance: s.id})
	expect("close", codes.OK, err)
	_, err = client.Step(t.Context(), s.request(zero))
	expect("a step after close", codes.NotFound, err)
	response, err := client.Validate(t.Context(), &v1.ValidateRequest{
		Hyperparameters: wire(t, Hyperparameters{"no_such_hyperparameter": 1.0}),
	})
	if err != nil || len(response.Diagnostics) == 0 {
		t.Errorf("an unknown hyperparameter: got %v (%v), want a diagnostic", response, err)
	}
}
