package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
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
	t.Parallel()
	experiment := block(t, "../README.md", "toml")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "linear.toml"), []byte(experiment), 0o644); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if code := within(dir).steepest([]string{"run", "--quiet", "linear.toml"}, &output, &output); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &output)
	}
	if !strings.Contains(output.String(), "Does momentum help on a linear model?") {
		t.Errorf("the question is not shown:\n%s", &output)
	}
}

// shownPlugins is a folder with the plugins that the documentation knows, without those of the tests.
func shownPlugins(t *testing.T) string {
	t.Helper()
	shown := t.TempDir()
	for _, b := range plugin.Find([]plugin.Folder{{Path: pluginDir}}) {
		if b.Name != "rogue" && b.Name != "liar" {
			if err := os.Symlink(b.Path, filepath.Join(shown, proto.BinaryPrefix+b.Name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return shown
}

// TestErrorsDocument runs the commands in docs/errors.md and compares what they print.
func TestErrorsDocument(t *testing.T) {
	t.Parallel()
	command, want, _ := strings.Cut(block(t, "../docs/errors.md", "console"), "\n")
	command, ok := strings.CutPrefix(command, "$ steepest ")
	if !ok {
		t.Fatal("docs/errors.md shows no steepest command")
	}
	docs, err := filepath.Abs("../docs")
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	code := within(docs, "XDG_DATA_HOME="+t.TempDir(), plugin.PathEnv+"="+shownPlugins(t)).steepest(strings.Fields(command), &output, &output)
	if got := strings.ReplaceAll(output.String(), docs+"/", "") + fmt.Sprintf("$ echo $?\n%d\n", code); got != want {
		t.Errorf("docs/errors.md differs from what steepest prints:\n%s", got)
	}
	if code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}
