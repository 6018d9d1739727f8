package config

import (
	"strings"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestAsking: rungs and schedules in gradients are honest for rules that take one in a step, and who has others is told.
func TestAsking(t *testing.T) {
	const cosine, own = "lr = { schedule = \"cosine\", from = 0.1, warmup = 10 }", "lr = { schedule = \"cosine\", from = 0.1, steps = 30 }"
	const rates = "lr = { grid = [0.1, 0.2, 0.3] }"
	const halving = "[search]\nkind = \"halving\"\nsmallest = 10\nmeasure = \"train_loss\"\n"
	for _, c := range []struct {
		budget, search, plugins string
		want                    string
		lr                      string
		line                    int
	}{
		{"gradient_evaluations = 90", "", "asks", "the schedules of asks are for 90 steps", cosine, 2},
		{"gradient_evaluations = 90", "", "asks", "", own, 0},
		{"gradient_evaluations = 90", "", "plain", "", cosine, 0},
		{"steps = 90", "", "asks", "", cosine, 0},
		{"gradient_evaluations = 90", halving, "asks", "the rungs of asks are at steps", rates, 4},
		{"gradient_equivalents = 90", halving, "plain asks also", "the rungs of asks and also are at steps", rates, 4},
		{"gradient_evaluations = 90", halving, "plain", "", rates, 4},
		{"steps = 90", halving, "asks", "", rates, 4},
		{"gradient_evaluations = 90", "", "asks", "", rates, 4},
	} {
		src := "problem.kind = \"rosenbrock\"\nbudget." + c.budget + "\n" + c.search
		for name := range strings.FieldsSeq(c.plugins) {
			src += "[[optimizer]]\nplugin = \"" + name + "\"\n" + c.lr + "\n"
		}
		e, err := Parse("f.toml", src)
		if err != nil {
			t.Fatal(err)
		}
		e.Build()
		e.Resolve([]string{"also", "asks", "plain"}, func(name string) (*v1.DescribeResponse, error) {
			return &v1.DescribeResponse{Name: name, Capabilities: &v1.Capabilities{Asks: name != "plain"}, Hyperparameters: []*v1.Hyperparameter{
				{Name: "lr", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Schedulable: true, Default: proto.NewValue(0.1)},
			}}, nil
		}, func(string, map[string]*v1.Value) ([]*v1.Diagnostic, error) { return nil, nil })
		var warned []Diagnostic
		for _, w := range e.Warnings() {
			if strings.Contains(w.Message, "as if each took one gradient") {
				warned = append(warned, w)
			}
		}
		if e.Errors() != nil || (len(warned) == 1) != (c.want != "") || len(warned) > 1 || c.want != "" && (!strings.HasPrefix(warned[0].Message, c.want) || warned[0].Line != c.line) {
			t.Errorf("%s%s of %s: %v, warnings %v, want %q", c.search, c.budget, c.plugins, e.Errors(), e.Warnings(), c.want)
		}
	}
}
