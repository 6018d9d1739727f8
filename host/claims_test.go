package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
)

// TestClaimsDocument runs the experiment that docs/claims.md shows, and compares its verdicts.
func TestClaimsDocument(t *testing.T) {
	t.Parallel()
	const document = "../docs/claims.md"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "valley.toml"), []byte(block(t, document, "toml")), 0o644); err != nil {
		t.Fatal(err)
	}
	var ran, shown bytes.Buffer
	if code := within(dir).steepest([]string{"run", "--quiet", "valley.toml"}, &ran, &ran); code != exitUnmet {
		t.Errorf("exit code %d\n%s", code, &ran)
	}
	command, want, _ := strings.Cut(block(t, document, "console"), "\n")
	command, ok := strings.CutPrefix(command, "$ steepest ")
	if !ok {
		t.Fatalf("%s shows no steepest command", document)
	}
	if code := within(dir).steepest(strings.Fields(command), &shown, &shown); code != exitUnmet {
		t.Errorf("exit code %d", code)
	}
	got := strings.ReplaceAll(shown.String(), dir+"/", "")
	if got != want {
		t.Errorf("%s differs from what steepest prints:\n%s", document, got)
	}
	if _, verdicts, _ := strings.Cut(got, "\n"); !strings.Contains(ran.String(), verdicts) {
		t.Errorf("run shows other verdicts:\n%s", &ran)
	}
}

// TestRestoredExperiments: what is on record of an experiment asks for the very runs that its file asks for, though nothing was built.
func TestRestoredExperiments(t *testing.T) {
	known(t)
	t.Parallel()
	files, err := filepath.Glob("../experiments/*.toml")
	if err != nil {
		t.Fatal(err)
	}
	much := filepath.Join(t.TempDir(), "much.toml")
	if err := os.WriteFile(much, []byte(`
problem = [{ name = "net", kind = "mlp", dataset = "breast-cancer", hidden = { grid = [[4], [8, 8]] }, batch = { grid = [16, 32] } }]
budget.epochs = 3
seeds = { count = 2, first = 2147483000 }
search = { kind = "halving", draw = "halton", trials = 9, smallest = 1, measure = "train_loss" }
gradient.clip_norm = 1.5
stop = { target = true, plateau = { measure = "validation_loss", patience = 3 } }
target.validation_loss = 0.1
[[optimizer]]
plugin = "adam"
lr = { log_uniform = [1e-4, 1e-1] }
beta1 = { schedule = "linear", from = 0.9, to = 0.5 }
group = [{ name = "biases", role = "bias", lr = 0.1 }]
[[optimizer]]
plugin = "momentum"
lr = { log_uniform = [1e-4, 1e-1] }
`), 0o600); err != nil {
		t.Fatal(err)
	}
	pool := plugin.NewPool(plugin.Find([]plugin.Folder{{Path: pluginDir}}))
	t.Cleanup(pool.Kill)
	seen := 0
	for _, file := range append(files, much) {
		plans, err := new(program).prepare(t.Context(), []string{file}, pool)
		if err != nil {
			if e, bad := config.Load(file); bad == nil && missingData(e) != nil {
				continue
			}
			t.Fatal(err)
		}
		asked := plans[0]
		kept, err := json.Marshal(asked.Experiment)
		if err != nil {
			t.Fatal(err)
		}
		e, err := config.Restore(kept, nil)
		if err != nil {
			t.Fatal(err)
		}
		program := func(name string) string { return "of " + name }
		jobs, want := plan.Of(e, program).Jobs, plan.Of(asked.Experiment, program).Jobs
		if len(jobs) != len(want) || len(e.Expect) != len(asked.Expect) {
			t.Errorf("%s: %d runs and %d claims, not %d and %d", file, len(jobs), len(e.Expect), len(want), len(asked.Expect))
			continue
		}
		for i, j := range jobs {
			was := want[i]
			was.Workload.Built = nil // of parts of the problem nothing is known without it
			now, then := j.Workload.Schema(*j.Optimizer).Names(), was.Workload.Schema(*was.Optimizer).Names()
			if j.Identity != was.Identity || j.ID != was.ID || !slices.Equal(now, then) {
				t.Fatalf("%s: %s is asked for, and %s on record\n%v\n%v", file, was.ID, j.ID, then, now)
			}
			seen++
		}
	}
	if seen < 200 {
		t.Errorf("only %d runs", seen)
	}
}
