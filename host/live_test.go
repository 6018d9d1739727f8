package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// watched runs an experiment in a folder, in the background with metrics, and returns their address and where the exit code comes.
func watched(t *testing.T, dir, toml string, args ...string) (url string, stderr *output, code chan int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "watched.toml"), []byte(toml), 0o644); err != nil {
		t.Fatal(err)
	}
	stderr, code = &output{}, make(chan int, 1)
	go func() {
		code <- within(dir).steepest(append([]string{"run", "--jobs", "1", "--metrics-address", ":0", "watched.toml"}, args...), io.Discard, stderr)
	}()
	return await(t, stderr, `metrics at (http\S+)metrics`), stderr, code
}

func scrape(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url + "metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v", response.Status, err)
	}
	return string(b)
}

// TestLinger: the last values of runs that are over before anybody looks, whatever became of them, can be scraped.
func TestLinger(t *testing.T) {
	t.Parallel()
	optimizers := ""
	for _, mode := range []string{"none", "exit", "panic", "nan", "hang"} {
		optimizers += fmt.Sprintf("[[optimizer]]\nplugin = \"rogue\"\nname = %q\nmode = %q\n", mode, mode)
	}
	url, stderr, code := watched(t, t.TempDir(), `
[problem]
kind = "mlp"
dataset = "breast-cancer"
hidden = [4]
[budget]
steps = 20
`+optimizers+`
step_timeout = "3s"
on_plugin_failure = "fail"
`, "--linger", "1m", "--metrics-layers")
	await(t, stderr, `(waiting up to 1 min 00 s until http://127\.0\.0\.1:\d+/metrics is scraped once more)`)
	text := scrape(t, url)
	if c := <-code; c != exitFailed {
		t.Errorf("exit code %d\n%s", c, stderr.String())
	}
	infos := regexp.MustCompile(`(?m)^steepest_run_info\{.*,run="([^"]+)",run_id="([0-9a-f]{16}-[0-9a-f]{12})"`).FindAllStringSubmatch(text, -1)
	if len(infos) != 5 {
		t.Errorf("%d runs have names and a run_id of experiment and identity, want 5: %q", len(infos), infos)
	}
	for _, info := range infos {
		text = strings.ReplaceAll(text, `run_id="`+info[2]+`"`, `run_id="`+info[1]+`"`)
	}
	for _, want := range []string{
		`steepest_run_step{run_id="none-seed1"} 20`,
		`steepest_run_status{run_id="none-seed1",status="finished"} 1`,
		`steepest_run_status{run_id="exit-seed1",status="failed"} 1`,
		`steepest_run_status{run_id="nan-seed1",status="diverged"} 1`,
		`steepest_run_info\{color="4",config_hash="[0-9a-f]{12}",experiment="watched",optimizer="rogue",plugin_version="0.0.0-test",problem="mlp",run="hang-seed1",run_id="hang-seed1",seed="1",variant="hang",variant_id="[0-9a-f]{16}-[0-9a-f]{12}"} 1`,
		`steepest_experiment_runs{experiment="watched",status="failed"} 3`,
		`steepest_non_finite_values_total{kind="nan",quantity="update_norm",run_id="nan-seed1"} 1`,
		`steepest_update_norm{experiment="watched",optimizer="rogue",problem="mlp",run_id="nan-seed1"} NaN`,
		`steepest_layer_gradient_norm{layer="layer2",run_id="none-seed1"} `,
		`steepest_plugin_errors_total{experiment="watched",kind="crash",optimizer="rogue"} 4`,
		`steepest_plugin_errors_total{experiment="watched",kind="error",optimizer="rogue"} 1`,
		`steepest_plugin_errors_total{experiment="watched",kind="timeout",optimizer="rogue"} 1`,
		`steepest_plugin_errors_total{experiment="watched",kind="protocol",optimizer="rogue"} 0`,
		`steepest_plugin_restarts_total{experiment="watched",optimizer="rogue"} 3`,
		`steepest_plugin_deaths_total{experiment="watched",optimizer="rogue"} 5`, // four that crashed and one that hung
		`steepest_final_train_loss{experiment="watched",optimizer="rogue",problem="mlp",run_id="none-seed1"} 1.`,
		`steepest_final_train_loss{experiment="watched",optimizer="rogue",problem="mlp",run_id="nan-seed1"} +Inf`,
		`steepest_steps_total{experiment="watched",optimizer="rogue"} 56`,                      // 20 and four times 9
		`steepest_gradient_evaluations_total{experiment="watched",optimizer="rogue"} 91`,       // 21, four times 10, and three times 10 again
		`steepest_optimizer_duration_seconds_count{experiment="watched",optimizer="rogue"} 57`, // with the update that is not a number
		"go_goroutines ", "process_start_time_seconds ",
	} {
		if !regexp.MustCompile(`(?m)^`+strings.ReplaceAll(want, "{run", `\{run`)).MatchString(text) && !strings.Contains(text, want) {
			t.Errorf("the exposition lacks %s", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	need(t, "promtool", "apt-get install prometheus")
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// TestMetricsOfHalving: runs that pause and go on, and those that are pruned then, are as the records say, and scrapes go on meanwhile.
func TestMetricsOfHalving(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	toml := `problem = { kind = "sphere", dimension = 2 }
budget  = { steps = 90 }
search  = { kind = "halving", smallest = 10, eta = 3, draw = "grid", measure = "train_loss" }

[[optimizer]]
plugin = "sgd"
lr     = { grid = [1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1] }
`
	if err := os.WriteFile(filepath.Join(dir, "e.toml"), []byte(toml), 0o644); err != nil {
		t.Fatal(err)
	}
	var notes output
	ended := make(chan int, 1)
	go func() {
		ended <- within(dir).steepest([]string{"run", "--metrics-address", ":0", "--linger", "1m", "e.toml"}, io.Discard, &notes)
	}()
	await(t, &notes, `(waiting up to)`)
	text := scrape(t, await(t, &notes, `metrics at (http\S+)metrics`))
	if code := <-ended; code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}
	for _, want := range []string{`experiment_runs\{experiment="e",status="finished"\} 1`, `experiment_runs\{experiment="e",status="pruned"\} 8`,
		`experiment_runs\{experiment="e",status="paused"\} 0`, `steps_total\{experiment="e",optimizer="sgd"\} 210`, `runs_in_flight 0`} {
		if !regexp.MustCompile("(?m)^steepest_" + want + "$").MatchString(text) {
			t.Errorf("the exposition lacks %s:\n%s", want, regexp.MustCompile(`(?m)^steepest_(experiment_runs|steps_total|runs_).*`).FindAllString(text, -1))
		}
	}
}

// TestMetricsOfTheSameRun: the very same run under two names has the ids of the records also where one of them ended before.
func TestMetricsOfTheSameRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := within(dir)
	var notes output
	variants := ""
	for _, name := range []string{"a", "b"} { // the new one stands before the other
		variants = "[[optimizer]]\nplugin = \"sgd\"\nname = \"" + name + "\"\nlr = 0.1\n" + variants
		if err := os.WriteFile(filepath.Join(dir, "e.toml"), []byte("problem = { kind = \"sphere\" }\nbudget = { steps = 9 }\n"+variants), 0o644); err != nil {
			t.Fatal(err)
		}
		if name == "a" {
			if code := p.steepest([]string{"run", "--out", "e", "e.toml"}, io.Discard, &notes); code != exitOK {
				t.Fatalf("exit code %d\n%s", code, &notes)
			}
		}
	}
	ended := make(chan int, 1)
	go func() {
		ended <- p.steepest([]string{"run", "--out", "e", "--resume", "--metrics-address", ":0", "--linger", "1m", "e.toml"}, io.Discard, &notes)
	}()
	await(t, &notes, `(waiting up to)`)
	live := scrape(t, await(t, &notes, `metrics at (http\S+)metrics`))
	var recorded bytes.Buffer
	if code := <-ended; code != exitOK || p.steepest([]string{"export", "e"}, &recorded, &notes) != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}
	ids := func(text string) map[string]string {
		all := map[string]string{}
		for line := range strings.Lines(text) {
			run, id := regexp.MustCompile(`run_info.*[{,]run="([^"]*)"`).FindStringSubmatch(line), regexp.MustCompile(`run_id="([^"]*)"`).FindStringSubmatch(line)
			if run != nil && id != nil {
				all[run[1]] = id[1]
			}
		}
		return all
	}
	want := ids(recorded.String())
	if got := ids(live); len(got) != 1 || len(want) != 2 || got["b-seed1"] != want["b-seed1"] || got["b-seed1"] != want["a-seed1"]+"-2" {
		t.Errorf("live %v, recorded %v", got, want)
	}
}

// TestEqualRuns: of two runs that are the very same under two names, each has its own run_id, and the same after a resume as before.
func TestEqualRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ids := func(args ...string) map[string]string {
		url, stderr, code := watched(t, dir, `
problem   = { kind = "sphere" }
budget    = { steps = 5 }
optimizer = [{ plugin = "sgd", name = "first", lr = 0.1 }, { plugin = "sgd", name = "second", lr = 0.1 }]
`, append(args, "--linger", "1m")...)
		await(t, stderr, `(waiting up to)`)
		all := map[string]string{}
		for _, m := range regexp.MustCompile(`(?m)^steepest_run_info\{.*,run="([^"]+)",run_id="([^"]+)"`).FindAllStringSubmatch(scrape(t, url), -1) {
			all[m[1]] = m[2]
		}
		if c := <-code; c != exitOK {
			t.Fatalf("exit code %d\n%s", c, stderr)
		}
		return all
	}
	before := ids()
	if len(before) != 2 || before["second-seed1"] != before["first-seed1"]+"-2" {
		t.Fatalf("they are %v", before)
	}
	for name, id := range before {
		gone, err := filepath.Glob(filepath.Join(dir, "runs/watched", name+"*"))
		if err != nil || len(gone) != 1 || os.RemoveAll(gone[0]) != nil {
			t.Fatal(gone, err)
		}
		if after := ids("--resume"); len(after) != 1 || after[name] != id {
			t.Errorf("made again, %s is %v, not %s", name, after, id)
		}
	}
}

