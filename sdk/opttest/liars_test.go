package opttest

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk"
	"github.com/steepest/steepest/sdk/exam"
)

// heavyBall is an honest rule for services to lie about.
type heavyHyper struct {
	LR float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate"`
}

type heavyState struct{ V sdk.Vec }

func heavyStep(h heavyHyper, s *heavyState, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.V[i] = 0.5*s.V[i] + g
		x.Update[i] = -h.LR * s.V[i]
	}
}

func honest(options ...sdk.Option) *sdk.Optimizer {
	return sdk.New("heavy-ball", heavyStep, append([]sdk.Option{sdk.Summary("s"), sdk.Reference("r"), sdk.Elementwise()},
		options...)...)
}

// liar is a service that answers some calls in its own way.
type liar struct {
	v1.OptimizerServiceServer
	describe func(*v1.DescribeResponse)
	validate func(*v1.ValidateResponse)
	open     func(*v1.OpenRequest)
	before   func(context.Context, *v1.StepRequest) error
	step     func(*v1.StepRequest, *v1.StepResponse)
	refused  func(error) error
	snapshot func(v1.OptimizerService_SnapshotServer) error
	restore  func(v1.OptimizerService_RestoreServer) error
}

func (l *liar) Describe(ctx context.Context, r *v1.DescribeRequest) (*v1.DescribeResponse, error) {
	d, err := l.OptimizerServiceServer.Describe(ctx, r)
	if l.describe != nil {
		l.describe(d)
	}
	return d, err
}

func (l *liar) Validate(ctx context.Context, r *v1.ValidateRequest) (*v1.ValidateResponse, error) {
	response, err := l.OptimizerServiceServer.Validate(ctx, r)
	if l.validate != nil {
		l.validate(response)
	}
	return response, err
}

func (l *liar) Open(ctx context.Context, r *v1.OpenRequest) (*v1.OpenResponse, error) {
	if l.open != nil {
		l.open(r)
	}
	return l.OptimizerServiceServer.Open(ctx, r)
}

func (l *liar) Step(ctx context.Context, r *v1.StepRequest) (*v1.StepResponse, error) {
	if l.before != nil {
		if err := l.before(ctx, r); err != nil {
			return nil, err
		}
	}
	response, err := l.OptimizerServiceServer.Step(ctx, r)
	if err != nil && l.refused != nil {
		return &v1.StepResponse{}, l.refused(err)
	}
	if err == nil && l.step != nil {
		l.step(r, response)
	}
	return response, err
}

func (l *liar) Snapshot(r *v1.SnapshotRequest, stream v1.OptimizerService_SnapshotServer) error {
	if l.snapshot != nil {
		return l.snapshot(stream)
	}
	return l.OptimizerServiceServer.Snapshot(r, stream)
}

func (l *liar) Restore(stream v1.OptimizerService_RestoreServer) error {
	if l.restore != nil {
		return l.restore(stream)
	}
	return l.OptimizerServiceServer.Restore(stream)
}

