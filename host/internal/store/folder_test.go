package store

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
)

const small = "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 3\n[[optimizer]]\nplugin = \"sgd\"\n"

func TestClaimNeverSharesAFolder(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "runs")
	path := filepath.Join(parent, "x")
	asked := planned(t, small, plan.Job{ID: "r"})
	claim := func(p Place) (*Folder, error) {
		folders, err := p.Claim(t.Context(), []plan.Plan{asked})
		if err != nil {
			return nil, err
		}
		return folders[0], nil
	}
	seen := map[string]*Folder{}
	for range 3 {
		f, err := claim(Place{Parent: parent})
		if err != nil || seen[f.Dir] != nil {
			t.Fatalf("%v, %v", f, err)
		}
		seen[f.Dir] = f
	}
	if seen[path] == nil || seen[path+"-2"] == nil || seen[path+"-3"] == nil {
		t.Errorf("%v", seen)
	}
	// Each is held: another program can look, and write nothing.
	var held *Held
	if _, err := claim(Place{Out: path}); !errors.As(err, &held) || held.By.PID != os.Getpid() {
		t.Errorf("a second user: %v", err)
	}
	if _, err := claim(Place{Out: path, Resume: true}); !errors.As(err, &held) {
		t.Errorf("with something to do: %v", err)
	}
	asked.Jobs = nil
	if _, err := claim(Place{Out: path, Resume: true}); err != nil {
		t.Errorf("with nothing to do: %v", err)
	}
	// One that is given back unused is gone; results are not.
	if err := seen[path].Discard(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a folder without use is left")
	}
	if err := seen[path+"-2"].Close(); err != nil {
		t.Error(err)
	}
	if o, ok := originOf(path + "-2"); !ok || o.Experiment.File != "x.toml" {
		t.Errorf("%+v", o)
	}
}

// TestClaimAllOrNone: if the results of one experiment cannot be had, nothing is left of those of the others.
func TestClaimAllOrNone(t *testing.T) {
	parent := t.TempDir()
	good, bad := planned(t, small, plan.Job{ID: "r"}), planned(t, small, plan.Job{ID: "r"})
	bad.Workloads[0].Optimizers[0].Hyperparameters = map[string]any{"lr": math.NaN()} // JSON cannot have it
	folders, err := Place{Parent: parent}.Claim(t.Context(), []plan.Plan{good, bad})
	left, _ := os.ReadDir(parent)
	if err == nil || len(left) > 0 {
		t.Errorf("%v, %v; left: %v", folders, err, left)
	}
	// Nor in folders that the user named; what was there before stays.
	out := filepath.Join(parent, "out")
	good.Name, bad.Name = "good", "bad"
	for _, there := range []string{"bad", "good/notes"} {
		path := filepath.Join(out, there)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
		folders, err = Place{Out: out}.Claim(t.Context(), []plan.Plan{good, bad})
		left := 0
		err2 := filepath.WalkDir(parent, func(_ string, f fs.DirEntry, err error) error {
			if err == nil && !f.IsDir() {
				left++
			}
			return err
		})
		_, none := os.Stat(filepath.Join(out, "good"))
		if err == nil || err2 != nil || there == "bad" && (left != 1 || none == nil) || there != "bad" && (left != 2 || none != nil) {
			t.Errorf("%v, %v, %v; left: %d files, %v", folders, err, err2, left, none)
		}
	}
}

// TestTidy: of files over whose writing a program was killed nothing is left, and nothing else is taken for one.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"experiment.json.0123456789abcdef", "experiment-0123456789ab.json.0123456789abcdef", "manifest.json.backup", "summary.json.0123456789abcdef", "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := resume(dir, plan.Plan{Experiment: &config.Experiment{}})
	if err == nil {
		err = f.Close()
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}
