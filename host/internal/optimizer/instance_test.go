package optimizer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// fake is a plugin without a process, and what watches over it.
type fake struct {
	v1.OptimizerServiceClient
	plane              v1.DataPlane
	update             []byte
	openErr, stepErr   error
	logs               []io.Writer
	explained          error
	timeout            time.Duration // of the call whose error was explained
	weights, hasWeight bool
}

func (f *fake) Open(context.Context, *v1.OpenRequest, ...grpc.CallOption) (*v1.OpenResponse, error) {
	return &v1.OpenResponse{DataPlane: f.plane}, f.openErr
}

func (f *fake) Step(_ context.Context, r *v1.StepRequest, _ ...grpc.CallOption) (*v1.StepResponse, error) {
	f.hasWeight = len(r.Weights) > 0
	return &v1.StepResponse{Update: f.update}, f.stepErr
}

func (f *fake) Close(context.Context, *v1.CloseRequest, ...grpc.CallOption) (*v1.CloseResponse, error) {
	return nil, nil
}

func (f *fake) Attach(log io.Writer) { f.logs = append(f.logs, log) }
func (f *fake) Detach(log io.Writer) {
	f.logs = slices.DeleteFunc(f.logs, func(w io.Writer) bool { return w == log })
}
func (f *fake) Gone() bool { return false }

var errExplained = errors.New("explained")

func (f *fake) Explain(err error, timeout time.Duration) error {
	f.explained, f.timeout = err, timeout
	return errExplained
}

// TestInstance: what a plugin answers is checked, the errors of calls are explained by its supervisor, and its output goes
// to the log for as long as the instance is open.
func TestInstance(t *testing.T) {
	inline, shared := v1.DataPlane_DATA_PLANE_INLINE, v1.DataPlane_DATA_PLANE_SHARED_MEMORY
	refused := errors.New("refused")
	for what, c := range map[string]struct {
		fake                fake
		opens, breach, told bool
		timeout             time.Duration
	}{
		"good":          {fake: fake{plane: inline, update: make([]byte, 16)}, opens: true},
		"with weights":  {fake: fake{plane: inline, update: make([]byte, 16), weights: true}, opens: true},
		"other plane":   {fake: fake{plane: shared}, breach: true},
		"short update":  {fake: fake{plane: inline, update: make([]byte, 15)}, opens: true, breach: true},
		"refuses":       {fake: fake{plane: inline, openErr: refused}, told: true, timeout: DefaultTimeout},
		"its rule dies": {fake: fake{plane: inline, stepErr: refused}, opens: true, told: true, timeout: time.Second},
	} {
		f, log := &c.fake, &bytes.Buffer{}
		p := &Plugin{Name: "x", Description: &v1.DescribeResponse{Capabilities: &v1.Capabilities{NeedsWeights: f.weights}},
			Client: f, Output: f, Supervisor: f}
		in, err := p.Open(t.Context(), Config{Layout: []*v1.Tensor{{Length: 2}}, Log: log, Timeout: time.Second})
		if (err == nil) != c.opens || len(f.logs) > 0 != c.opens {
			t.Errorf("%s: %v, %d logs", what, err, len(f.logs))
			continue
		}
		if c.opens {
			_, err = in.Step(t.Context(), 1, nil, 0)
			if closed := in.Close(t.Context()); closed != nil || len(f.logs) > 0 {
				t.Errorf("%s: closing: %v, %d logs", what, closed, len(f.logs))
			}
		}
		var failed *Failed
		if (errors.As(err, &failed) && failed.Breach) != c.breach || errors.Is(err, errExplained) != c.told || f.timeout != c.timeout ||
			c.told && f.explained != refused || (err != nil) != (c.breach || c.told) {
			t.Errorf("%s: %v after %v", what, err, f.timeout)
		}
		if f.hasWeight != f.weights {
			t.Errorf("%s: weights %v", what, f.hasWeight)
		}
	}
}

// asksAlways answers everything with an ask.
type asksAlways struct{ fake }

func (a *asksAlways) Step(context.Context, *v1.StepRequest, ...grpc.CallOption) (*v1.StepResponse, error) {
	return &v1.StepResponse{Ask: &v1.Ask{Kind: v1.AskKind_ASK_KIND_LOSS}}, nil
}

// TestAskBetweenSteps: an evaluation is no step, and has an update for an answer.
func TestAskBetweenSteps(t *testing.T) {
	f := &asksAlways{fake{plane: v1.DataPlane_DATA_PLANE_INLINE}}
	p := &Plugin{Name: "x", Description: &v1.DescribeResponse{Capabilities: &v1.Capabilities{Asks: true}}, Client: f, Output: f, Supervisor: f}
	in, err := p.Open(t.Context(), Config{Layout: []*v1.Tensor{{Length: 2}}, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var failed *Failed
	if err := in.Locate(t.Context(), Evaluation, 1, nil); !errors.As(err, &failed) || !failed.Breach || !strings.Contains(err.Error(), asksBetween) {
		t.Error(err)
	}
}

// TestPlane: without a life line there is no shared memory.
func TestPlane(t *testing.T) {
	p := &Plugin{Name: "x", Description: &v1.DescribeResponse{Capabilities: &v1.Capabilities{
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_SHARED_MEMORY}}}}
	for wish, want := range map[Plane]Plane{Auto: Inline, Inline: Inline, Shared: ""} {
		if got, err := p.Plane(wish); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", wish, got, err)
		}
	}
}