// TestLiars: each lie is found by the check that is there for it, with a message that says what was seen.
func TestLiars(t *testing.T) {
	for _, c := range []struct {
		lie, check, detail string
		liar               liar
	}{
		{"no summary", "describe", "it has no summary", liar{describe: func(d *v1.DescribeResponse) { d.Summary = "" }}},
		{"a default out of range", "describe", "lr = -1 is out of range",
			liar{describe: func(d *v1.DescribeResponse) {
				d.Hyperparameters[0].Default = &v1.Value{Kind: &v1.Value_Float{Float: -1}}
			}}},
		{"a new name with each call", "describe", "a second call of Describe gives another answer",
			liar{describe: func(d *v1.DescribeResponse) { d.Summary += "!" }}},
		{"time in the update", "determinism", "of the update of step 1 was",
			liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) {
				if len(r.Update) >= 8 { // all but the sign, the exponent and the first digits
					binary.LittleEndian.PutUint32(r.Update, uint32(time.Now().UnixNano()))
				}
			}}},
		{"negative computing time", "determinism", "says that it computed for -1ns",
			liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { r.ComputeNanoseconds = -1 }}},
		{"a short update", "shapes", "the update has the wrong length: 248 bytes where 32 float64 (256 bytes) are due",
			liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { r.Update = r.Update[8:] }}},
		{"no empty tensors", "shapes", "an empty tensor: step 1: empty (Aborted)",
			liar{before: func(_ context.Context, r *v1.StepRequest) error {
				if len(r.Gradient) == 0 {
					return status.Error(codes.Aborted, "empty")
				}
				return nil
			}}},
		{"4 MiB", "large-messages", "step 1: too large (ResourceExhausted)",
			liar{before: func(_ context.Context, r *v1.StepRequest) error {
				if len(r.Gradient) > 4<<20 {
					return status.Error(codes.ResourceExhausted, "too large")
				}
				return nil
			}}},
		{"0/0", "zero-gradient", "element 0 of the update of step 1 is NaN",
			liar{step: func(q *v1.StepRequest, r *v1.StepResponse) {
				if slices.Max(append(q.Gradient, 0)) == 0 {
					copy(r.Update, bytesOf(math.NaN()))
				}
			}}},
		{"the same for every gradient", "gradient", "the updates are the same for other gradients",
			liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { clear(r.Update) }}},
		{"a gradient that is looked at in secret", "gradient", "it declares that it ignores the gradient, and with other gradients",
			liar{describe: func(d *v1.DescribeResponse) { d.Capabilities.IgnoresGradient = true }}},
		{"two versions of a state", "snapshot-restore", `the snapshot has the state version "a", and later "b"`,
			liar{snapshot: func(stream v1.OptimizerService_SnapshotServer) error {
				for _, version := range []string{"a", "", "b"} {
					if err := stream.Send(&v1.SnapshotResponse{StateVersion: version}); err != nil {
						return err
					}
				}
				return nil
			}}},
		{"another update with more threads", "elementwise", "with 3 threads the update of step 1 differs",
			liar{step: func(q *v1.StepRequest, r *v1.StepResponse) {
				if q.Threads > 1 {
					r.Update[0] ^= 1
				}
			}}},
		{"NaN hidden", "nan-gradient", "of the gradient is NaN, and element 0 of the update is 0",
			liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { hideNaN(r.Update) }}},
		{"a snapshot without end", "snapshot-restore", "has more than",
			liar{snapshot: func(stream v1.OptimizerService_SnapshotServer) error {
				for {
					if err := stream.Send(&v1.SnapshotResponse{Chunk: make([]byte, 1<<20)}); err != nil {
						return err
					}
				}
			}}},
		{"a restore that does nothing", "kill-and-resume", "of the update of step 31 was", liar{
			restore: func(stream v1.OptimizerService_RestoreServer) error {
				return stream.SendAndClose(&v1.RestoreResponse{})
			}}},
		{"not elementwise", "elementwise", "with 2 tensors: element 0 of the update",
			liar{OptimizerServiceServer: sdk.New("heavy-ball",
				func(h heavyHyper, _ *heavyState, x sdk.Tensor) {
					for i, g := range x.Grad {
						x.Update[i] = -h.LR * g / float64(len(x.Grad))
					}
				}, sdk.Elementwise()).Service()}},
		{"groups ignored", "groups", "against the same values without groups: element 0 of the update of step 1 was",
			liar{open: func(r *v1.OpenRequest) { r.Groups = nil }, before: func(_ context.Context, r *v1.StepRequest) error {
				r.Hyperparameters = r.Hyperparameters[:8] // lr
				return nil
			}}},
		{"tensors of groups exchanged", "groups", "two groups, against the same values for all tensors: element 0 of the update",
			liar{open: func(r *v1.OpenRequest) {
				if len(r.Groups) == 2 {
					r.Groups[0].Tensors, r.Groups[1].Tensors = r.Groups[1].Tensors, r.Groups[0].Tensors
				}
			}}},
		{"groups without schedules", "groups", "against the same values without groups: element 0 of the update of step 4 was",
			liar{before: keepsGroups()}},
		{"a group's state forgotten", "groups", "restored with groups: element 0 of the update of step 31 was", liar{
			restore: func(stream v1.OptimizerService_RestoreServer) error {
				return stream.SendAndClose(&v1.RestoreResponse{})
			}}},
		{"any group accepted", "groups", "Open with a tensor that is not there in a group is accepted; " +
			"Open with a tensor in two groups is accepted", liar{open: func(r *v1.OpenRequest) {
			if _, err := proto.GroupOf(r.Groups, len(r.Tensors)); err != nil {
				r.Groups = nil
			}
		}}},
		{"deaf validation", "validate", "lr = nan is not found",
			liar{validate: func(r *v1.ValidateResponse) { r.Diagnostics = nil }}},
		{"everything is an internal error", "refusals", "a gradient that is too short is refused with Internal",
			liar{refused: func(error) error { return status.Error(codes.Internal, "oops") }}},
		{"nothing is refused", "refusals", "a step of an unknown instance is accepted",
			liar{refused: func(error) error { return nil }}},
		{"vectors for a rule of matrices", "refusals", "a vector, which is no matrix, is accepted",
			liar{OptimizerServiceServer: honest(sdk.Matrices()).Service(), open: func(r *v1.OpenRequest) {
				for _, x := range r.Tensors {
					if len(x.Shape) < 2 {
						x.Shape = []int64{x.Length, 1}
					}
				}
			}}},
		{"another rule's name", "conventions", "it follows none of its conventions: adam/eps-outside: x0 after step 1",
			liar{describe: func(d *v1.DescribeResponse) { d.Name = "adam" }}},
	} {
		t.Run(c.lie, func(t *testing.T) {
			report := examine(t, &c.liar, 20*time.Second, c.check)
			r := report.Checks[0]
			if r.Verdict != exam.Fail || !strings.Contains(r.Detail, c.detail) || r.Remedy == "" {
				t.Errorf("%s: %s: %q, remedy %q; want %q", r.Name, r.Verdict, r.Detail, r.Remedy, c.detail)
			}
			if report.Verdict() != exam.Fail {
				t.Error("passed")
			}
		})
	}
}

