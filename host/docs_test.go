package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// TestErrorsDocument runs the commands in docs/errors.md and compares what they print.
func TestErrorsDocument(t *testing.T) {
	document, err := os.ReadFile("../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(string(document), "```console\n$ steepest ")
	block, _, closed := strings.Cut(block, "```")
	command, want, _ := strings.Cut(block, "\n")
	if !ok || !closed || command == "" {
		t.Fatal("docs/errors.md has no console block with a steepest command")
	}
	t.Chdir("../docs")
	t.Setenv(optimizer.PathEnv, pluginDir)
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	// The test's own plugin is not in the documentation.
	hidden := t.TempDir()
	for _, b := range optimizer.Find([]string{pluginDir}) {
		if b.Name != "rogue" {
			if err := os.Symlink(b.Path, hidden+"/"+"steepest-optimizer-"+b.Name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv(optimizer.PathEnv, hidden)
	var output bytes.Buffer
	code := steepest(strings.Fields(command), &output, &output)
	if got := output.String() + fmt.Sprintf("$ echo $?\n%d\n", code); got != want {
		t.Errorf("docs/errors.md differs from what steepest prints:\n%s", got)
	}
	if code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}
