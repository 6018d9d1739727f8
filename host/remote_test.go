//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// receive starts a Prometheus that takes what it is sent.
func receive(t *testing.T) (address string) {
	t.Helper()
	need(t, "prometheus", "apt-get install prometheus")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	address = freeAddress(t)
	serve(t, dir, nil, address, "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address="+address,
		"--web.enable-remote-write-receiver", "--log.level=warn")
	return address
}

// shortRuns are runs that are over before anybody could scrape them, one of which diverges.
const shortRuns = `
[problem]
kind = "rosenbrock"
[budget]
steps = %d
[seeds]
count = 2
[[optimizer]]
plugin = "sgd"
lr = 1e-4
[[optimizer]]
plugin = "sgd"
name = "too far"
lr = { schedule = "constant", value = 10 }
`

// TestRemoteWrite: a Prometheus has every point of runs that are over in a second, bit by bit, and what is known of the runs at each; and
// nothing seems to go on when the program has ended.
func TestRemoteWrite(t *testing.T) {
	t.Parallel()
	steps := 9_999
	if testing.Short() {
		steps = 999
	}
	address := receive(t)
	root := t.TempDir()
	flag := []string{"--remote-write", "http://" + address + "/api/v1/write"}
	experiment(t, root, "sent", fmt.Sprintf(shortRuns, steps), flag...)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	instance := exporter.Instance()
	runs, err := filepath.Glob(filepath.Join(root, "runs/sent/*-seed*"))
	if err != nil || len(runs) != 4 {
		t.Fatal(runs, err)
	}
	later := fmt.Sprint(time.Now().Add(time.Minute).Unix())
	points := 0
	for _, run := range runs {
		want := recorded(t, run, openmetrics.Time)
		for series, samples := range want {
			if strings.Contains(series, "steepest_run_info") {
				continue // it is joined below
			}
			series = strings.Replace(series, `"instance":"`+host+`"`, `"instance":"`+instance+`"`, 1)
			got := ask(t, address, chosenBy(series)+"[10m]", later)
			if strings.Contains(series, "steepest_run_status") || strings.Contains(series, "steepest_final_") {
				n, last := len(got[series]), samples[len(samples)-1] // these are as of now
				if n == 0 || !got[series][n-1].same(sample{got[series][n-1].ms, last.value}) {
					t.Errorf("%s is %v, want %v at the end", series, got[series], last)
				}
				continue
			}
			if len(got[series]) != len(samples) {
				t.Errorf("%s has %d samples, want %d", series, len(got[series]), len(samples))
				continue
			}
			for i, s := range samples {
				if !s.same(got[series][i]) {
					t.Fatalf("%s is %v, want %v", series, got[series][i], s)
				}
			}
			if strings.Contains(series, "steepest_run_step") {
				points += len(samples)
				last := float64(samples[len(samples)-1].ms) / 1000
				joined := chosenBy(series) + " * on (instance, run_id) group_left (variant, seed) steepest_run_info"
				if n := len(ask(t, address, joined, fmt.Sprint(last))); n != 1 {
					t.Errorf("%s has %d results at the last point", joined, n)
				}
			}
		}
	}
	if points < 2*(steps+1) {
		t.Errorf("%d points", points)
	}
	if going := ask(t, address, `{job="steepest"}`, later); len(going) > 0 {
		t.Errorf("%d series seem to go on: %v", len(going), going)
	}
	if _, err := os.Stat(filepath.Join(root, "runs/sent/.sent")); !os.IsNotExist(err) {
		t.Errorf("something seems to be left: %v", err)
	}
}

// chosenBy selects a series by its labels in JSON.
func chosenBy(series string) string {
	return strings.NewReplacer(`":"`, `="`, `","`, `",`, `{"`, `{`).Replace(series)
}
