//go:build unix

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
)

// TestReadmeWatch runs the lines of README that show the final losses in Prometheus, at other ports and with the program
// in place of make, and compares them with what the runs left on disk.
func TestReadmeWatch(t *testing.T) {
	t.Parallel()
	needPrometheus(t)
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, lines, _ := strings.Cut(string(readme), "## Watch it\n\n```sh\n")
	lines, _, found := strings.Cut(lines, "```")
	if !found || strings.Count(lines, "\n") != 3 {
		t.Fatalf("README shows no three lines:\n%s", lines)
	}
	dir := t.TempDir()
	port := func() string {
		_, port, _ := net.SplitHostPort(freeAddress(t))
		return port
	}
	ports := strings.NewReplacer("9464", port(), "9090", port())
	for _, name := range []string{"metrics/prometheus/prometheus.yml", "metrics/prometheus/rules.yml", "metrics/prometheus/alerts.yml", "experiments/quickstart.toml"} {
		b, err := os.ReadFile("../" + name)
		if err == nil {
			err = os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(ports.Replace(string(b))), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	script := "make() { steepest $1 --quiet ${2#FLAGS=} experiments/quickstart.toml; }\n" + ports.Replace(lines) + "kill $!; wait\n"
	shell := exec.Command("sh", "-c", script)
	shell.Dir, shell.Env = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir, "TMPDIR="+dir)
	var stderr output
	shell.Stderr = &stderr
	shown, err := shell.Output()
	if err != nil && !strings.Contains(string(shown), "=>") {
		t.Fatalf("%v\n%s\n%s", err, shown, stderr.String())
	}
	got := map[string]string{}
	for _, m := range regexp.MustCompile(`\{optimizer="(\w+)"\} => (\S+) @`).FindAllStringSubmatch(string(shown), -1) {
		got[m[1]] = m[2]
	}
	if len(got) != 5 {
		t.Fatalf("%d optimizers:\n%s\n%s", len(got), shown, stderr.String())
	}
	for name, value := range got {
		files, _ := filepath.Glob(filepath.Join(dir, "runs/quickstart/"+name+"-seed*/steps.csv"))
		var last []float64
		for _, file := range files {
			b, _ := os.ReadFile(file)
			rows := strings.Split(strings.TrimSpace(string(b)), "\n")
			x, err := strconv.ParseFloat(strings.Split(rows[len(rows)-1], ",")[3], 64) // step, epoch, wall_seconds, train_loss
			if err != nil {
				t.Fatal(err)
			}
			last = append(last, x)
		}
		if slices.Sort(last); len(last) != 5 || strconv.FormatFloat(last[2], 'f', -1, 64) != value {
			t.Errorf("%s: Prometheus shows %s, on disk are %v", name, value, last)
		}
	}
}
