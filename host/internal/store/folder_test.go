package store

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
)

const small = "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 3\n[[optimizer]]\nplugin = \"sgd\"\n"

// TestPlace: the results of an experiment are found again, whatever their folder is called, and no two experiments share one by its name.
func TestPlace(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "runs")
	path := filepath.Join(parent, "x")
	claim := func(asked plan.Plan) string {
		t.Helper()
		folders, err := Place{Parent: parent}.Claim(t.Context(), []plan.Plan{asked})
		if err == nil {
			err = folders[0].Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return folders[0].Dir
	}
	of := func(file, text string) plan.Plan {
		asked := planned(t, text, plan.Job{ID: "r"})
		asked.File = filepath.Join(parent, file)
		return asked
	}
	one, other := of("a/x.toml", small), of("b/x.toml", strings.Replace(small, "3", "4", 1))
	for range 2 {
		if dir := claim(one); dir != path {
			t.Errorf("%s, want %s", dir, path)
		}
		if dir := claim(other); dir != path+"-2" {
			t.Errorf("another file of the name: %s", dir)
		}
	}
	if err := os.Rename(path, path+"-renamed"); err != nil {
		t.Fatal(err)
	}
	if dir := claim(one); dir != path+"-renamed" {
		t.Errorf("renamed results are not found: %s", dir)
	}
	if dir := claim(of("c/moved.toml", small)); dir != path+"-renamed" {
		t.Errorf("those of a moved file are not found: %s", dir)
	}
	if dir := claim(of("a/x.toml", strings.Replace(small, "3", "5", 1))); dir != path+"-renamed" {
		t.Errorf("those of a changed file are not found: %s", dir)
	}
	if dir := claim(of("d/x.toml", strings.Replace(small, "3", "6", 1))); dir != path {
		t.Errorf("the free name is not taken: %s", dir)
	}
	if left, _ := filepath.Glob(filepath.Join(parent, "*", ".*")); len(left) > 0 {
		t.Errorf("signs of life are left: %v", left)
	}
}

// TestBeginAtOnce: programs that begin an experiment at once have one folder.
func TestBeginAtOnce(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "runs")
	var group errgroup.Group
	asked := planned(t, small, plan.Job{ID: "r"})
	for range 8 {
		group.Go(func() error {
			folders, err := Place{Parent: parent}.Claim(t.Context(), []plan.Plan{asked})
			if err != nil {
				return err
			}
			return folders[0].Close()
		})
	}
	err := group.Wait()
	all, _ := filepath.Glob(filepath.Join(parent, "*"))
	hidden, _ := filepath.Glob(filepath.Join(parent, ".*"))
	if err != nil || len(all) != 1 || len(hidden) > 0 {
		t.Errorf("%v, %v, %v", all, hidden, err)
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
	f, err := use(dir, plan.Plan{Experiment: &config.Experiment{}}, Place{})
	if err == nil {
		err = errors.Join(f.enter(), f.Close())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}
