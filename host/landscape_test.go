package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/proto"
)

// TestLandscapeDocument does what docs/landscape.md says: every command ends well, and the figures that it draws are there.
func TestLandscapeDocument(t *testing.T) {
	known(t)
	t.Parallel()
	const document = "../docs/landscape.md"
	dir := t.TempDir()
	here := within(dir)
	if err := os.WriteFile(filepath.Join(dir, "moons.toml"), []byte(block(t, document, "toml")), 0o644); err != nil {
		t.Fatal(err)
	}
	commands := 0
	for line := range strings.Lines(block(t, document, "console")) {
		command, is := strings.CutPrefix(strings.TrimSpace(line), "$ steepest ")
		if !is {
			t.Fatalf("%q is no command", line)
		}
		var args []string
		for word := range strings.FieldsSeq(command) {
			if strings.Contains(word, "*") { // as a shell does
				found, err := filepath.Glob(filepath.Join(dir, word))
				if err != nil || len(found) != 1 {
					t.Fatalf("%s: %v, %v", word, found, err)
				}
				word = found[0]
			}
			args = append(args, word)
		}
		var out bytes.Buffer
		if code := here.steepest(args, &out, &out); code != exitOK {
			t.Errorf("%s: exit code %d\n%s", command, code, &out)
		}
		commands++
	}
	for _, file := range []string{"spectrum.svg", "plane.svg", "way.svg", "runs/moons/report.html"} {
		if info, err := os.Stat(filepath.Join(dir, file)); err != nil || info.Size() < 10_000 {
			t.Errorf("%s: %v", file, err)
		}
	}
	if commands != 8 {
		t.Errorf("%d commands", commands)
	}
}

// TestWeightsOfARun: weights come from files, from rows, or from the run made once more, all the same; what was changed is not taken, and a run that would be another is refused.
func TestWeightsOfARun(t *testing.T) {
	known(t)
	t.Parallel()
	dir := t.TempDir()
	plugins := filepath.Join(dir, "plugins")
	if err := os.Mkdir(plugins, 0o755); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(plugins, proto.BinaryPrefix+"sgd")
	built, err := os.ReadFile(filepath.Join(pluginDir, proto.BinaryPrefix+"sgd"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(path string, content []byte, mode os.FileMode) {
		t.Helper()
		_ = os.Remove(path) // it may be running
		if err := os.WriteFile(path, content, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(program, built, 0o755)
	here := within(dir, plugin.PathEnv+"="+plugins)
	write(filepath.Join(dir, "valley.toml"), []byte(`
problem = { kind = "rosenbrock" }
budget = { steps = 20 }
record = { parameters = true, weights = [5] }
optimizer = [{ plugin = "sgd", lr = 1e-3 }]
`), 0o644)
	steepest := func(want int, args ...string) string {
		t.Helper()
		var out, log bytes.Buffer
		if code := here.steepest(args, &out, &log); code != want {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, &out, &log)
		}
		if want != exitOK {
			return log.String()
		}
		return out.String()
	}
	says := func(text, want string) {
		t.Helper()
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	steepest(exitOK, "run", "--quiet", "valley.toml")
	runs, err := filepath.Glob(filepath.Join(dir, "runs/valley/sgd-seed*"))
	if err != nil || len(runs) == 0 {
		t.Fatal(err)
	}
	spectrum := []string{"landscape", "spectrum", "--json", "--at", "5", runs[0]}
	files := steepest(exitOK, spectrum...)
	kept := filepath.Join(runs[0], "weights-5", "x.npy")
	array, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(array)
	changed[len(changed)-8] ^= 1
	write(kept, changed, 0o644)
	says(steepest(exitUsage, spectrum...), "the SHA-256 of the weights in it is not that on record")
	if err := os.RemoveAll(filepath.Dir(kept)); err != nil {
		t.Fatal(err)
	}
	if rows := steepest(exitOK, spectrum...); rows != files {
		t.Errorf("by rows %s, by files %s", rows, files)
	}

	// Without either the run is made once more.
	steepest(exitOK, "run", "--quiet", "--set", "record.parameters=false", "--set", "record.weights=[]", "--out", "bare", "valley.toml")
	runs, err = filepath.Glob(filepath.Join(dir, "bare/sgd-seed*"))
	if err != nil || len(runs) == 0 {
		t.Fatal(err)
	}
	spectrum[len(spectrum)-1] = runs[0]
	again := steepest(exitOK, spectrum...)
	says(again, "was made once more up to step 5, with the same bits")
	_, values, _ := strings.Cut(files, `"parameters"`)
	says(again, values)

	// A plugin that was rebuilt since is not the one that made the run, unless its program was kept.
	write(program, append(bytes.Clone(built), 0), 0o755)
	if rebuilt := steepest(exitOK, spectrum...); rebuilt != again {
		t.Errorf("%s\n\nwith the program that was kept %s", again, rebuilt)
	}
	if err := os.RemoveAll(filepath.Join(dir, "bare/.plugins")); err != nil {
		t.Fatal(err)
	}
	says(steepest(exitUsage, spectrum...), "cannot be made once more: its plugin binary is another now")
}
