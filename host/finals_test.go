//go:build unix

package main

import (
	"encoding/json"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// ranked has variants whose losses at the last batch are not those over all examples, and one of which some seeds diverge.
const ranked = `
[problem]
kind = "mlp"
dataset = "linear-regression"
hidden = [4]
activation = "relu"
batch = 4
[seeds]
count = 5
[budget]
steps = 400
[[optimizer]]
plugin = "sgd"
lr = { grid = [0.02, 0.05, 0.1, 0.2] }
[[optimizer]]
name = "wild"
plugin = "sgd"
lr = 0.32
`

// finalLoss is the median over the seeds as docs/metrics.md has it, at which a run that diverged is infinitely bad.
const finalLoss = `quantile by (instance, experiment, problem, variant) (0.5, clamp_max(last_over_time(steepest_final_train_loss[1d]), 1e300)
  * on (instance, run_id) group_left (variant) max by (instance, run_id, variant) (last_over_time(steepest_run_info[1d])))`

// TestFinalLossesRank: by the metrics, live and exported, by the command's table, by compare and by the page, variants have the same final
// losses, to the last bit where they are not rounded for people, and so the same order.
func TestFinalLossesRank(t *testing.T) {
	known(t)
	t.Parallel()
	needPrometheus(t)
	dir := t.TempDir()
	url, stderr, code := watched(t, dir, ranked, "--json", "--report", "--linger", "1m")
	await(t, stderr, `(waiting up to)`)
	text := scrape(t, url)
	if c := <-code; c != exitOK {
		t.Fatalf("exit code %d\n%s", c, stderr)
	}
	says := func(args ...string) string {
		t.Helper()
		var stdout strings.Builder
		if code := within(dir).steepest(args, &stdout, io.Discard); code != exitOK {
			t.Fatalf("%q: exit code %d", args, code)
		}
		return stdout.String()
	}

	// What each run ended with, live and on record.
	variants, live := map[string]string{}, map[string][]float64{}
	for _, m := range regexp.MustCompile(`(?m)^steepest_run_info\{.*run_id="([^"]+)".*variant="([^"]+)"`).FindAllStringSubmatch(text, -1) {
		variants[m[1]] = m[2]
	}
	for _, m := range regexp.MustCompile(`(?m)^steepest_final_train_loss\{.*run_id="([^"]+)"\} (\S+)$`).FindAllStringSubmatch(text, -1) {
		x, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		live[variants[m[1]]] = append(live[variants[m[1]]], x)
	}
	recorded, last, infinite := map[string][]float64{}, map[string][]float64{}, 0
	records, faults, err := store.ReadRecords(t.Context(), filepath.Join(dir, "runs/watched"))
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	for _, r := range records {
		x, _ := r.Outcome.Final.Of("train_loss").Get()
		if r.Status == "diverged" {
			x, infinite = math.Inf(1), infinite+1
		}
		recorded[r.Optimizer.Name] = append(recorded[r.Optimizer.Name], x)
		var batch float64
		err := r.Column("train_loss", func(_ int, _ time.Duration, x float64, _ bool) error { batch = x; return nil })
		if err != nil {
			t.Fatal(err)
		}
		last[r.Optimizer.Name] = append(last[r.Optimizer.Name], batch)
	}
	want := map[string]float64{} // medians
	for name, xs := range recorded {
		slices.Sort(xs)
		slices.Sort(live[name])
		slices.Sort(last[name])
		if want[name] = xs[2]; len(xs) != 5 || !slices.Equal(xs, live[name]) {
			t.Errorf("%s: live %v, on record %v", name, live[name], xs)
		}
	}
	order := func(of map[string]float64) []string {
		return slices.SortedFunc(maps.Keys(of), func(a, b string) int {
			return int(math.Copysign(1, of[a]-of[b]))
		})
	}
	medians := map[string]float64{}
	for name, xs := range last {
		medians[name] = xs[2]
	}
	if len(want) != 5 || infinite == 0 || maps.Equal(medians, want) {
		t.Errorf("%d variants, %d runs diverged, by the last batch %v; the experiment shows nothing", len(want), infinite, medians)
	}
	same := func(what string, got map[string]float64) {
		t.Helper()
		if !maps.Equal(got, want) {
			t.Errorf("%s has %v, the records %v", what, got, want)
		}
		t.Logf("%s: %v", what, order(got))
	}

	var ended struct {
		Table []struct {
			Optimizer string
			Loss      struct{ Median store.Float } `json:"final_train_loss"`
		}
	}
	got := map[string]float64{}
	table := says("run", "--json", "--quiet", "watched.toml")
	if err := json.Unmarshal([]byte(table[strings.LastIndex(strings.TrimSpace(table), "\n")+1:]), &ended); err != nil {
		t.Fatal(err)
	}
	for _, row := range ended.Table {
		got[row.Optimizer] = float64(row.Loss.Median)
	}
	same("the table", got)

	var compared compare.Comparison
	if err := json.Unmarshal([]byte(says("compare", "runs/watched", "--measure", "train_loss", "--format", "json")), &compared); err != nil {
		t.Fatal(err)
	}
	got = map[string]float64{}
	for _, row := range compared.Problems[0].Rows {
		got[row.Name] = float64(row.Value.Median.Value)
	}
	same("compare", got)

	page, err := os.ReadFile(filepath.Join(dir, "runs/watched/report.html"))
	if err != nil {
		t.Fatal(err)
	}
	got = map[string]float64{}
	for _, table := range readPage(t, string(page)) {
		column := slices.Index(table.Columns, "train_loss")
		for _, row := range table.Rows {
			if column < 0 {
				continue
			}
			x, err := strconv.ParseFloat(strings.Fields(row[column].Text)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			got[row[0].Text] = x
		}
	}
	for name, x := range got {
		if math.Abs(x-want[name]) <= 1e-3*want[name] { // rounded for people
			got[name] = want[name]
		}
	}
	same("the page", got)

	address := freeAddress(t)
	says("export", "runs/watched", "--axis", "step", "--out", "x.om")
	blocks := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", "x.om", "data")
	blocks.Dir = dir
	if out, err := blocks.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	serve(t, dir, nil, address, "prometheus", "--config.file=/dev/null", "--storage.tsdb.path=data", "--storage.tsdb.retention.time=100y",
		"--web.listen-address="+address, "--log.level=error")
	got = map[string]float64{}
	for series, samples := range ask(t, address, finalLoss, strconv.Itoa(openmetrics.Origin+86400)) {
		var labels map[string]string
		if err := json.Unmarshal([]byte(series), &labels); err != nil {
			t.Fatal(err)
		}
		got[labels["variant"]] = samples[0].value
	}
	same("Prometheus", got)
	document, err := os.ReadFile("../docs/metrics.md")
	if err != nil || !strings.Contains(string(document), finalLoss) {
		t.Errorf("docs/metrics.md has another query (%v)", err)
	}
}
