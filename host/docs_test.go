package main

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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

// blocks are all fenced blocks of a language in a document.
func blocks(t *testing.T, document, language string) (all []string) {
	t.Helper()
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(b), "```"+language+"\n")[1:] {
		body, _, _ := strings.Cut(part, "\n```")
		all = append(all, body+"\n")
	}
	return all
}

// TestReadmeExperiments runs the experiments that README shows. The first one is the quickstart, in fewer lines: its runs are the same, and what README shows
// of them is what comes out, verdicts and figure.
func TestReadmeExperiments(t *testing.T) {
	known(t)
	t.Parallel()
	dir := t.TempDir()
	here := within(dir)
	for i, text := range blocks(t, "../README.md", "toml")[:2] {
		if err := os.WriteFile(filepath.Join(dir, []string{"quickstart.toml", "linear.toml"}[i]), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var linear, quickstart, plotted bytes.Buffer
	for _, c := range []struct {
		out  *bytes.Buffer
		args []string
	}{{&linear, []string{"run", "--quiet", "linear.toml"}}, {&quickstart, []string{"run", "--quiet", "quickstart.toml"}},
		{&plotted, []string{"plot", "runs/quickstart", "-o", "quickstart.svg"}}} {
		if code := here.steepest(c.args, c.out, c.out); code != exitOK {
			t.Fatalf("%v: exit code %d\n%s", c.args, code, c.out)
		}
	}
	if !strings.Contains(linear.String(), "Does momentum help on a linear model?") {
		t.Errorf("the question is not shown:\n%s", &linear)
	}
	if shown := blocks(t, "../README.md", "text")[0]; !strings.Contains(quickstart.String(), shown) {
		t.Errorf("README shows\n%s\nbut there is\n%s", shown, &quickstart)
	}
	folders, err := filepath.Glob(filepath.Join(dir, "runs/quickstart/*-seed*"))
	if err != nil || len(folders) != 25 {
		t.Fatalf("%v, %v", folders, err)
	}
	shipped, err := filepath.Abs("../experiments/quickstart.toml")
	if err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if code := here.steepest([]string{"plan", "--out", "runs/quickstart", shipped}, &again, &again); code != exitOK || !strings.Contains(again.String(), "25 kept") {
		t.Errorf("the runs are not those of the shipped quickstart: exit code %d\n%s", code, &again)
	}
	sameFigure(t, "../docs/quickstart.svg", filepath.Join(dir, "quickstart.svg"))
}

// sameFigure holds two figures to the same marks, which may lie apart as far as other arithmetic puts them.
func sameFigure(t *testing.T, want, got string) {
	t.Helper()
	number := regexp.MustCompile(`-?\d+(\.\d+)?`)
	var texts [2]string
	var numbers [2][]string
	for i, file := range []string{want, got} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		svg, rest, _ := strings.Cut(string(b), "<style>")
		_, rest, found := strings.Cut(rest, "</style>") // the font
		if svg += rest; !found || strings.Count(svg, "<path") < 10 {
			t.Fatalf("%s is no figure", file)
		}
		texts[i], numbers[i] = number.ReplaceAllString(svg, "#"), number.FindAllString(svg, -1)
	}
	if texts[0] != texts[1] {
		t.Errorf("%s has other marks now; draw it again", want)
		return
	}
	for i, text := range numbers[0] {
		x, _ := strconv.ParseFloat(text, 64)
		y, _ := strconv.ParseFloat(numbers[1][i], 64)
		if math.Abs(x-y) > 0.5 {
			t.Fatalf("%s: %v is %v now; draw it again", want, x, y)
		}
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
