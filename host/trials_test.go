//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSamplers lets the samplers of docs/tuning.md choose trials, and be told of those that are on record.
func TestSamplers(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/tuning.md")
	if err != nil {
		t.Fatal(err)
	}
	needs := []struct {
		module, install string
		required        bool
	}{{"json", "apt-get install python3", true}, {"optuna", "pip install optuna", false}}
	found := 0
	for _, block := range fenced.FindAllStringSubmatch(string(b), -1) {
		if block[1] != "python" {
			continue
		}
		need := needs[found]
		found++
		t.Run(need.module, func(t *testing.T) {
			t.Parallel()
			python, dir := pythonWith(t, need.module, need.install, need.required), t.TempDir()
			for name, text := range map[string]string{"sampler.py": block[3], "x.toml": `
problem = { kind = "rosenbrock", gradient_noise = 0.1 }
budget.steps = 20
search = { kind = "external", trials = 6, batch = 2, measure = "train_loss final" }
[[optimizer]]
plugin = "momentum"
lr = { log_uniform = [1e-6, 1e-3] }
momentum = { choice = [0.0, 0.5, 0.9] }
`} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			runs := func() int {
				names, err := filepath.Glob(filepath.Join(dir, "out", "*", "run.json"))
				if err != nil {
					t.Fatal(err)
				}
				return len(names)
			}
			for _, trials := range []string{"4", "6", "6"} { // begun, gone on with, and all there
				var out output
				args := []string{"run", "--out", "out", "--set", "search.trials=" + trials, "--trials-from", python + " sampler.py", "x.toml"}
				if code := within(dir).steepest(args, &out, &out); code != exitOK {
					t.Fatalf("exit code %d\n%s", code, &out)
				}
				if want := map[string]int{"4": 4, "6": 6}[trials]; runs() != want {
					t.Errorf("%d runs, want %d\n%s", runs(), want, &out)
				}
				if !strings.Contains(out.String(), "by another program: at most "+trials+" trials of each optimizer") {
					t.Errorf("the output does not say who chose:\n%s", &out)
				}
			}
			trials, err := filepath.Glob(filepath.Join(dir, "out", "momentum*-seed1-*"))
			if err != nil || len(trials) != 6 {
				t.Fatal(trials, err)
			}
			var out output // what was chosen can be made once more without who chose it
			if code := within(dir).steepest([]string{"landscape", "spectrum", "--at", "7", trials[0]}, &out, &out); code != exitOK || !strings.Contains(out.String(), "with the same bits") {
				t.Errorf("exit code %d\n%s", code, &out)
			}
		})
	}
	if found != len(needs) {
		t.Errorf("%d samplers were found, want %d", found, len(needs))
	}
}
