package config

import (
	"strings"
	"testing"
)

// TestSeedsOfNothingRandom: several seeds are warned of where no run differs from another.
func TestSeedsOfNothingRandom(t *testing.T) {
	const data = "kind = \"mlp\"\ndataset = \"two-moons\"\nvalidation = 0\nbatch = \"full\"\nweight_init = \"zeros\"\n"
	for keys, random := range map[string]bool{
		"kind = \"rosenbrock\"":                       false,
		"kind = \"rosenbrock\"\ngradient_noise = 0.1": true,
		"kind = \"quadratic\"\ndimension = 3":         false,
		"kind = \"quadratic-deep\"":                   true,
		"kind = \"quadratic-deep\"\nbatch = \"full\"": false,
		"kind = \"quadratic-deep\"\nbatch = 1000":     false,
		data: false,
		data + "bias_init = { kind = \"constant\", value = 1 }":        false,
		data + "bias_init = { kind = \"uniform\", low = 0, high = 1 }": true,
		strings.Replace(data, "\"zeros\"", "\"glorot\"", 1):            true,
		strings.Replace(data, "\"full\"", "32", 1):                     true,
		strings.Replace(data, "validation = 0", "validation = 0.2", 1): true,
		data + "label_noise = 0.1":                                     true,
		data + "subset = 0.5":                                          true,
		strings.Replace(data, "\"mlp\"", "\"network\"", 1) +
			"layer = [{ kind = \"dropout\", rate = 0.5 }, { kind = \"dense\" }]": true,
		strings.Replace(data, "\"mlp\"", "\"network\"", 1) +
			"layer = [{ kind = \"dense\" }]": false,
	} {
		for _, count := range []string{"1", "3"} {
			e, err := Parse("f.toml", "[problem]\n"+keys+"\n[budget]\nsteps = 10\n[seeds]\ncount = "+count+"\n[[optimizer]]\nplugin = \"sgd\"\n")
			if err == nil {
				e.Build()
				err = e.Errors()
			}
			if err != nil {
				t.Fatalf("%s: %v", keys, err)
			}
			warned := false
			for _, w := range e.Warnings() {
				warned = warned || strings.HasPrefix(w.Message, "nothing in this problem is random: the 3 runs")
			}
			if warned != (!random && count == "3") {
				t.Errorf("%s with %s seeds: warned: %v", keys, count, warned)
			}
		}
	}
}

// TestSeedsOfNothingRandomAreToldOnce: of several problems in which nothing is random one warning names them.
func TestSeedsOfNothingRandomAreToldOnce(t *testing.T) {
	const noisy = "[[problem]]\nname = \"noisy\"\nkind = \"sphere\"\ngradient_noise = 1\n"
	for problems, want := range map[string]string{
		noisy: "",
		noisy + "[[problem]]\nname = \"a\"\nkind = \"sphere\"\n":                                      `nothing in the problem "a" is random: `,
		noisy + "[[problem]]\nname = \"a\"\nkind = \"sphere\"\ndimension = { grid = [2, 3] }\n":       `nothing in the problems "a dimension=2" and "a dimension=3" is random: `,
		noisy + "[[problem]]\nname = \"a\"\nkind = \"sphere\"\ndimension = { grid = [2, 3, 4, 5] }\n": `nothing in the problems "a dimension=2", "a dimension=3", "a dimension=4" and "a dimension=5" is`,
		noisy + "[[problem]]\nname = \"a\"\nkind = \"sphere\"\ndimension = { grid = [2, 3, 4, 5, 6] }\n": `nothing in the problems "a dimension=2", "a dimension=3", ` +
			`"a dimension=4" and 2 more is random: `,
	} {
		e, err := Parse("f.toml", problems+"[budget]\nsteps = 10\n[seeds]\ncount = 3\n[[optimizer]]\nplugin = \"sgd\"\n")
		if err != nil {
			t.Fatal(err)
		}
		e.Build()
		if w := e.Warnings(); len(w) > 1 || (len(w) == 0) != (want == "") || len(w) == 1 && !strings.HasPrefix(w[0].Message, want) {
			t.Errorf("want %q, got %v", want, w)
		}
	}
}
