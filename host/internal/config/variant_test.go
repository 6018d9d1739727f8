package config

import (
	"slices"
	"strings"
	"testing"
)

// TestVariants: a file with sets stands for every combination, each with a name of its own, and what is wrong in one is pointed at where
// the file has it, once.
func TestVariants(t *testing.T) {
	const src = `[[problem]]
name = "valley"
kind = "rosenbrock"

[[problem]]
name = "bowl"
kind = "sphere"
dimension = { grid = [2, 3] }

[budget]
steps = 5

[[optimizer]]
plugin = "sgd"
lr = { log_grid = [0.01, 1, 3] }

[[optimizer]]
name = "slow"
plugin = "sgd"
lr = { schedule = "cosine", from = { grid = [0.1, 0.2] } }
`
	e, err := Parse("f.toml", src)
	if err != nil {
		t.Fatal(err)
	}
	var problems, optimizers, folders []string
	for _, w := range e.Workloads {
		problems = append(problems, w.Name)
		for _, o := range w.Optimizers {
			optimizers, folders = append(optimizers, o.Name), append(folders, o.Folder())
		}
	}
	if want := []string{"valley", "bowl dimension=2", "bowl dimension=3"}; !slices.Equal(problems, want) {
		t.Errorf("problems %q, want %q", problems, want)
	}
	want := []string{"sgd lr=0.01", "sgd lr=0.1", "sgd lr=1", "slow lr.from=0.1", "slow lr.from=0.2"}
	if !slices.Equal(optimizers, slices.Concat(want, want, want)) {
		t.Errorf("optimizers %q, want %q", optimizers, want)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(folders)))) != 15 || folders[0] != "valley-sgd-lr-0.01" {
		t.Errorf("folders %q", folders)
	}
	if w := e.Workloads[2]; w.Problem.Dimension != 3 || w.Optimizers[1].Hyperparameters["lr"] != 0.1 ||
		w.Optimizers[4].Hyperparameters["lr"].(map[string]any)["from"] != 0.2 {
		t.Errorf("%+v", w)
	}
	for old, c := range map[string][2]string{
		"[2, 3]":           {`[2, 3, "x"]`, `f.toml:8:29: dimension must be a whole number, not the string "x"`},
		"[0.01, 1, 3]":     {"[1, 0.01, 3]", "f.toml:15:19: log_grid needs two numbers above 0"},
		"{ grid = [2, 3] ": {"{ grid = [] ", "f.toml:8:22: grid must be an array of values"},
		"grid = [0.1, 0.2": {"grid = [0.1, { grid = [1] }", "f.toml:20:51: a set within a set"},
		`"bowl"`:           {`"valley"`, ""},
	} {
		_, err := Parse("f.toml", strings.Replace(src, old, c[0], 1))
		if err != nil {
			got := err.Error()
			if !strings.HasPrefix(got, c[1]) || c[1] == "" || strings.Count(got, "remedy:") != 1 {
				t.Errorf("%s: got\n%s\nwant one error, %s", c[0], got, c[1])
			}
		} else if c[1] != "" {
			t.Errorf("%s: no error, want %s", c[0], c[1])
		}
	}
}

// TestOwnTables: a problem can have tables in place of the file's, which must be tables; target is also a key of models.
func TestOwnTables(t *testing.T) {
	const src = "[[problem]]\nname = \"a\"\nkind = \"rosenbrock\"\nX\n[[problem]]\nname = \"b\"\nkind = \"mlp\"\ndataset = \"breast-cancer\"\ntarget = \"input\"\n" +
		"[budget]\nsteps = 9\n[target]\ntrain_loss = 0.5\n[[optimizer]]\nplugin = \"sgd\"\n"
	e := parsed(t, strings.Replace(src, "X", "budget = { steps = 3 }\ntarget = { gradient_norm = 1 }", 1))
	a, b := e.Workloads[0], e.Workloads[1]
	if a.Budget.Steps != 3 || b.Budget.Steps != 9 || a.Target.Value != 1 || b.Target.Value != 0.5 || b.Problem.Target != "input" {
		t.Errorf("%+v, %+v", a, b)
	}
	for line, want := range map[string]string{
		"budget = 3":                 "f.toml:4:10: budget must be a table, not the number 3",
		"target = \"input\"":         "f.toml:4:10: target must be a table, not the string",
		"stop = [1]":                 "f.toml:4:8: stop must be a table, not an array of 1",
		"budget = { step = 3 }":      "f.toml:4:12: unknown key \"step\" in [problem.budget]",
		"target = { train_los = 3 }": "f.toml:4:12: unknown key \"train_los\" in [problem.target]",
	} {
		_, err := Parse("f.toml", strings.Replace(src, "X", line, 1))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got\n%v\nwant %s", line, err, want)
		}
	}
}
