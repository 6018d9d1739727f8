package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
)

func TestClaimNeverSharesAFolder(t *testing.T) {
	path, e := filepath.Join(t.TempDir(), "runs", "x"), &config.Experiment{File: "x.toml", Name: "x"}
	seen := map[string]*Folder{}
	for range 3 {
		f, err := Claim(path, e)
		if err != nil || seen[f.Dir] != nil {
			t.Fatalf("%s, %v", f.Dir, err)
		}
		seen[f.Dir] = f
	}
	if seen[path] == nil || seen[path+"-2"] == nil || seen[path+"-3"] == nil {
		t.Errorf("%v", seen)
	}
	// Each is held: another program can look, and write nothing.
	var held *Held
	if _, err := Use(path, e, nil); !errors.As(err, &held) || held.By.PID != os.Getpid() {
		t.Errorf("a second user: %v", err)
	}
	other, err := Resume(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Look(t.Context(), e, []plan.Job{{Folder: "r"}}, Numerics{}, false); !errors.As(err, &held) {
		t.Errorf("with something to do: %v", err)
	}
	if _, err := other.Look(t.Context(), e, nil, Numerics{}, false); err != nil {
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
	if b, ok := readBegun(path + "-2"); !ok || b.Experiment.File != "x.toml" {
		t.Errorf("%+v", b)
	}
}

// TestTidy: of files over whose writing a program was killed nothing is left, and nothing else is taken for one.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"experiment.json.0123456789abcdef", "manifest.json.backup", "summary.json.0123456789abcdef", "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Resume(dir)
	if err == nil {
		err = f.Close()
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}
