//go:build unix

package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/plugin"
)

// TestReadmeWatch runs the lines of README that show the runs on a page, and their final losses in Prometheus, at other ports, with the program in place of
// make and fewer steps, and compares what Prometheus has with the table: curves, not dots, and the same losses.
func TestReadmeWatch(t *testing.T) {
	known(t)
	t.Parallel()
	needPrometheus(t)
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(readme), "\n## Watch it\n")
	text, _, _ = strings.Cut(text, "\n## ")
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) != 2 || strings.Count(blocks[0][1], "\n") != 1 || strings.Count(blocks[1][1], "\n") != 3 {
		t.Fatalf("README shows no line and three lines:\n%s", text)
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
	script := "make() { steepest $1 --quiet --set seeds.count=3 --set budget.epochs=6 ${2#FLAGS=} experiments/quickstart.toml; }\n" + ports.Replace(blocks[1][1]) +
		ports.Replace("promtool query instant http://127.0.0.1:9090 'sum(changes(steepest_run_step[10m]))'\n") + "kill $!; wait\n"
	shell := exec.Command("sh", "-c", script)
	shell.Dir, shell.Env = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir, "TMPDIR="+dir)
	var stderr output
	shell.Stderr = &stderr
	shown, err := shell.Output()
	if err != nil && !strings.Contains(string(shown), "=>") {
		t.Fatalf("%v\n%s\n%s", err, shown, stderr.String())
	}
	got := regexp.MustCompile(`\{optimizer="(\w+)"\} => (\S+) @`).FindAllStringSubmatch(string(shown), -1)
	if len(got) != 5 {
		t.Fatalf("%d optimizers:\n%s\n%s", len(got), shown, stderr.String())
	}
	for _, m := range got {
		loss, _ := strconv.ParseFloat(m[2], 64)
		row := regexp.MustCompile(`(?m)^ ` + m[1] + ` +3 +0 +(\S+) \[`).FindStringSubmatch(string(shown))
		if row == nil || row[1] != strconv.FormatFloat(loss, 'g', 3, 64) {
			t.Errorf("%s: Prometheus shows %s, and the table %q", m[1], m[2], row)
		}
	}
	changes := regexp.MustCompile(`(?m)^\{\} => (\d+) @`).FindStringSubmatch(string(shown))
	if changes == nil || len(changes[1]) == 1 && changes[1] < "3" {
		t.Errorf("of 15 runs Prometheus saw further points %q times\n%s", changes, shown)
	}
}
