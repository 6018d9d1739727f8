package plan

import (
	"strings"
	"testing"
)

// TestDoubts: what an answer would suffer from is told of, each in words that name who is concerned, and nothing else is.
func TestDoubts(t *testing.T) {
	const text = "[problem]\nkind = \"rosenbrock\"\ngradient_noise = 0.1\n[budget]\nsteps = 5\n[seeds]\ncount = 6\n[[optimizer]]\nplugin = \"sgd\"\nlr = 0.1\n"
	for name, c := range map[string]struct{ old, new, want string }{
		"none":         {},
		"few seeds":    {"count = 6", "count = 5", "5 seeds: below 6 there is no interval"},
		"few studies":  {"[seeds]\ncount = 6", "[target]\ntrain_loss = 1.0\n[tune]\nprotocol = \"algoperf\"\nstudies = 3", "3 studies: below 6 there is no interval"},
		"one seed":     {"count = 6", "count = 1", ""},
		"no step":      {"steps = 5\n[seeds]\ncount = 6", "steps = 0\n[seeds]\ncount = 2", ""},
		"no noise":     {"gradient_noise = 0.1\n[budget]\nsteps = 5\n[seeds]\ncount = 6", "[budget]\nsteps = 5", ""},
		"same":         {"lr = 0.1", "lr = 0.1\n[[optimizer]]\nname = \"again\"\nplugin = \"sgd\"", `"sgd" and "again" are the same`},
		"other plugin": {"lr = 0.1", "lr = 0.1\n[[optimizer]]\nplugin = \"other\"", ""},
		"unequal": {"lr = 0.1", "lr = { grid = [0.1, 0.2] }\n[[optimizer]]\nplugin = \"other\"\n",
			`unequal budgets for tuning: "sgd" has 2 variants and "other" has 1`},
		"equal": {"lr = 0.1", "lr = { grid = [0.1, 0.2] }\n[[optimizer]]\nplugin = \"other\"\nlr = { grid = [0.1, 0.2] }\n", ""},
	} {
		var got []string
		for _, d := range planOf(t, strings.Replace(text, c.old, c.new, 1)).Doubts() {
			got = append(got, d.Message)
			if d.Remedy == "" {
				t.Errorf("%s: no remedy", name)
			}
		}
		if len(got) > 1 || (c.want == "") != (len(got) == 0) || !strings.HasPrefix(strings.Join(got, ""), c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
