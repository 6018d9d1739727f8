package config

import (
	"strings"
	"testing"
)

// TestRangesInRemedies: the numbers that a remedy allows are those that are accepted, up to its bounds.
func TestRangesInRemedies(t *testing.T) {
	const (
		function = "[problem]\nkind = \"sphere\"\n"
		mlp      = "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\n"
		network  = "[problem]\nkind = \"network\"\ndataset = \"digits\"\n"
		last     = "[[problem.layer]]\nkind = \"flatten\"\n[[problem.layer]]\nkind = \"dense\"\n"
		inner    = network + "[[problem.layer]]\nkind = "
	)
	for _, c := range []struct{ before, key, after, remedy, accepted, refused string }{
		{function, "dimension", "", "from 1 to 100000", "1 100000", "0 -1 100001 1e400 nan 2.5 \"2\" true"},
		{"[problem]\nkind = \"rosenbrock\"\n", "dimension", "", "from 2 to 100000", "2 3", "1 100001"},
		{function, "gradient_noise", "", "at least 0", "0 0.0 1 1e-300", "-1e-9 nan inf -inf \"0\""},
		{"[problem]\nkind = \"quadratic\"\n", "dimension", "", "from 1 to 1000", "1 2", "0 1001"},
		{"[problem]\nkind = \"quadratic\"\ndimension = 3\n", "condition", "", "at least 1", "1 1.0 1e6", "0.999 nan inf"},
		{"[problem]\nkind = \"quadratic\"\ndimension = 3\n", "seed", "", "at least 0", "0 2147483647", "-1 0.5"},
		{function + "[budget]\n", "steps", "", "at least 0", "0 1 2147483647", "-5 1.5 2147483648"},
		{function + "[budget]\n", "gradient_evaluations", "", "at least 1", "1 2147483647", "0 -5 1.5 2147483648"},
		{function + "[budget]\n", "gradient_equivalents", "", "at least 1", "1 1.5 2147483647", "0 -5 0.9 2147483648 nan"},
		{function + "[budget]\n", "time", "", "at least \"1ms\"", "\"1ms\" \"5m\"", "\"0s\" \"-1s\""},
		{mlp + "[budget]\n", "example_gradients", "", "from 1 to", "32 1000000", "0 -1 1.5"},
		{function + "[record]\n", "every", "", "at least 1", "1 100", "0 -1 0.5"},
		{function + "[seeds]\n", "count", "", "from 1 to 100000", "1 100000", "0 100001 2147483648"},
		{function + "[seeds]\n", "first", "", "at least 0", "0 2147483647", "-1 2147483648"},
		{function + "[gradient]\n", "clip_norm", "", "above 0", "1e-300 1 1e300", "0 -1 inf nan"},
		{function + "[gradient]\n", "clip_value", "", "above 0", "1e-300 1", "0 0.0 -0.0 nan"},
		{function + "[checkpoint]\n", "steps", "", "at least 1", "1 2147483647", "0 -1"},
		{function + "[checkpoint]\n", "interval", "", "at least \"1ms\"", "\"1ms\" \"5m\"", "\"0s\" \"1us\" \"-1s\""},
		{mlp, "l2", "", "at least 0", "0 1e-4", "-1e-4 inf nan"},
		{mlp, "batch", "", "at least 1", "1 455 \"full\"", "0 -1"},
		{mlp, "validation", "", "above 0 and below 1, or a whole number of examples from 2; 0 is none", "0 0.01 0.99 2 500", "1 -0.1 1.5 nan inf"},
		{mlp, "subset", "", "above 0 and below 1, or a whole number of examples from 2", "0.01 0.99 2 455", "0 1 -2 2.5"},
		{mlp, "label_noise", "", "from 0 to 1", "0 1 0.5", "-0.1 1.1 nan"},
		{inner + "\"dropout\"\n", "rate", last, "at least 0 and below 1", "0 0.0 0.999", "1 1.0 -0.1 nan"},
		{inner + "\"batch-norm\"\n", "epsilon", last, "above 0", "1e-12 1", "0 -1 inf"},
		{inner + "\"conv2d\"\nkernel = 3\n", "filters", last, "at least 1", "1 2", "0 -1 1.5"},
		{inner + "\"conv2d\"\nfilters = 1\n", "kernel", last, "at least 1", "1 8", "0 -1"},
		{inner + "\"max-pool\"\n", "size", last, "at least 1", "1 8", "0 -1"},
		{inner + "\"flatten\"\n[[problem.layer]]\nkind = \"dense\"\n", "units", "", "at least 1", "10", "0 -1"},
		{"[problem]\nkind = \"mlp\"\n[problem.dataset]\nname = \"xor\"\n", "noise", "", "from 0 to", "0 0.1", "-0.1 nan"},
		{"[problem]\nkind = \"quadratic-deep\"\n", "batch", "", "at least 1", "1 1000", "0"},
		{mlp + "[target]\n", "validation_accuracy", "", "from 0 to 1", "0 1 0.5", "-0.1 1.1 97 nan inf"},
		{mlp + "[target]\n", "gradient_norm", "", "at least 0", "0 1", "-1 nan inf"},
	} {
		for _, values := range []struct {
			list string
			ok   bool
		}{{c.accepted, true}, {c.refused, false}} {
			for value := range strings.FieldsSeq(values.list) {
				src := c.before + c.key + " = " + value + "\n" + c.after + "[[optimizer]]\nplugin = \"o\"\n"
				if !strings.Contains(src, "[budget]") {
					src += "[budget]\nsteps = 1\n"
				}
				e, err := Parse("f.toml", src)
				if err == nil {
					e.Build()
					err = e.Errors()
				}
				errs, _ := err.(Errors)
				switch {
				case values.ok && err != nil:
					t.Errorf("%s = %s is refused: %v", c.key, value, err)
				case !values.ok && len(errs) != 1:
					t.Errorf("%s = %s: %d errors: %v", c.key, value, len(errs), err)
				case !values.ok && !strings.Contains(errs[0].Remedy, c.remedy) && !strings.Contains(errs[0].Message, "1e400"):
					if value != "2147483648" && !strings.HasPrefix(value, `"`) && value != "true" {
						t.Errorf("%s = %s: got\n%v\nwant the remedy %s", c.key, value, err, c.remedy)
					}
				}
			}
		}
	}
}