// TestMetricsFlags: what cannot be is found before anything starts.
func TestMetricsFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	for name, text := range map[string]string{
		"x.toml":  strings.Replace(endless, "100_000_000", "10", 1),
		"bad.yml": "tls_server_config: {cert_file: x}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for args, want := range map[string]string{
		"--linger 1s":                                        "add --metrics-address",
		"--metrics-layers":                                   "add --metrics-address",
		"--metrics-address host:":                            "give HOST:PORT",
		"--metrics-discovery x.toml":                         "give a folder",
		"--metrics-address :http":                            "give HOST:PORT",
		"--metrics-address :0 --metrics-max-runs 0":          "at least 1",
		"--metrics-address :0 --linger -1s":                  "not be negative",
		"--metrics-address :0 --web.config.file none.yml":    "none.yml",
		"--metrics-address :0 --web.config.file bad.yml":     "missing one of key",
		"--metrics-address " + listener.Addr().String():      "end the program that uses the port",
		"--metrics-address 192.0.2.1:9464":                   "choose another --metrics-address",
		"--metrics-address :0 --metrics-grace nonsense":      "takes a time",
		"--metrics-address :0 --linger 1s --metrics-address": "needs a value",
	} {
		var out bytes.Buffer
		if code := within(dir).steepest(append([]string{"run", "x.toml"}, strings.Fields(args)...), &out, &out); code != exitUsage || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit code %d, want %s\n%s", args, code, want, &out)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "runs")); err == nil {
		t.Error("something was started")
	}
}

