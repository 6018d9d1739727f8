//go:build unix

package owned

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSweep: only what has no owner goes, and no link leads out of the folder.
func TestSweep(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	kept := filepath.Join(elsewhere, "kept")
	for _, path := range []string{filepath.Join(dir, "x-1", "deep"), filepath.Join(dir, "x-2"), filepath.Join(dir, "x-named"),
		filepath.Join(dir, "y-1"), kept} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"x-3": elsewhere, "x-1/link": elsewhere, "x-4": kept} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"x-5", "x-6"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"x-2", "x-5"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		if !Claim(f) {
			t.Errorf("%s is somebody else's", name)
		}
	}
	Sweep(dir, "x-")
	for name, want := range map[string]bool{"x-1": false, "x-2": true, "x-3": true, "x-4": true, "x-5": true, "x-6": false,
		"x-named": true, "y-1": true} {
		if _, err := os.Lstat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", name, err == nil, want)
		}
	}
	if _, err := os.Stat(kept); err != nil {
		t.Error(err)
	}
}

// TestClaimTooLate: who comes after a sweep knows it.
func TestClaimTooLate(t *testing.T) {
	dir := t.TempDir()
	f, err := os.CreateTemp(dir, "x-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	Sweep(dir, "x-")
	if Claim(f) {
		t.Error("it claimed what was swept")
	}
}
