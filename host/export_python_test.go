//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// pythonWith finds a Python that has a module. One that Debian packages is required where everything is; what is only on PyPI is not,
// so that no check depends on that.
func pythonWith(t *testing.T, module, install string, required bool) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} { // the first may be another one than Debian's
		if path, err := exec.LookPath(name); err == nil && exec.Command(path, "-c", "import "+module).Run() == nil {
			return path
		}
	}
	message := "Python has no " + module + "; install it with: " + install
	if required && os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}

// TestExportDocument does what docs/export.md says, and looks for what it shows.
func TestExportDocument(t *testing.T) {
	known(t)
	t.Parallel()
	b, err := os.ReadFile("../docs/export.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	experiments, err := filepath.Abs("../experiments")
	if err == nil {
		err = os.Symlink(experiments, filepath.Join(dir, "experiments"))
	}
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced.FindAllStringSubmatch(string(b), -1)
	for line := range strings.Lines(blocks[0][3]) {
		var notes output
		args := strings.Fields(line)[1:]
		if code := within(dir).steepest(args, &notes, &notes); code != exitOK {
			t.Fatalf("%s: exit code %d\n%s", line, code, &notes)
		}
	}
	needs := map[string]struct {
		module, install string
		required        bool
	}{
		"pandas.py":      {"pandas", "apt-get install python3-pandas", true},
		"parquet.py":     {"pandas, pyarrow", "pip install pandas pyarrow", false},
		"polars.py":      {"polars", "pip install polars", false},
		"duckdb.py":      {"duckdb", "pip install duckdb", false},
		"tensorboard.py": {"tensorboard", "pip install tensorboard", false},
	}
	scripts := 0
	for i, block := range blocks {
		if block[1] != "python" {
			continue
		}
		scripts++
		name, text, want := block[2], block[3], blocks[i+1]
		t.Run(name, func(t *testing.T) {
			need, known := needs[name]
			if !known || want[1] != "text" {
				t.Fatalf("nobody knows what %s needs, or it has no output: %v", name, want)
			}
			script := exec.Command(pythonWith(t, need.module, need.install, need.required), "-c", text)
			script.Dir = dir
			out, err := script.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			shown(t, name, string(out), want[3])
		})
	}
	if scripts != len(needs) {
		t.Errorf("%d scripts were found, want %d", scripts, len(needs))
	}
}
