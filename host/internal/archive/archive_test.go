package archive

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// experiment puts results into a folder: for each learning rate a run of sgd with the seed 1, which diverged if the rate is above 1, and an
// unfinished one of adam.
func experiment(t *testing.T, dir string, tags []string, rates ...float64) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(dir)
	text, err := json.Marshal(map[string]any{"id": name, "began": time.Now(), "file": "/" + name + ".toml",
		"experiment": map[string]any{"name": name, "file": name + ".toml", "tags": tags, "notes": "of " + name}})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, store.ExperimentFile), text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	begin := func(folder string, o config.Optimizer) *store.Recorder {
		m := store.Manifest{Run: folder, Experiment: store.Reference{Name: name}, Problem: &config.Problem{Kind: "mlp"}, Optimizer: o, Seed: 1, Steps: 3,
			Started: time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC)}
		m.Identity = m.Asked().Identity()
		r, err := store.Create(filepath.Join(dir, folder), m, store.Extra{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Observe(&record.Sample{Epoch: -1, Row: true, Values: make([]record.Value, len(record.Standard()))}); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, lr := range rates {
		o := config.Optimizer{Name: "sgd lr=" + Text(lr), Base: "sgd", Plugin: "sgd"}
		o.Hyperparameters = map[string]any{"lr": lr, "nesterov": false}
		out := record.Outcome{Status: record.Finished, StepsToTarget: -1, Final: record.Named(map[string]record.Value{"train_loss": record.Measured(lr / 2)})}
		if lr > 1 {
			out.Status = record.Diverged
		}
		if err := begin("sgd-lr-"+Text(lr), o).End(out); err != nil {
			t.Fatal(err)
		}
	}
	o := config.Optimizer{Name: "adam", Plugin: "adam"}
	o.Hyperparameters = map[string]any{"lr": 0.5, "beta1": 0.9}
	begin("adam", o)
}

// chosen are the folders, below a root, of the runs of which a condition holds.
func chosen(t *testing.T, root, where string, folders ...string) (dirs []string, hint string, err error) {
	t.Helper()
	q, err := query.Parse(where)
	if err != nil {
		t.Fatal(err)
	}
	for i := range folders {
		folders[i] = filepath.Join(root, folders[i])
	}
	found, hint, err := Find(t.Context(), folders, q)
	for _, f := range found {
		for _, r := range f.Chosen {
			dir, _ := filepath.Rel(root, r.Dir)
			dirs = append(dirs, filepath.ToSlash(dir))
		}
	}
	return dirs, hint, err
}

// two are two experiments in a folder, beside what is none.
func two(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	experiment(t, filepath.Join(root, "one"), []string{"paper", "draft"}, 0.1, 1, 10)
	experiment(t, filepath.Join(root, "two"), nil, 0.1)
	if err := errors.Join(os.Mkdir(filepath.Join(root, "none"), 0o777), os.WriteFile(filepath.Join(root, "file"), nil, 0o666),
		os.Rename(filepath.Join(root, "none"), filepath.Join(root, ".none"))); err != nil {
		t.Fatal(err)
	}
	return root
}

// TestFind looks for runs in results, in a folder of results, and in that of one run, each once.
func TestFind(t *testing.T) {
	root := two(t)
	all := []string{"one/adam", "one/sgd-lr-0.1", "one/sgd-lr-1", "one/sgd-lr-10", "two/adam", "two/sgd-lr-0.1"}
	for _, c := range []struct {
		folders []string
		where   string
		want    []string
	}{
		{[]string{"."}, "", all},
		{[]string{"one", ".", "one"}, "", all},
		{[]string{"two/"}, "", all[4:]},
		{[]string{"one/sgd-lr-1", "two/adam"}, "", []string{"one/sgd-lr-1", "two/adam"}},
		{[]string{"one/sgd-lr-1"}, "lr < 1", nil},
		{[]string{"."}, "optimizer = sgd and lr < 1", []string{"one/sgd-lr-0.1", "two/sgd-lr-0.1"}},
		{[]string{"."}, "optimizer != sgd", []string{"one/adam", "two/adam"}}, // though none is called sgd
		{[]string{"."}, "optimizer = 'sgd lr=1'", []string{"one/sgd-lr-1"}},
		{[]string{"."}, "tag = draft and status = diverged", []string{"one/sgd-lr-10"}},
		{[]string{"."}, "status = unfinished", []string{"one/adam", "two/adam"}},
		{[]string{"."}, "not tag = paper and train_loss <= 0.05", []string{"two/sgd-lr-0.1"}},
		{[]string{"."}, "final_train_loss > 1 and started > 2026-11", []string{"one/sgd-lr-10"}},
		{[]string{"."}, "beta1 = 0.90 and experiment = two", []string{"two/adam"}},
		{[]string{"."}, "optimizer.nesterov = false and run ~ LR-1", []string{"one/sgd-lr-1", "one/sgd-lr-10"}},
	} {
		if got, hint, err := chosen(t, root, c.where, slices.Clone(c.folders)...); err != nil || hint != "" || !slices.Equal(got, c.want) {
			t.Errorf("%q in %q: %q, %q, %v; want %q", c.where, c.folders, got, hint, err, c.want)
		}
	}
	for folder, want := range map[string]string{"three": "there is no folder", ".none": "has no results in it", "file": "there is no folder"} {
		if _, _, err := chosen(t, root, "", folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", folder, err, want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := Find(ctx, []string{root}, query.Query{}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestSense: a comparison that can hold of no run, whatever runs there are, is an error with a remedy; a value that is like one that runs
// have is a hint.
func TestSense(t *testing.T) {
	root := two(t)
	for where, want := range map[string]string{
		"lrr < 1":                   `no run has a lrr; did you mean "lr"?`,
		"problem.kid = mlp":         `did you mean "problem.kind"?`,
		"status = finishd":          `there is no status "finishd"; did you mean "finished"?`,
		"status != finishd":         `there is no status "finishd"`,
		"lr > 1e-3s":                "write one without a unit",
		`not train_loss < "x"`:      `train_loss is a number`,
		"train_loss < nan":          `"nan" is not less or more than anything`,
		"optimizer < sgd":           "optimizer is a text",
		"tag >= 3":                  "compare it with =, !=, or ~",
		"nesterov = maybe":          "nesterov is true or false",
		"started > yesterday":       "started is a time such as",
		"started = 2026-11-25":      "write started > 2026-11-25, or started ~ 2026-11-25",
		"lr = 1 or steps_to_target": "behind steps_to_target stands no comparison",
		"steps_to_target > 1":       "no run has a steps_to_target",
	} {
		q, err := query.Parse(where)
		if err == nil {
			_, _, err = Find(t.Context(), []string{root}, q)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", where, err, want)
		}
	}
	for where, want := range map[string]string{
		"optimizer = adm":              `no run has the optimizer "adm"; did you mean "adam"?`,
		"lr = 0.1 and tag = papr":      `no run has the tag "papr"; did you mean "paper"?`,
		"optimizer = adm or lr = 0.1":  "", // there are some
		"optimizer = another":          "",
		"optimizer = adam and lr = 20": "",
	} {
		if _, hint, err := chosen(t, root, where, "."); err != nil || hint != want {
			t.Errorf("%s: %q, %v, want %q", where, hint, err, want)
		}
	}
}

// TestCount counts what Find finds, and keeps no run. Runs whose records are damaged are no runs, and told.
func TestCount(t *testing.T) {
	root := two(t)
	if err := os.WriteFile(filepath.Join(root, "two", "sgd-lr-0.1", store.RunFile), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	counted, err := Count(t.Context(), []string{root})
	if err != nil || len(counted) != 2 {
		t.Fatal(counted, err)
	}
	found, _, err := Find(t.Context(), []string{root}, query.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]int{{"finished": 2, "diverged": 1, "unfinished": 1}, {"unfinished": 1}} {
		c, f := counted[i], found[i]
		if len(c.Chosen) > 0 || c.Count() != f.Count() || c.Count() != len(f.Chosen) || len(c.Faults) != i || f.Whole() != (i == 0) {
			t.Errorf("%s: %v and %v", c.Dir, c, f)
		}
		for status, n := range want {
			if c.States[status] != n || f.States[status] != n {
				t.Errorf("%s: %v and %v, want %v", c.Dir, c.States, f.States, want)
			}
		}
	}
	if one := counted[0]; one.Name != "one" || one.File != "/one.toml" || one.Notes != "of one" || !slices.Equal(one.Tags, []string{"paper", "draft"}) {
		t.Errorf("%+v", *one.Results)
	}
	if all, err := Folders(t.Context(), []string{root}); err != nil || len(all) != 2 || all[1].ID != "two" {
		t.Errorf("%v, %v", all, err)
	}
}
