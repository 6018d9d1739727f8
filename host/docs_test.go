package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/proto"
)

// block returns the first fenced block of a language in a document.
func block(t *testing.T, document, language string) string {
	t.Helper()
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(b), "```"+language+"\n")
	body, _, closed := strings.Cut(rest, "\n```")
	if !ok || !closed {
		t.Fatalf("%s has no block of %s", document, language)
	}
	return body + "\n"
}

// TestReadmeExperiment runs the experiment that README shows.
func TestReadmeExperiment(t *testing.T) {
	experiment := block(t, "../README.md", "toml")
	t.Chdir(t.TempDir())
	t.Setenv(optimizer.PathEnv, pluginDir)
	if err := os.WriteFile("linear.toml", []byte(experiment), 0o644); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if code := steepest([]string{"run", "--quiet", "linear.toml"}, &output, &output); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &output)
	}
	if !strings.Contains(output.String(), "Does momentum help on a linear model?") {
		t.Errorf("the question is not shown:\n%s", &output)
	}
}

// TestTutorialPlugin builds the optimizer of docs/writing-an-optimizer.md as a module of its own and uses it.
func TestTutorialPlugin(t *testing.T) {
	source := block(t, "../docs/writing-an-optimizer.md", "go")
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{
		"main.go": source,
		"go.sum":  string(sums),
		"go.mod": "module example.org/lion\n\ngo 1.26.0\n\nrequire github.com/steepest/steepest v0.0.0\n\n" +
			"replace github.com/steepest/steepest => " + root + "\n",
		"lion.toml": "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 50\n[[optimizer]]\nplugin = \"lion\"\n",
	} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.Command("go", "build", "-mod=mod", "-o", "plugins/steepest-optimizer-lion", ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, args := range [][]string{{"plugins", "describe", "lion"}, {"run", "--quiet", "lion.toml"}} {
		var output bytes.Buffer
		if code := steepest(append([]string{"--plugin-dir", "plugins"}, args...), &output, &output); code != exitOK {
			t.Errorf("%v: exit code %d\n%s", args, code, &output)
		}
	}
}

// TestErrorsDocument runs the commands in docs/errors.md and compares what they print.
func TestErrorsDocument(t *testing.T) {
	command, want, _ := strings.Cut(block(t, "../docs/errors.md", "console"), "\n")
	command, ok := strings.CutPrefix(command, "$ steepest ")
	if !ok {
		t.Fatal("docs/errors.md shows no steepest command")
	}
	t.Chdir("../docs")
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	// The test's own plugin is not in the documentation.
	shown := t.TempDir()
	for _, b := range optimizer.Find([]optimizer.Folder{{Path: pluginDir}}) {
		if b.Name != "rogue" && b.Name != "liar" {
			if err := os.Symlink(b.Path, filepath.Join(shown, proto.BinaryPrefix+b.Name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv(optimizer.PathEnv, shown)
	var output bytes.Buffer
	code := steepest(strings.Fields(command), &output, &output)
	if got := output.String() + fmt.Sprintf("$ echo $?\n%d\n", code); got != want {
		t.Errorf("docs/errors.md differs from what steepest prints:\n%s", got)
	}
	if code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}
