package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/proto"
)

// TestFolder: every verb takes relative paths from the program's own folder, not from that of the process.
func TestFolder(t *testing.T) {
	t.Parallel()
	before, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("x.toml", "[problem]\nkind = \"mlp\"\ndataset = \"d.csv\"\nhidden = []\nvalidation = 0\nbatch = 2\n[budget]\nsteps = 3\n[[optimizer]]\nplugin = \"sgd\"\n")
	write("d.csv", "a,b\n1,2\n2,3\n3,5\n4,9\n")
	write("bad.yml", "nonsense: true\n")
	mine := filepath.Join(dir, "mine")
	if err := os.Mkdir(mine, 0o755); err != nil {
		t.Fatal(err)
	}
	sgd := proto.BinaryPrefix + "sgd"
	if err := os.Symlink(filepath.Join(pluginDir, sgd), filepath.Join(mine, sgd)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string // in what it says, or a file that it leaves, after a slash
	}{
		{"run --quiet x.toml", exitOK, "/runs/x/sgd-seed1-*/steps.csv"},
		{"run --quiet --resume x.toml", exitOK, "runs/x"},
		{"run --quiet --out r x.toml", exitOK, "/r/sgd-seed1-*/steps.csv"},
		{"run --quiet x.toml x.toml", exitUsage, "x.toml is given twice"},
		{"run --metrics-address :0 --web.config.file bad.yml x.toml", exitUsage, "nonsense"},
		{"export runs/x --out x.om", exitOK, "/x.om"},
		{"data describe d.csv", exitOK, "examples     4"},
		{"data batches x.toml", exitOK, "step,i0,i1"},
		{"data split x.toml", exitOK, "row,part"},
		{"plugins list --plugin-dir mine -v", exitOK, "1. " + mine + " (--plugin-dir)"},
		{"plugins describe mine/" + sgd, exitOK, "stochastic gradient descent"},
		{"plugins lock --plugin-dir mine sgd", exitOK, "/" + plugin.LockFile},
		{"plugins new my-rule --sdk " + checkout, exitOK, "/my-rule/go.mod"},
	} {
		var out output
		code := within(dir).steepest(strings.Fields(c.args), &out, &out)
		if code != c.code {
			t.Errorf("%s: exit code %d\n%s", c.args, code, &out)
		}
		if file, is := strings.CutPrefix(c.want, "/"); is {
			if found, err := filepath.Glob(filepath.Join(dir, file)); len(found) != 1 {
				t.Errorf("%s: %v, %v\n%s", c.args, found, err, &out)
			}
		} else if !strings.Contains(out.String(), c.want) {
			t.Errorf("%s does not say %s:\n%s", c.args, c.want, &out)
		}
	}
	after, err := os.ReadDir(".")
	if err != nil || !slices.EqualFunc(before, after, func(a, b os.DirEntry) bool { return a.Name() == b.Name() }) {
		t.Errorf("something was left in the process's folder: %v, %v", after, err)
	}
}
