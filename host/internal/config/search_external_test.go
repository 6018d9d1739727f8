package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestPropose: a trial that is proposed is the variant that the file would have with its values, and nothing else can be proposed.
func TestPropose(t *testing.T) {
	load := func(lr, decay, search string) *Experiment {
		e, err := Parse("x.toml", "problem.kind = \"rosenbrock\"\nbudget.steps = 5\n"+search+"[[optimizer]]\nplugin = \"p\"\nlr = "+lr+"\ndecay = "+decay+"\n")
		if err != nil {
			t.Fatal(err)
		}
		e.Build()
		number := func(name string, least float64) *v1.Hyperparameter {
			return &v1.Hyperparameter{Name: name, Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Default: proto.NewValue(least), Interval: &v1.Interval{Low: least, High: 10}}
		}
		e.Resolve([]string{"p"}, func(string) (*v1.DescribeResponse, error) {
			return &v1.DescribeResponse{Hyperparameters: []*v1.Hyperparameter{number("lr", 0), number("decay", 0.5)}}, nil
		}, func(string, map[string]*v1.Value) ([]*v1.Diagnostic, error) { return nil, nil })
		if err := e.Errors(); err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := load("{ log_uniform = [1e-3, 1] }", "{ choice = [1, 0, 2] }", "search = { kind = \"external\", trials = 9, measure = \"train_loss\" }\n")
	w := e.Workloads[0]
	space := w.Optimizers[0]
	first, again, err := w.Propose(space, map[string]any{"lr": 0.25, "decay": 2.0}, 0)
	if err != nil || again || first.Trial != 1 || first.Name != "p lr=0.25 decay=2" {
		t.Fatalf("%+v, %v, %v", first, again, err)
	}
	written := load("0.25", "2", "").Workloads[0].Optimizers[0]
	for name, v := range written.Hyperparameters {
		if first.Hyperparameters[name] != v {
			t.Errorf("%s is %v, want %v", name, first.Hyperparameters[name], v)
		}
	}
	if same, again, err := w.Propose(space, map[string]any{"decay": 2.0, "lr": 0.25}, 0); err != nil || !again || same.Trial != 1 {
		t.Errorf("proposed once more: %+v, %v, %v", same, again, err)
	}
	if near, _, err := w.Propose(space, map[string]any{"decay": 2.0, "lr": 0.250001}, 0); err != nil || near.Trial != 2 || near.Name == first.Name {
		t.Errorf("almost the same: %+v, %v", near, err)
	}
	for _, c := range []struct {
		values map[string]any
		want   string
	}{
		{map[string]any{"lr": 0.25}, `a value of "decay" is missing`},
		{map[string]any{"lr": 2.0, "decay": 1.0}, "out of the log_uniform"},
		{map[string]any{"lr": "0.1", "decay": 1.0}, "give a number from 0.001 to 1"},
		{map[string]any{"lr": 0.1, "decay": 0.75}, "none of the 3 values"},
		{map[string]any{"lr": 0.1, "decay": 1.0, "Lr": 1.0}, `did you mean "lr"`},
		{map[string]any{"lr": 0.1, "decay": 0.0}, "x.toml:7:24: decay = 0 is out of range"}, // what the plugin does not take
	} {
		if _, _, err := w.Propose(space, c.values, 0); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.values, err, c.want)
		}
	}
	if n := len(w.Proposed(space).Trials); n != 2 || e.Errors() != nil {
		t.Errorf("%d trials were kept; %v", n, e.Errors())
	}
	if i := slices.IndexFunc(w.Optimizers, func(o Optimizer) bool { return o.Space == nil }); i >= 0 {
		t.Error("a trial stands among what the file has")
	}
}
