package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// planned is the plan of an experiment file with a text, with some jobs.
func planned(t *testing.T, text string, jobs ...plan.Job) plan.Plan {
	t.Helper()
	e, err := config.Parse("x.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	for i := range jobs {
		jobs[i].Workload, jobs[i].Optimizer = e.Workloads[0], cmp.Or(jobs[i].Optimizer, &config.Optimizer{})
	}
	return plan.Plan{Experiment: e, Jobs: jobs}
}

// TestEarlierRecords: a run whose manifest holds the whole experiment is read, exported and gone on with, and that experiment is not
// lost when the manifest is written anew.
func TestEarlierRecords(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/earlier")); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "sgd-seed2")
	records, faults, err := ReadRecords(t.Context(), run)
	if err != nil || len(faults) > 0 || len(records) != 1 {
		t.Fatal(records, faults, err)
	}
	r := records[0]
	points := 0
	err = r.Column("train_loss", func(int, time.Duration, float64, bool) error { points++; return nil })
	if err != nil || points != 4 || r.Experiment.Name != "earlier" || r.Problem.Kind != "mlp" || r.Optimizer.Name != "sgd" {
		t.Errorf("%d points, %v, %+v", points, err, r.Manifest)
	}
	if got := hashOf([]byte(`{"name": "a", "seeds": [1], "problem": {"kind": "mlp", "hidden": [3]}}`)); got == "" ||
		got != hashOf([]byte(`{"problem": {"hidden": [3], "kind": "mlp"}, "file": "b", "seeds": [1]}`)) ||
		got == hashOf([]byte(`{"problem": {"hidden": [3], "kind": "mlp"}, "seeds": [2]}`)) {
		t.Errorf("an experiment whose keys another version writes in another order is another one: %s", got)
	}
	const text = `
[problem]
kind = "rosenbrock"
[budget]
steps = 3
[target]
train_loss = 0.1
[record]
parameters = true
[[optimizer]]
plugin = "sgd"
`
	asked := planned(t, text, plan.Job{ID: "renamed", Identity: r.Identity, Steps: 3}, plan.Job{ID: "added", Identity: "added"})
	place := Place{Out: dir, Resume: true, Accept: true}
	take := func(asked plan.Plan) *Folder {
		t.Helper()
		folders, err := place.Claim(t.Context(), []plan.Plan{asked})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = folders[0].Close() })
		return folders[0]
	}
	f := take(planned(t, text, asked.Jobs[0]))
	if before := f.Before(); len(before) != 1 || before[0].Dir != run || before[0].Execution != "5b56c265" || before[0].Status != record.Finished {
		t.Errorf("%+v", before)
	}
	if _, err := os.Stat(filepath.Join(dir, ExperimentFile)); err == nil {
		t.Error("something was written though nothing is to be done")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(run, SummaryFile)); err != nil {
		t.Fatal(err)
	}
	f = take(asked)
	if todo := f.Todo(); len(todo) != 2 {
		t.Errorf("%+v", todo)
	}
	for name, want := range map[string]string{ExperimentFile: "What did a manifest hold?", "experiment-" + ConfigHash(asked.Experiment) + ".json": "rosenbrock"} {
		if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s does not say %s: %s, %v", name, want, b, err)
		}
	}
	weights := []*v1.Tensor{{Name: "layer1.weight", Length: 6}, {Name: "layer1.bias", Length: 3}, {Name: "layer2.weight", Length: 3},
		{Name: "layer2.bias", Length: 1}}
	before, err := stand(run)
	if err != nil {
		t.Fatal(err)
	}
	again, err := claim(run, before, before.begun.Manifest, f.worker, Extra{Schema: record.Standard(), Weights: weights})
	if err == nil {
		err = errors.Join(again.Observe(point(3)), again.End(record.Outcome{Status: record.Finished, Steps: 3, StepsToTarget: -1}))
	}
	after, bad := stand(run)
	if err = errors.Join(err, bad); err != nil {
		t.Fatal(err)
	}
	if m := after.record; !after.published || m.whole != nil || m.Identity != r.Identity || m.Target == nil || len(m.Resumed) != 1 {
		t.Errorf("%+v", m)
	}
	if files, _ := os.ReadDir(run); len(files) != 2 || after.verify() != nil {
		t.Errorf("%v, %v", files, after.verify())
	}
}

// TestExperimentsStandOnce: whatever experiments come into a folder, each stands there once, and none takes the place of another. One
// that is damaged is written again, and the hash of an earlier version gives way to the one that manifests have.
func TestExperimentsStandOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	const text = "question = \"%\"\n[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 3\n[[optimizer]]\nplugin = \"sgd\"\n"
	var hashes []string
	for i, question := range []string{"first", "second", "first", "third", "second", "first"} {
		switch i {
		case 4:
			if err := os.WriteFile(filepath.Join(dir, "experiment-"+hashes[1]+".json"), []byte("{"), 0o644); err != nil {
				t.Fatal(err)
			}
		case 5:
			path := filepath.Join(dir, ExperimentFile)
			b, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, bytes.Replace(b, []byte(hashes[0]), []byte("ffffffffffff"), 1), 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		asked := planned(t, strings.Replace(text, "%", question, 1), plan.Job{ID: string(rune('a' + i))})
		asked.Warn("budget.steps", "few steps", "make more")
		folders, err := Place{Out: dir}.Claim(t.Context(), []plan.Plan{asked})
		if err == nil {
			err = folders[0].Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, folders[0].hash)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	for i, want := range []string{0: "first", 1: "second", 3: "third"} {
		if want == "" {
			continue
		}
		name := ExperimentFile
		if i > 0 {
			name = "experiment-" + hashes[i] + ".json"
		}
		var b struct {
			ConfigHash string `json:"config_hash"`
			Experiment config.Experiment
			Warnings   []config.Diagnostic
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = json.Unmarshal(text, &b)
		}
		if err != nil || b.Experiment.Question != want || len(b.Warnings) != 1 || b.ConfigHash != hashes[i] {
			t.Errorf("%s: %s, %v", name, text, err)
		}
	}
}
