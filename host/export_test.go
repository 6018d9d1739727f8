//go:build unix

package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// short has a run that is faster than any scrape, one that diverges to infinity, one whose last update is NaN, and a name that
// needs every escape.
const short = `
[problem]
kind = "rosenbrock"
[budget]
steps = 3000
[[optimizer]]
plugin = "adam"
name = 'a "quick" \ adam, é'
beta1 = { schedule = "linear", from = 0.5, to = 0.9 }
beta2 = { schedule = "linear", from = 0.9, to = 0.99 }
[[optimizer]]
plugin = "sgd"
lr = 1.0
[[optimizer]]
plugin = "rogue"
mode = "nan"
`

// fitted has epochs, a validation loss and an accuracy.
const fitted = `
[problem]
kind = "mlp"
dataset = "breast-cancer"
hidden = [4]
[budget]
epochs = 5
[[optimizer]]
plugin = "sgd"
lr = 0.1
`

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

func needPrometheus(t *testing.T) {
	need(t, "promtool", "apt-get install prometheus")
	need(t, "prometheus", "apt-get install prometheus")
}

// serve starts a program in a folder, with further variables, that serves Prometheus at an address, and waits until it is ready.
func serve(t *testing.T, dir string, variables []string, address, name string, args ...string) *output {
	t.Helper()
	c, out := exec.Command(name, args...), &output{}
	c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), variables...), out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	for range 1000 {
		if response, err := http.Get("http://" + address + "/-/ready"); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return out
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s is not ready:\n%s", name, out)
	return nil
}

// sample is a time in milliseconds since 1970 and a value.
type sample struct {
	ms    int64
	value float64
}

func (s sample) same(o sample) bool {
	return s.ms == o.ms && (math.Float64bits(s.value) == math.Float64bits(o.value) || math.IsNaN(s.value) && math.IsNaN(o.value))
}

