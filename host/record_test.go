package main

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// writeArray writes a NumPy file of float64.
func writeArray(t *testing.T, file string, rows, columns int, values ...float64) {
	t.Helper()
	shape := fmt.Sprintf("(%d, %d)", rows, columns)
	if columns == 0 {
		shape = fmt.Sprintf("(%d,)", rows)
	}
	b := []byte("\x93NUMPY\x01\x00\x76\x00" + fmt.Sprintf("%-117s\n", "{'descr': '<f8', 'fortran_order': False, 'shape': "+shape+", }"))
	b, err := binary.Append(b, binary.LittleEndian, values)
	if err == nil {
		err = os.WriteFile(file, b, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// experiment writes an experiment file into a folder, runs it there and returns what it says. Its results are in runs/NAME.
func experiment(t *testing.T, dir, name, text string, flags ...string) (stdout string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name+".toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, notes output
	if code := within(dir).steepest(append(append([]string{"run", "--quiet"}, flags...), name+".toml"), &out, &notes); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}
	return out.String()
}

// columnsOf reads a steps.csv by columns.
func columnsOf(t *testing.T, dir string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, store.StepsFile))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			all[name] = append(all[name], row[i])
		}
	}
	return all
}

// TestNaNIsNotMissing: on the test file the outputs are infinity less infinity. What was measured is NaN wherever it is shown,
// whether the problem has classes or not, and what was not measured is nowhere.
func TestNaNIsNotMissing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	writeArray(t, filepath.Join(root, "x.npy"), 4, 2, 1, 2, 2, 1, 3, 4, 0.5, 1)
	writeArray(t, filepath.Join(root, "y.npy"), 4, 0, 1.5, 2.5, 3.5, 0.5)
	writeArray(t, filepath.Join(root, "c.npy"), 4, 0, 0, 1, 1, 0)
	writeArray(t, filepath.Join(root, "tx.npy"), 1, 2, 1e308, 1e308)
	writeArray(t, filepath.Join(root, "ty.npy"), 1, 0, 1)
	writeArray(t, filepath.Join(root, "w.npy"), 1, 2, 10, -10)
	const text = `
[problem]
kind = "mlp"
dataset = { file = "x.npy", targets = "%s", test_file = "tx.npy", test_targets = "ty.npy"%s }
scale = "none"
batch = "full"
weight_init = { file = "w.npy" }
%s
[budget]
steps = 3
[[optimizer]]
plugin = "sgd"
lr = 0.01
`
	for _, c := range []struct {
		name, targets, task, split string
		losses                     [4]string // final validation and test loss, validation and test accuracy; empty if missing
	}{
		{"regression", "y.npy", `, task = "regression"`, "", [4]string{"NaN"}},
		{"classification", "c.npy", "", "", [4]string{"NaN", "", "0"}},
		{"test", "y.npy", `, task = "regression"`, "validation = 0.25", [4]string{"number", "NaN"}},
	} {
		out := experiment(t, root, c.name, fmt.Sprintf(text, c.targets, c.task, c.split))
		if !strings.Contains(out, " NaN ") {
			t.Errorf("%s: the table shows\n%s", c.name, out)
		}
		dir := runFolder(t, root, "runs", c.name, "sgd-seed1")
		b, err := os.ReadFile(filepath.Join(dir, store.RunFile))
		if err != nil {
			t.Fatal(err)
		}
		var run struct{ Summary map[string]any }
		if err := json.Unmarshal(b, &run); err != nil {
			t.Fatal(err)
		}
		for i, key := range []string{"final_validation_loss", "final_test_loss", "final_validation_accuracy", "final_test_accuracy"} {
			got := ""
			if x, is := run.Summary[key]; is {
				if got = fmt.Sprint(x); got != "NaN" && c.losses[i] == "number" {
					got = "number"
				}
			}
			if got != c.losses[i] {
				t.Errorf("%s: %s is %q, want %q", c.name, key, got, c.losses[i])
			}
		}
		steps := columnsOf(t, dir)
		for i, column := range []string{"validation_loss", "validation_accuracy"} {
			want := c.losses[2*i]
			if got := steps[column]; want != "number" && !slices.Equal(got, slices.Repeat([]string{want}, 4)) {
				t.Errorf("%s: %s is %q, want %q at each point", c.name, column, got, want)
			}
		}
		var export, notes output
		if code := steepest([]string{"export", dir, "--axis", "step"}, &export, &notes); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &notes)
		}
		if n := strings.Count(export.String(), "} NaN 9"); n != 5 && c.losses[0] == "NaN" { // at the four points, and at last
			t.Errorf("%s: the export has %d NaN, want 5\n%s", c.name, n, &export)
		}
	}
}