// keepsGroups puts into every step of a run with groups the values of its first.
func keepsGroups() func(context.Context, *v1.StepRequest) error {
	first := map[string][]byte{}
	return func(_ context.Context, r *v1.StepRequest) error {
		if r.Step == 1 {
			first[r.Instance] = r.Hyperparameters
		}
		if len(r.Hyperparameters) > 8 {
			r.Hyperparameters = first[r.Instance]
		}
		return nil
	}
}

// TestRemedies: the remedy is that of the failure, and not of the check that happened to meet it.
func TestRemedies(t *testing.T) {
	fails := func(code codes.Code) liar {
		return liar{before: func(_ context.Context, r *v1.StepRequest) error {
			if r.Step == 2 {
				return status.Error(code, "boom")
			}
			return nil
		}}
	}
	for code, want := range map[codes.Code]string{
		codes.Aborted: "the update rule itself fails", codes.Unknown: "the plugin's own code fails",
		codes.ResourceExhausted: "raise the gRPC server's receive limit", codes.InvalidArgument: "accept the request",
		codes.Unavailable: "find out why the process ends",
	} {
		l := fails(code)
		for _, r := range examine(t, &l, 20*time.Second).Checks {
			if r.Verdict == exam.Fail && !strings.HasPrefix(r.Remedy, want) {
				t.Errorf("%v: %s: %s: remedy %q, want %q", code, r.Name, r.Detail, r.Remedy, want)
			}
		}
	}
	for check, c := range map[string]struct {
		liar   liar
		remedy string
	}{
		"shapes": {liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { copy(r.Update, bytesOf(math.Inf(1))) }},
			"find what is not finite"},
		"determinism": {liar{step: func(_ *v1.StepRequest, r *v1.StepResponse) { r.Update = nil }},
			"answer with an update that is as long"},
		"validate": {liar{validate: func(r *v1.ValidateResponse) { r.Diagnostics = []*v1.Diagnostic{{Message: "no"}} }},
			"accept the defaults"},
	} {
		if r := examine(t, &c.liar, 20*time.Second, check).Checks[0]; !strings.HasPrefix(r.Remedy, c.remedy) {
			t.Errorf("%s: %s: remedy %q, want %q", check, r.Detail, r.Remedy, c.remedy)
		}
	}
}