// ask queries Prometheus at a time and returns the samples of each series, by its labels in JSON.
func ask(t *testing.T, address, query, at string) map[string][]sample {
	t.Helper()
	response, err := http.PostForm("http://"+address+"/api/v1/query", url.Values{"query": {query}, "time": {at}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct {
				Metric map[string]string
				Value  []any
				Values [][]any
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %v %s", query, err, answer.Error)
	}
	all := map[string][]sample{}
	for _, r := range answer.Data.Result {
		if r.Value != nil {
			r.Values = [][]any{r.Value}
		}
		key, _ := json.Marshal(r.Metric)
		for _, v := range r.Values {
			value, err := strconv.ParseFloat(v[1].(string), 64)
			if err != nil {
				t.Fatal(err)
			}
			all[string(key)] = append(all[string(key)], sample{int64(math.Round(v[0].(float64) * 1000)), value})
		}
	}
	return all
}

// recorded reads what a run recorded with another reader than the export's, and returns what Prometheus should have of it.
func recorded(t *testing.T, dir string, axis openmetrics.Axis) map[string][]sample {
	t.Helper()
	var r struct {
		store.Manifest
		Summary store.Summary
	}
	b, err := os.ReadFile(latest(dir, store.RunFile))
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	m, s := r.Manifest, r.Summary
	f, err := os.Open(latest(dir, store.StepsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var begun struct{ ID string }
	if b, err := os.ReadFile(filepath.Join(dir, "..", store.ExperimentFile)); err != nil || json.Unmarshal(b, &begun) != nil || len(begun.ID) != 16 {
		t.Fatal(string(b), err)
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	color := map[string]string{"short adam": "0", "short sgd": "1", "short rogue": "2", "fitted sgd": "0"}[m.Experiment.Name+" "+m.Optimizer.Plugin]
	id, asked := begun.ID+"-"+m.Identity[:12], m.Asked()
	asked.Seed = 0
	var ended struct{ Summary map[string]any }
	if err := json.Unmarshal(b, &ended); err != nil {
		t.Fatal(err)
	}
	finals := map[string]float64{} // as the table counts them
	for name, x := range ended.Summary {
		if name, is := strings.CutPrefix(name, "final_"); is && s.Status == record.Diverged {
			finals[name] = math.Inf(1)
		} else if is {
			finals[name] = x.(float64)
		}
	}
	all, last := map[string][]sample{}, int64(0)
	put := func(ms int64, value float64, name string, labels ...string) {
		series := map[string]string{"__name__": name, "run_id": id, "job": "steepest", "instance": host}
		for i := 0; i < len(labels); i += 2 {
			series[labels[i]] = labels[i+1]
		}
		key, _ := json.Marshal(series)
		all[string(key)] = append(all[string(key)], sample{ms, value})
	}
	for i, row := range rows[1:] {
		cell := map[string]string{}
		for j, name := range rows[0] {
			cell[name] = row[j]
		}
		number := func(column string) float64 {
			x, err := strconv.ParseFloat(cell[column], 64)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		ms := 946684800000 + int64(number("step"))*1000
		if axis == openmetrics.Time {
			ms = max(last+1, m.Started.Add(time.Duration(math.Round(number("wall_seconds")*1e6))*time.Microsecond).UnixMilli())
		}
		last = ms
		for _, q := range exporter.Quantities() {
			if cell[q.Name] != "" {
				put(ms, number(q.Name), "steepest_"+q.Name, "experiment", m.Experiment.Name, "problem", m.Problem.Kind,
					"optimizer", m.Optimizer.Plugin)
			}
		}
		for _, name := range rows[0] {
			if h, is := strings.CutPrefix(name, "hyperparameter."); is && cell[name] != "" {
				put(ms, number(name), "steepest_hyperparameter", "hyperparameter", h)
			}
		}
		put(ms, number("step"), "steepest_run_step")
		if cell["epoch"] != "" {
			put(ms, number("epoch"), "steepest_run_epoch")
		}
		put(ms, 1, "steepest_run_info", "experiment", m.Experiment.Name, "problem", m.Problem.Kind, "optimizer", m.Optimizer.Plugin,
			"run", m.Run, "color", color, "variant", m.Optimizer.Name, "seed", "1", "variant_id", begun.ID+"-"+asked.Identity()[:12], "config_hash", m.ConfigHash, "plugin_version", m.Plugin.Version)
		if i == len(rows)-2 {
			for name, x := range finals {
				put(ms, x, "steepest_final_"+name, "experiment", m.Experiment.Name, "problem", m.Problem.Kind, "optimizer", m.Optimizer.Plugin)
			}
		}
		if i < len(rows)-2 {
			put(ms, 1, "steepest_run_status", "status", "running")
		} else {
			put(ms, 0, "steepest_run_status", "status", "running")
			put(ms, 1, "steepest_run_status", "status", string(s.Status))
		}
	}
	return all
}

// TestBackfill puts runs that no scrape would see into a real Prometheus and gets every point back, with the same bits.
func TestBackfill(t *testing.T) {
	t.Parallel()
	known(t)
	needPrometheus(t)
	dir := t.TempDir()
	script, err := filepath.Abs("../metrics/prometheus/by-step.sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"short": short, "fitted": fitted} {
		if err := os.WriteFile(filepath.Join(dir, name+".toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out output
	if code := within(dir).steepest([]string{"run", "--quiet", "short.toml", "fitted.toml"}, &out, &out); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	address := map[openmetrics.Axis]string{openmetrics.Time: freeAddress(t), openmetrics.Step: freeAddress(t)}
	for _, e := range []string{"short", "fitted"} {
		if code := within(dir).steepest([]string{"export", "runs/" + e, "--out", e + ".om"}, &out, &out); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &out)
		}
		blocks := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", e+".om", "by-time")
		blocks.Dir = dir
		if b, err := blocks.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
	}
	serve(t, dir, nil, address[openmetrics.Time], "prometheus", "--config.file=/dev/null", "--storage.tsdb.path=by-time",
		"--web.listen-address="+address[openmetrics.Time], "--log.level=error")
	serve(t, dir, nil, address[openmetrics.Step], script, "-d", "by-step", "-a", address[openmetrics.Step], "runs/short", "runs/fitted")
	runs, err := filepath.Glob(filepath.Join(dir, "runs/*/*-seed*"))
	if err != nil || len(runs) != 4 {
		t.Fatal(runs, err)
	}
	for axis, address := range address {
		t.Run(string(axis), func(t *testing.T) {
			got := ask(t, address, `{__name__=~"steepest_.+"}[60y]`, strconv.FormatInt(time.Now().Add(24*time.Hour).Unix(), 10))
			series, samples, nan, inf := 0, 0, 0, 0
			for _, run := range runs {
				for key, want := range recorded(t, run, axis) {
					if len(got[key]) != len(want) {
						t.Fatalf("%s has %d samples, want %d", key, len(got[key]), len(want))
					}
					for i := range want {
						if !got[key][i].same(want[i]) {
							t.Fatalf("%s: sample %d is %v, want %v", key, i, got[key][i], want[i])
						}
						switch {
						case math.IsNaN(want[i].value):
							nan++
						case math.IsInf(want[i].value, 0):
							inf++
						}
					}
					series, samples = series+1, samples+len(want)
				}
			}
			if series != len(got) {
				t.Errorf("Prometheus has %d series, the runs %d", len(got), series)
			}
			if nan == 0 || inf == 0 {
				t.Errorf("%d samples are not a number, %d infinite; there should be some of both", nan, inf)
			}
			t.Logf("%d series, %d samples, %d of them not a number, %d infinite", series, samples, nan, inf)
		})
	}
	// Each sample is shown at its own step, and no run beyond its end.
	const run = `steepest_run_step * on (instance, run_id) group_left () steepest_run_info{experiment="short",run="rogue-seed1"}`
	for step, want := range map[int]string{0: "[0]", 7: "[7]", 9: "[9]", 11: "[]"} {
		at := strconv.Itoa(openmetrics.Origin + step)
		values := []float64{}
		for _, s := range ask(t, address[openmetrics.Step], run, at) {
			values = append(values, s[0].value)
		}
		if got := fmt.Sprint(values); got != want {
			t.Errorf("at step %d Prometheus shows %s, want %s", step, got, want)
		}
	}
}

// TestByStepTellsProgramsApart: results of several programs in folders of the same name, one after the other in one place, or in two
// projects, are as many curves, each whole, and each joins with what is known of it.
func TestByStepTellsProgramsApart(t *testing.T) {
	t.Parallel()
	needPrometheus(t)
	script, err := filepath.Abs("../metrics/prometheus/by-step.sh")
	if err != nil {
		t.Fatal(err)
	}
	dir, address := t.TempDir(), freeAddress(t)
	for _, c := range []struct {
		project      string
		start, steps int
	}{{"a", 1, 20}, {"a", 100, 10}, {"b", 1, 20}} { // the last is the very same as the first, elsewhere
		project := filepath.Join(dir, c.project)
		if err := errors.Join(os.RemoveAll(filepath.Join(project, "runs")), os.MkdirAll(project, 0o755)); err != nil {
			t.Fatal(err)
		}
		experiment(t, project, "x", fmt.Sprintf("[problem]\nkind = \"sphere\"\nstart = [%d.0, 0.0]\n[budget]\nsteps = %d\n[[optimizer]]\nplugin = \"sgd\"\nlr = 0.1\n",
			c.start, c.steps))
		var notes output
		if code := within(project).steepest([]string{"export", "--axis", "step", "--force", "--out", "x.om", "runs/x"}, &notes, &notes); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &notes)
		}
		blocks := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", filepath.Join(project, "x.om"), "data")
		blocks.Dir = dir
		if out, err := blocks.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	serve(t, dir, nil, address, script, "-d", "data", "-a", address)
	// On x^2 a step with lr = 0.1 makes x 0.8 of what it was, and the loss 0.64.
	loss := func(start float64, step int) float64 { return start * start * math.Pow(0.64, float64(step)) }
	for step, want := range map[int][]float64{0: {1, 1, 10000}, 5: {loss(1, 5), loss(1, 5), loss(100, 5)}, 15: {loss(1, 15), loss(1, 15)}} {
		at := strconv.Itoa(openmetrics.Origin + step)
		for _, query := range []string{"steepest_train_loss", "steepest_train_loss * on (instance, run_id) group_left (variant, seed, run) steepest_run_info"} {
			var got []float64
			for _, s := range ask(t, address, query, at) {
				got = append(got, s[0].value)
			}
			slices.Sort(got)
			if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*b }) {
				t.Errorf("at step %d %s is %v, want %v", step, query, got, want)
			}
		}
	}
}

// TestByStepDocument does what docs/by-step.md says, at another port, and looks for what it shows.
func TestByStepDocument(t *testing.T) {
	known(t)
	t.Parallel()
	needPrometheus(t)
	document, err := os.ReadFile("../docs/by-step.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("steepest")
	if err != nil {
		t.Fatal(err)
	}
	dir, address := t.TempDir(), freeAddress(t)
	variables := []string{"XDG_DATA_HOME=" + filepath.Join(dir, "data"), plugin.PathEnv + "=" + pluginDir}
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"bin/steepest": program, "experiments": "../experiments", "metrics": "../metrics"} {
		if target, err = filepath.Abs(target); err == nil {
			err = os.Symlink(target, filepath.Join(dir, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text := strings.ReplaceAll(string(document), "127.0.0.1:9091", address)
	commands := 0
	for _, block := range fenced.FindAllStringSubmatch(text, -1) {
		commands += documented(t, dir, variables, address, block[1], block[3])
	}
	if commands != 7 {
		t.Errorf("%d commands were found", commands)
	}
}

// documented runs the commands of a block and returns how many there were. The block is of the language console, with output, or
// sh, without. What ends with Ctrl-C goes on in the background. By default by-step.sh listens where another might.
func documented(t *testing.T, dir string, variables []string, address, language, body string) int {
	t.Helper()
	var parts []string
	switch language {
	case "console":
		parts = strings.Split("\n"+body, "\n$ ")[1:]
	case "sh":
		parts = strings.SplitAfter(strings.TrimSpace(body), "\n")
	}
	for _, part := range parts {
		command, want, _ := strings.Cut(part, "\n")
		command = strings.ReplaceAll(command, "by-step.sh", "by-step.sh -a "+address)
		if strings.Contains(want, "Ctrl-C ends it") {
			shown(t, command, serve(t, dir, variables, address, "sh", "-c", "exec "+command).String(), want)
			continue
		}
		shell := exec.Command("sh", "-c", command)
		shell.Dir, shell.Env = dir, append(os.Environ(), variables...)
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		shown(t, command, string(out), want)
	}
	return len(parts)
}