// TestScheduledColumns: what changes with the steps is on record, each hyperparameter with the value of the update that follows.
func TestScheduledColumns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	experiment(t, dir, "x", `
[problem]
kind = "sphere"
start = [1.0, 1.0]
[budget]
steps = 4
[record]
parameters = true
[[optimizer]]
plugin = "adam"
lr = { schedule = "linear", from = 0.5 }
beta2 = { schedule = "piecewise", values = [0.9, 0.99], at = [2] }
beta1 = { schedule = "linear", from = 0.5, to = 1.0, steps = 8 }
[[optimizer]]
plugin = "adam"
name = "plain"
[[optimizer]]
plugin = "rogue"
at = { schedule = "linear", from = 10.0, to = 1.0 }
`)
	steps := columnsOf(t, runFolder(t, dir, "runs/x/adam-seed1"))
	for column, want := range map[string][]string{
		"learning_rate":        {"0.5", "0.375", "0.25", "0.125", ""},
		"hyperparameter.beta1": {"0.5", "0.5625", "0.625", "0.6875", ""},
		"hyperparameter.beta2": {"0.9", "0.9", "0.99", "0.99", ""},
	} {
		if !slices.Equal(steps[column], want) {
			t.Errorf("%s: %q, want %q", column, steps[column], want)
		}
	}
	if len(steps["x[1]"]) != 5 || steps["x[1]"][0] != "1" || steps["hyperparameter.lr"] != nil {
		t.Errorf("%q", steps)
	}
	if got := columnsOf(t, runFolder(t, dir, "runs/x/rogue-seed1"))["hyperparameter.at"]; !slices.Equal(got, []string{"10", "8", "6", "3", ""}) {
		t.Errorf("of whole numbers those that the plugin gets are recorded, not %q", got)
	}
	for column := range columnsOf(t, runFolder(t, dir, "runs/x/plain-seed1")) {
		if strings.HasPrefix(column, "hyperparameter.") {
			t.Errorf("a column %s of what nobody scheduled", column)
		}
	}
}

// TestNextCommand: the command goes on with these results, wherever they and the file are.
func TestNextCommand(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct {
		out, dir, file string
		interrupted    bool
		plugins        []string
		blas           string
	}{
		"steepest report runs/x":     {"", "runs/x", "x.toml", false, nil, "auto"},
		"steepest report -- '-o ut'": {"-o ut", "-o ut", "x.toml", false, nil, "auto"},
		"steepest run x.toml":        {"", "runs/x", "x.toml", true, nil, "auto"},
		"steepest run --out r/x --plugin-dir 'my plugins' 'it'\\''s'": {"r", "r/x", "it's", true, []string{"my plugins"}, "auto"},
		"steepest run --out '-my results' -- '-a\nb.toml'":            {"-my results", "-my results", "-a\nb.toml", true, nil, "auto"},
		`steepest run $'\033[2J.toml'`:                                {"", "runs/x", "\x1b[2J.toml", true, nil, "auto"},
		"steepest run --blas gonum x.toml":                            {"", "runs/x", "x.toml", true, nil, "gonum"},
	} {
		runs := []store.Run{{Dir: c.dir + "/sgd-seed1"}, {Dir: c.dir + "/adam-seed1", Outcome: record.Outcome{Steps: 3}}}
		e := ready{plan.Plan{Experiment: &config.Experiment{File: c.file}}, &store.Folder{Dir: c.dir}, nil}
		o := runOptions{out: c.out, blas: blasOptions{choice: c.blas}, program: &program{pluginDirs: c.plugins}}
		if got := o.next(e, runs, c.interrupted); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	// Of a run that failed, what its plugin said last.
	dir := t.TempDir()
	for _, name := range []string{"attempt-2.plugin.log", "attempt-10.plugin.log", "attempt-11.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e := ready{plan.Plan{Experiment: &config.Experiment{}}, &store.Folder{Dir: "x"}, nil}
	runs := []store.Run{{Dir: "none", Outcome: record.Outcome{Status: record.Failed}}, {Dir: dir, Outcome: record.Outcome{Status: record.Finished}}}
	if got := (runOptions{}).next(e, runs, false); got != "steepest report x" {
		t.Errorf("got %s", got)
	}
	if got := (runOptions{report: true}).next(e, runs, false); got != "steepest runs show x" {
		t.Errorf("got %s", got)
	}
	runs[1].Status = record.Failed
	if got, want := (runOptions{}).next(e, runs, false), "cat "+filepath.Join(dir, "attempt-10.plugin.log"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestJSONDocument: docs/json.md has every key of the events.
func TestJSONDocument(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	out := experiment(t, dir, "x", `
[problem]
kind = "mlp"
dataset = "breast-cancer"
hidden = []
validation = 0.2
test = 0.2
[budget]
epochs = 2
[target]
train_loss = 0.5
[seeds]
count = 5
[[optimizer]]
plugin = "sgd"
[[expect]]
claim = "It learns nothing bad"
measure = "train_loss"
over = "mean"
optimizer = "sgd"
less_than = 100
[[expect]]
measure = "validation_loss"
between = [0, 100]
[[expect]]
measure = "validation_loss"
greater_than = -1e9
`, "--json")
	keys := map[string]bool{}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				keys[key] = true
				if key != "summary" && key != "claim" { // those are described elsewhere
					collect(value)
				}
			}
		case []any:
			for _, value := range v {
				collect(value)
			}
		}
	}
	for line := range strings.Lines(out) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		if event["experiment"] != "x" || event["directory"] != filepath.Join(dir, "runs/x") {
			t.Errorf("an event does not say of what: %s", line)
		}
		collect(event)
	}
	if len(keys) < 30 {
		t.Errorf("only %d keys: %v", len(keys), keys)
	}
	for key := range keys {
		if !strings.Contains(string(document), "`"+key+"`") {
			t.Errorf("docs/json.md does not say what %s is", key)
		}
	}
}
