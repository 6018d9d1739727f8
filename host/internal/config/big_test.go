package config

import (
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// BenchmarkPlan reads an experiment of 10,000 variants and fills their hyperparameters in, without plugins.
func BenchmarkPlan(b *testing.B) {
	src := "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 200\n[search]\nkind = \"halton\"\ntrials = 2000\n"
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		src += "[[optimizer]]\nname = \"" + name + "\"\nplugin = \"sgd\"\nlr = { log_uniform = [1e-4, 1] }\n"
	}
	about := &v1.DescribeResponse{Hyperparameters: []*v1.Hyperparameter{{Name: "lr", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Schedulable: true,
		Default: proto.NewValue(0.1)}}}
	for b.Loop() {
		e, err := Parse("f.toml", src)
		if err != nil {
			b.Fatal(err)
		}
		e.Build()
		e.Resolve([]string{"sgd"}, func(string) (*v1.DescribeResponse, error) { return about, nil },
			func(string, map[string]*v1.Value) ([]*v1.Diagnostic, error) { return nil, nil })
		if err := e.Errors(); err != nil {
			b.Fatal(err)
		}
	}
}
