//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
)

// fenced is a block of a document: ```LANGUAGE FILE, or ```console.
var fenced = regexp.MustCompile("(?ms)^```(\\w+)(?: (\\S+))?\n(.*?)^```$")

// TestTutorial does what docs/writing-an-optimizer.md says, outside the tree.
func TestTutorial(t *testing.T) {
	known(t)
	t.Parallel()
	root := t.TempDir()
	variables := []string{"XDG_DATA_HOME=" + filepath.Join(root, "data"), plugin.PathEnv + "=" + pluginDir}
	if commands := follow(t, "../docs/writing-an-optimizer.md", root, variables, nil); commands < 10 {
		t.Errorf("only %d commands were found", commands)
	}
}

// follow does what a document says: it writes the files that are shown, runs the commands in order, with further variables, and looks for each line
// of the output that is shown. "..." stands for anything. before is called before each command, if it is not nil, with the
// folder in which that runs. It returns the number of commands.
func follow(t *testing.T, path, root string, variables []string, before func(command, dir string)) (commands int) {
	t.Helper()
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := root
	for _, block := range fenced.FindAllStringSubmatch(string(document), -1) {
		language, file, body := block[1], block[2], block[3]
		if file != "" {
			if err := os.WriteFile(filepath.Join(root, file), []byte(body), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if language != "console" {
			continue
		}
		for _, part := range strings.Split("\n"+body, "\n$ ")[1:] {
			command, want, _ := strings.Cut(part, "\n")
			commands++
			if to, ok := strings.CutPrefix(command, "cd "); ok {
				dir = filepath.Join(dir, to)
				continue
			}
			if before != nil {
				before(command, dir)
			}
			shell := exec.Command("sh", "-c", command)
			shell.Dir, shell.Env = dir, append(os.Environ(), variables...)
			out, err := shell.CombinedOutput()
			if (err != nil) != strings.Contains(want, "FAIL") {
				t.Fatalf("%s: %v\n%s", command, err, out)
			}
			shown(t, command, string(out), want)
		}
	}
	return commands
}

// shown looks for the wanted lines in the output, in their order.
func shown(t *testing.T, command, got, want string) {
	t.Helper()
	rest := got
	for line := range strings.Lines(want) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		pattern := strings.ReplaceAll(regexp.QuoteMeta(line), `\.\.\.`, ".*")
		at := regexp.MustCompile(pattern).FindStringIndex(rest)
		if at == nil {
			t.Errorf("%s does not print, or not in this order: %s\n%s", command, line, got)
			return
		}
		rest = rest[at[1]:]
	}
}

// TestRunsDocument does what docs/runs.md says, and looks for what it shows.
func TestRunsDocument(t *testing.T) {
	known(t)
	t.Parallel()
	if commands := follow(t, "../docs/runs.md", t.TempDir(), []string{plugin.PathEnv + "=" + pluginDir}, nil); commands < 15 {
		t.Errorf("only %d commands were found", commands)
	}
}

// TestCompareDocument compares as docs/compare.md says.
func TestCompareDocument(t *testing.T) {
	known(t)
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "experiments"), os.DirFS("../experiments")); err != nil {
		t.Fatal(err)
	}
	if commands := follow(t, "../docs/compare.md", dir, []string{plugin.PathEnv + "=" + pluginDir}, nil); commands != 5 {
		t.Errorf("%d commands were found", commands)
	}
}

// TestFiguresDocument draws what docs/figures.md says.
func TestFiguresDocument(t *testing.T) {
	known(t)
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "experiments"), os.DirFS("../experiments")); err != nil {
		t.Fatal(err)
	}
	if commands := follow(t, "../docs/figures.md", dir, []string{plugin.PathEnv + "=" + pluginDir}, nil); commands != 8 {
		t.Errorf("%d commands were found", commands)
	}
	for _, name := range []string{"rates.svg", "accuracy.pdf", "budget.png", "seconds.svg", "way.svg"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLectureDocument does what the course's README says.
func TestLectureDocument(t *testing.T) {
	known(t)
	t.Parallel()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "experiments"), os.DirFS("../experiments")); err != nil {
		t.Fatal(err)
	}
	if commands := follow(t, lecture+"/README.md", dir, []string{plugin.PathEnv + "=" + pluginDir}, nil); commands != 3 {
		t.Errorf("%d commands were found", commands)
	}
	if _, err := os.Stat(filepath.Join(dir, "01-classifier.svg")); err != nil {
		t.Error(err)
	}
}
