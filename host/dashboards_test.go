//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// eventful is an experiment in which everything happens that a dashboard shows: two variants of an optimizer make a step a
// millisecond, and one diverges.
const eventful = `
[problem]
kind       = "mlp"
dataset    = "breast-cancer"
hidden     = [4]
activation = "relu"
validation = 0.2
[budget]
steps = 40_000
[seeds]
count = 4
[[optimizer]]
plugin = "sgd"
name   = "too far"
lr     = 1e200
[[optimizer]]
plugin = "rogue"
name   = "steady, small"
mode   = "slow"
lr     = 0.01
[[optimizer]]
plugin = "rogue"
name   = "steady, large"
mode   = "slow"
lr     = 0.1
`

// server is a Prometheus on loopback.
type server struct {
	t   *testing.T
	url string
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// compile builds the command.
func compile(t *testing.T, dir string) string {
	t.Helper()
	binary := filepath.Join(dir, "steepest")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// watch starts a Prometheus with the shipped configuration, but for the address that it scrapes.
func watch(t *testing.T, target string) *server {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"prometheus.yml", "rules.yml", "alerts.yml"} {
		b, err := os.ReadFile("../metrics/prometheus/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(string(b), "127.0.0.1:9464", target, 1)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	address := "127.0.0.1:" + freePort(t)
	prometheus := exec.Command("prometheus", "--config.file", filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", address, "--log.level", "warn")
	var said output
	prometheus.Stderr = &said
	if err := prometheus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = prometheus.Process.Kill()
		_ = prometheus.Wait()
	})
	s := &server{t, "http://" + address}
	for i := 0; ; i++ {
		if response, err := http.Get(s.url + "/-/ready"); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return s
			}
		}
		if i == 500 {
			t.Fatalf("Prometheus does not start: %s", said.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// get asks the API.
func (s *server) get(path string, values url.Values, into any) error {
	response, err := http.PostForm(s.url+"/api/v1/"+path, values)
	if path == "rules" || path == "alerts" || strings.HasPrefix(path, "label/") {
		if err == nil {
			_ = response.Body.Close()
		}
		response, err = http.Get(s.url + "/api/v1/" + path + "?" + values.Encode())
	}
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Status != "success" {
		return fmt.Errorf("%s %s (%v)", response.Status, answer.Error, err)
	}
	return json.Unmarshal(answer.Data, into)
}

// series counts the series that a query gives with at least one number, which NaN is not. It asks as a panel does: over the
// last half a minute, or now.
func (s *server) series(query string, now bool) (int, error) {
	end := float64(time.Now().UnixMilli()) / 1000
	at := func(t float64) string { return strconv.FormatFloat(t, 'f', 3, 64) }
	path, values := "query_range", url.Values{"query": {query}, "start": {at(end - 30)}, "end": {at(end)}, "step": {"1"}}
	if now {
		path, values = "query", url.Values{"query": {query}, "time": {at(end)}}
	}
	var data struct {
		Result []struct {
			Value  []any
			Values [][]any
		}
	}
	if err := s.get(path, values, &data); err != nil {
		return 0, err
	}
	count := 0
	for _, r := range data.Result {
		if slices.ContainsFunc(append(r.Values, r.Value), func(v []any) bool { return len(v) == 2 && v[1] != "NaN" }) {
			count++
		}
	}
	return count, nil
}

// grafana is what the test reads of a dashboard.
type grafana struct {
	Title      string
	Templating struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []struct {
		Title, Repeat string
		Targets       []struct {
			RefID, Expr string
			Instant     bool
		}
	}
}

var labelValues = regexp.MustCompile(`^label_values\((.*), (\w+)\)$`)

// choose asks for the values of the dashboard's variables, each as far as those before it allow, and chooses all, as
// Grafana does: with several values a variable is (a|b).
func (s *server) choose(g grafana) map[string]string {
	chosen := map[string]string{"__rate_interval": "4s", "__range": "60s"}
	for _, v := range g.Templating.List {
		if v.Type == "datasource" {
			continue
		}
		parts := labelValues.FindStringSubmatch(v.Definition)
		if parts == nil {
			s.t.Fatalf("%s: variable %s: %s", g.Title, v.Name, v.Definition)
		}
		var values []string
		if err := s.get("label/"+parts[2]+"/values", url.Values{"match[]": {interpolate(parts[1], chosen)}}, &values); err != nil || len(values) == 0 {
			s.t.Fatalf("%s: variable %s has the values %v, %v", g.Title, v.Name, values, err)
		}
		s.t.Logf("%-25s $%-31s %3d values", g.Title, v.Name, len(values))
		for i, value := range values {
			values[i] = strings.ReplaceAll(regexp.QuoteMeta(value), `\`, `\\`)
		}
		if chosen[v.Name] = values[0]; len(values) > 1 {
			chosen[v.Name] = "(" + strings.Join(values, "|") + ")"
		}
	}
	return chosen
}

func interpolate(text string, chosen map[string]string) string {
	return os.Expand(text, func(name string) string { return chosen[name] })
}

// TestDashboardsOnPrometheus: every query of every panel, every variable and every rule is asked of a Prometheus that watches
// a program, and has data. With -v it prints how many series.
func TestDashboardsOnPrometheus(t *testing.T) {
	need(t, "prometheus", "apt-get install prometheus")
	p := &program{t: t, dir: t.TempDir()}
	binary := compile(t, p.dir)
	if err := os.WriteFile(filepath.Join(p.dir, "eventful.toml"), []byte(eventful), 0o644); err != nil {
		t.Fatal(err)
	}
	target := "127.0.0.1:" + freePort(t)
	s := watch(t, target)
	p.Cmd = exec.Command(binary, "run", "--jobs", "12", "--metrics-address", target, "--metrics-layers", "eventful.toml")
	p.Dir, p.Env = p.dir, append(os.Environ(), optimizer.PathEnv+"="+pluginDir)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.Process.Kill()
		_ = p.Wait()
	})
	has := func(query string) func() bool {
		return func() bool {
			n, err := s.series(query, true)
			return err == nil && n > 0
		}
	}
	p.eventually("steps in Prometheus", has(`sum(rate(steepest_steps_total{optimizer="rogue"}[4s])) > 0`))
	for kill := range 3 {
		pid := p.plugins()["steepest-optimizer-rogue"]
		if pid == 0 {
			t.Fatalf("no plugin to kill\n%s", p.stderr.String())
		}
		_ = syscall.Kill(pid, syscall.SIGKILL)
		p.eventually("a restart", has(fmt.Sprintf("sum(steepest_plugin_restarts_total) > %d", kill)))
		p.eventually("a new plugin", func() bool { return p.plugins()["steepest-optimizer-rogue"] != 0 })
	}
	for _, alert := range []string{"NonFinite", "PluginCrashLoop", "FailureRatioHigh"} {
		p.eventually(alert, has(`ALERTS{alertname="`+alert+`",alertstate="firing"}`))
	}

	files, err := filepath.Glob("../metrics/grafana/dashboards/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		var g grafana
		if b, err := os.ReadFile(file); err != nil || json.Unmarshal(b, &g) != nil {
			t.Fatal(file, err)
		}
		chosen := s.choose(g)
		for _, panel := range g.Panels {
			for _, q := range panel.Targets {
				n, err := s.series(interpolate(q.Expr, chosen), q.Instant)
				t.Logf("%-25s %-32s %-22s %3d series  %s", g.Title, panel.Title, q.RefID, n, q.Expr)
				if err != nil || n == 0 {
					t.Errorf("%s, panel %q, query %s has no data (%v): %s", g.Title, panel.Title, q.RefID, err, interpolate(q.Expr, chosen))
				}
			}
		}
	}
	s.rules()
}

var selector = regexp.MustCompile(`\bsteepest_\w+(\{[^}]*\})?`)

// rules asks what all rules ask. An alert that does not fire has no data; what it looks at must have.
func (s *server) rules() {
	var groups struct {
		Groups []struct {
			Rules []struct{ Name, Type, Query, Health, LastError string }
		}
	}
	if err := s.get("rules", nil, &groups); err != nil {
		s.t.Fatal(err)
	}
	count := 0
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			count++
			queries := []string{r.Query}
			if r.Type == "alerting" {
				queries = selector.FindAllString(r.Query, -1)
			}
			for _, q := range queries {
				n, err := s.series(q, true)
				s.t.Logf("%-9s %-75s %3d series  %s", r.Type, r.Name, n, strings.Join(strings.Fields(q), " "))
				if err != nil || n == 0 || r.Health != "ok" {
					s.t.Errorf("rule %s has no data (%v, %s): %s", r.Name, err, r.LastError, q)
				}
			}
		}
	}
	if count < 20 {
		s.t.Errorf("Prometheus knows only %d rules", count)
	}
}

// TestReadmeWatch runs the lines of README that show the final losses in Prometheus, at other ports and with the program
// in place of make, and compares them with what the runs left on disk.
func TestReadmeWatch(t *testing.T) {
	need(t, "prometheus", "apt-get install prometheus")
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
	ports := strings.NewReplacer("9464", freePort(t), "9090", freePort(t))
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
	script := "make() { ./steepest $1 --quiet ${2#FLAGS=} experiments/quickstart.toml; }\n" + ports.Replace(lines) + "kill $!; wait\n"
	compile(t, dir)
	shell := exec.Command("sh", "-c", script)
	shell.Dir, shell.Env = dir, append(os.Environ(), optimizer.PathEnv+"="+pluginDir, "TMPDIR="+dir)
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