// TestPanickingRule: a rule that panics at one place fails with one remedy, and every detail says where the place is.
func TestPanickingRule(t *testing.T) {
	o := sdk.New("heavy-ball", func(_ heavyHyper, s *heavyState, x sdk.Tensor) {
		if x.K == 2 {
			_ = s.V[len(s.V)+x.K]
		}
	}, sdk.Summary("s"), sdk.Reference("r"))
	failures := 0
	for _, r := range examine(t, &liar{OptimizerServiceServer: o.Service()}, 20*time.Second).Checks {
		if r.Verdict == exam.Fail {
			failures++
			if !strings.Contains(r.Detail, ", at liars_test.go:") || r.Remedy !=
				"the update rule itself fails: mend it where the message says" {
				t.Errorf("%s: %s\nremedy: %s", r.Name, r.Detail, r.Remedy)
			}
		}
	}
	if failures < 5 {
		t.Errorf("%d checks failed", failures)
	}
}

// TestVersionInEveryChunk: a plugin may repeat the version of its state.
func TestVersionInEveryChunk(t *testing.T) {
	service := honest().Service()
	l := &liar{OptimizerServiceServer: repeating{service}}
	for _, r := range examine(t, l, 20*time.Second, "snapshot-restore", "refusals").Checks {
		if r.Verdict != exam.Pass {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
	}
}

// repeating names the version of a state in each of its chunks.
type repeating struct{ v1.OptimizerServiceServer }

func (s repeating) Snapshot(r *v1.SnapshotRequest, stream v1.OptimizerService_SnapshotServer) error {
	return s.OptimizerServiceServer.Snapshot(r, &repeater{OptimizerService_SnapshotServer: stream})
}

type repeater struct {
	v1.OptimizerService_SnapshotServer
	version string
}

func (r *repeater) Send(m *v1.SnapshotResponse) error {
	if r.version == "" {
		r.version = m.StateVersion
	}
	m.StateVersion = r.version
	return r.OptimizerService_SnapshotServer.Send(m)
}

// TestQuadraticState: a rule that keeps a matrix over all parameters is examined with as many as its state leaves room for.
func TestQuadraticState(t *testing.T) {
	type matrix struct {
		H    []float64
		Last sdk.Vec
	}
	o := sdk.New("full-matrix", func(h heavyHyper, s *matrix, x sdk.Tensor) {
		n := len(x.Grad)
		if s.H == nil {
			s.H = make([]float64, n*n)
		}
		for i, g := range x.Grad {
			s.H[i*n+i] += g * g
			x.Update[i] = -h.LR * g / (1 + s.H[i*n+i])
		}
	}, sdk.Summary("s"), sdk.Reference("r"))
	report := examine(t, &liar{OptimizerServiceServer: o.Service()}, 30*time.Second)
	for _, r := range report.Checks {
		if r.Verdict == exam.Fail {
			t.Errorf("%s: %s", r.Name, r.Detail)
		}
		if want := "elements, not 600000: its state grows with their number to the power of 2.0, and would take 2."; r.Name ==
			"large-messages" && !strings.Contains(r.Detail, want) {
			t.Errorf("%s, want %s", r.Detail, want)
		}
	}
}

// TestIgnoredGradient: a rule that needs no gradient passes if it says so.
func TestIgnoredGradient(t *testing.T) {
	walk := func(h heavyHyper, _ *struct{}, x sdk.Tensor) {
		random := x.Rand()
		for i := range x.Update {
			x.Update[i] = h.LR * random.NormFloat64()
		}
	}
	for _, c := range []struct {
		options []sdk.Option
		want    exam.Verdict
	}{{nil, exam.Fail}, {[]sdk.Option{sdk.IgnoresGradient()}, exam.Pass}} {
		o := sdk.New("random-walk", walk, append(c.options, sdk.Summary("s"), sdk.Reference("r"))...)
		if report := examine(t, &liar{OptimizerServiceServer: o.Service()}, 20*time.Second); report.Verdict() != c.want {
			t.Errorf("%+v, want %s", report.Checks, c.want)
		}
	}
}

func examine(t *testing.T, l *liar, timeout time.Duration, only ...string) *exam.Report {
	t.Helper()
	s := subject(func() v1.OptimizerServiceServer {
		fresh := *l
		if fresh.OptimizerServiceServer == nil {
			fresh.OptimizerServiceServer = honest().Service()
		}
		return &fresh
	})
	s.Timeout, s.Only = timeout, only
	report, err := exam.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestHang: a plugin without answers costs the timeout of two checks, not of all, and the last verdicts say so.
func TestHang(t *testing.T) {
	report := examine(t, &liar{before: func(ctx context.Context, _ *v1.StepRequest) error {
		<-ctx.Done()
		return ctx.Err()
	}}, 200*time.Millisecond)
	if c := report.Checks[1]; c.Verdict != exam.Fail || c.Detail != "step 1: no answer within 200ms" {
		t.Errorf("%+v", c)
	}
	if c := report.Checks[3]; c.Verdict != exam.NotApplicable || !strings.Contains(c.Detail, "not examined") {
		t.Errorf("%+v", c)
	}
}

// TestNoStart: a plugin that does not start fails every check with the reason.
func TestNoStart(t *testing.T) {
	report, err := exam.Run(t.Context(), exam.Subject{Start: func(context.Context) (*exam.Connection, error) {
		return nil, errors.New("it is a teapot")
	}})
	if err != nil || report.Verdict() != exam.Fail || !strings.Contains(report.Checks[0].Detail, "it is a teapot") {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestPlanes: a second data plane with other bits is found.
func TestPlanes(t *testing.T) {
	s := subject(honest().Service)
	start := s.Start
	s.Start = func(ctx context.Context) (*exam.Connection, error) {
		conn, err := start(ctx)
		if err == nil {
			other := func(ctx context.Context, r *v1.OpenRequest) (exam.Stepper, error) {
				stepper, err := conn.Planes[0].Open(ctx, r)
				return &doubled{stepper}, err
			}
			conn.Planes = append(conn.Planes, exam.Plane{Name: "other", Open: other})
		}
		return conn, err
	}
	s.Only = []string{"data-planes"}
	report, err := exam.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if c := report.Checks[0]; c.Verdict != exam.Fail || !strings.Contains(c.Detail,
		"data plane other: element 0 of the update of step 1") {
		t.Errorf("%+v", c)
	}
}

type doubled struct{ exam.Stepper }

func (d *doubled) Step(ctx context.Context, k int, values, gradient, weights []float64, loss float64,
	update []float64) (time.Duration, error) {
	took, err := d.Stepper.Step(ctx, k, values, gradient, weights, loss, update)
	for i := range update {
		update[i] *= 2
	}
	return took, err
}

// TestEvaluation: a rule tells where its result is without a trace, or fails.
func TestEvaluation(t *testing.T) {
	asked := 0.0
	honestly := func(_ heavyHyper, s *heavyState, x sdk.Tensor) { copy(x.Update, s.V) }
	for want, result := range map[string]func(heavyHyper, *heavyState, sdk.Tensor){
		"": honestly,
		"the question after step 1 changed the state": func(_ heavyHyper, s *heavyState, _ sdk.Tensor) {
			for i := range s.V {
				s.V[i] += 1e-9
			}
		},
		"asked twice: element": func(_ heavyHyper, _ *heavyState, x sdk.Tensor) {
			for i := range x.Update {
				asked++
				x.Update[i] = asked
			}
		},
	} {
		o := honest(sdk.EvaluatesAt(result), sdk.NeedsWeights())
		report := examine(t, &liar{OptimizerServiceServer: o.Service()}, 20*time.Second, "evaluation")
		if c := report.Checks[0]; want == "" && c.Verdict != exam.Pass || want != "" && (c.Verdict != exam.Fail || !strings.Contains(c.Detail, want)) {
			t.Errorf("%s: %s, want %q", c.Verdict, c.Detail, want)
		}
	}
	// What is not in the snapshot: the service adds how many steps the instance made itself.
	o := honest(sdk.EvaluatesAt(honestly), sdk.NeedsWeights())
	steps := map[string]float64{}
	l := &liar{OptimizerServiceServer: o.Service(), step: func(r *v1.StepRequest, response *v1.StepResponse) {
		if r.Kind != v1.StepKind_STEP_KIND_EVALUATION {
			steps[r.Instance]++
			return
		}
		response.Update = proto.AppendFloat64s(nil, slices.Repeat([]float64{steps[r.Instance]}, len(response.Update)/8))
	}}
	if c := examine(t, l, 20*time.Second, "evaluation").Checks[0]; c.Verdict != exam.Fail || !strings.Contains(c.Detail, "restored: element") {
		t.Errorf("%s: %s", c.Verdict, c.Detail)
	}
}
