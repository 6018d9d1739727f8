package config

import (
	"strings"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestRungsOfAsking: rungs in gradients are honest for rules that take one in a step, and who halves others is told.
func TestRungsOfAsking(t *testing.T) {
	const halving = "[search]\nkind = \"halving\"\nsmallest = 10\nmeasure = \"train_loss\"\n"
	for _, c := range []struct {
		budget, search, plugins string
		want                    string
	}{
		{"gradient_evaluations = 90", halving, "asks", "the rungs of asks are at steps"},
		{"gradient_equivalents = 90", halving, "plain asks also", "the rungs of asks and also are at steps"},
		{"gradient_evaluations = 90", halving, "plain", ""},
		{"steps = 90", halving, "asks", ""},
		{"gradient_evaluations = 90", "", "asks", ""},
	} {
		src := "problem.kind = \"rosenbrock\"\nbudget." + c.budget + "\n" + c.search
		for name := range strings.FieldsSeq(c.plugins) {
			src += "[[optimizer]]\nplugin = \"" + name + "\"\nlr = { grid = [0.1, 0.2, 0.3] }\n"
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
			if strings.HasPrefix(w.Message, "the rungs of ") {
				warned = append(warned, w)
			}
		}
		if e.Errors() != nil || (len(warned) == 1) != (c.want != "") || len(warned) > 1 || c.want != "" && (!strings.HasPrefix(warned[0].Message, c.want) || warned[0].Line != 4) {
			t.Errorf("%s%s of %s: %v, warnings %v, want %q", c.search, c.budget, c.plugins, e.Errors(), e.Warnings(), c.want)
		}
	}
}
