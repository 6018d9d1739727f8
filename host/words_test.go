package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestLastWords: what a plugin prints in the last step of a run, or as it dies, is in the log of that run and of no other.
func TestLastWords(t *testing.T) {
	t.Parallel()
	const seeds = 20
	dir := t.TempDir()
	text := fmt.Sprintf("[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 10\n[seeds]\ncount = %d\n", seeds)
	for _, mode := range []string{"words", "last-words"} {
		text += fmt.Sprintf("[[optimizer]]\nplugin = \"rogue\"\nname = %q\nmode = %q\non_plugin_failure = \"fail\"\n", mode, mode)
	}
	if err := os.WriteFile(filepath.Join(dir, "e.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	if code := steepest([]string{"run", "--quiet", "--jobs", "1", "--out", out, filepath.Join(dir, "e.toml")}, io.Discard, io.Discard); code != exitFailed {
		t.Fatalf("exit code %d", code)
	}
	for mode, name := range map[string]string{"words": "plugin.log", "last-words": "attempt-1.plugin.log"} { // the latter is not over
		for seed := range seeds {
			file := filepath.Join(runFolder(t, out, fmt.Sprintf("%s-seed%d", mode, seed+1)), name)
			if b, err := os.ReadFile(file); err != nil || string(b) != "to standard output\nto standard error, without an end of line" {
				t.Errorf("%s: %q, %v", file, b, err)
			}
		}
	}
}