// TestBadClients: a thousand scrapes at once, clients that do not read, and garbage change no bit of a run.
func TestBadClients(t *testing.T) {
	t.Parallel()
	toml := strings.Replace(endless, "100_000_000", "10_000", 1)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "quiet.toml"), []byte(toml), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if code := within(dir).steepest([]string{"run", "--quiet", "--out", "quiet", "quiet.toml"}, &out, &out); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	url, stderr, code := watched(t, dir, toml, "--out", "attacked")
	over := make(chan struct{})
	var clients sync.WaitGroup
	var served atomic.Int64
	address := strings.TrimSuffix(strings.TrimPrefix(url, "http://"), "/")
	for i := range 1000 {
		clients.Go(func() { attack(i, address, over, &served) })
	}
	c := <-code
	close(over)
	clients.Wait()
	if c != exitOK || served.Load() == 0 {
		t.Errorf("exit code %d, %d scrapes\n%s", c, served.Load(), stderr.String())
	}
	for _, run := range []string{"sgd-seed1", "adam-seed1"} {
		var text [2]string
		for i, out := range []string{"quiet", "attacked"} {
			b, err := os.ReadFile(filepath.Join(runFolder(t, dir, out, run), "steps.csv"))
			if err == nil {
				text[i], err = withoutWall(string(b))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if text[0] != text[1] || strings.Count(text[0], "\n") != 10_002 {
			t.Errorf("%s differs, or is not complete", run)
		}
	}
}

// attack is a client, good or bad by its number, until the run is over.
func attack(number int, address string, over chan struct{}, served *atomic.Int64) {
	for {
		select {
		case <-over:
			return
		default:
		}
		conn, err := net.Dial("tcp", address)
		if err != nil {
			continue
		}
		_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
		switch number % 20 {
		case 0: // asks, and does not read
			_, _ = io.WriteString(conn, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 100))
			select {
			case <-over:
			case <-time.After(time.Second):
			}
		case 1: // garbage
			_, _ = conn.Write(bytes.Repeat([]byte{0x16, 0x03, 0xff, '\n', 0}, 10_000))
		default:
			_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			if b, err := io.ReadAll(conn); err == nil && bytes.HasPrefix(b, []byte("HTTP/1.1 200")) {
				served.Add(1)
			}
		}
		_ = conn.Close()
	}
}
