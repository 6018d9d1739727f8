//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
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

	"github.com/steepest/steepest/host/internal/plugin"
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
at     = { schedule = "constant", value = 10 }
[[diagnose]]
name   = "hessian"
every  = 500
[[diagnose]]
name   = "preconditioned"
every  = 500
[[diagnose]]
name   = "noise"
every  = 500
[[diagnose]]
name   = "alpha"
every  = 500
`

// server is a Prometheus on loopback. What is asked of it is about the half a minute before a time.
type server struct {
	t   *testing.T
	url string
	end time.Time // zero is now
}

// watch starts a Prometheus with the shipped configuration, but for the address that it scrapes, and texts that stand for others.
func watch(t *testing.T, target string, changes ...string) *server {
	t.Helper()
	dir, replace := t.TempDir(), strings.NewReplacer(append(changes, "127.0.0.1:9464", target)...)
	for _, name := range []string{"prometheus.yml", "rules.yml", "alerts.yml"} {
		b, err := os.ReadFile("../metrics/prometheus/" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(replace.Replace(string(b))), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	address := freeAddress(t)
	serve(t, dir, nil, address, "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address="+address,
		"--log.level=warn")
	return &server{t: t, url: "http://" + address}
}

// get asks the API.
func (s *server) get(path string, form url.Values, into any) error {
	response, err := http.Get(s.url + "/api/v1/" + path + "?" + form.Encode())
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

// values are what a query gives, as a panel asks: in every second of the half a minute before the end, or at the end.
type values []struct {
	Metric map[string]string
	Value  []any // time and number
	Values [][]any
}

func (s *server) values(query string, instant bool) (values, error) {
	last := s.end
	if last.IsZero() {
		last = time.Now()
	}
	at := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }
	path, form := "query_range", url.Values{"query": {query}, "start": {at(last.Add(-30 * time.Second))}, "end": {at(last)}, "step": {"1"}}
	if instant {
		path, form = "query", url.Values{"query": {query}, "time": {at(last)}}
	}
	var data struct{ Result values }
	err := s.get(path, form, &data)
	return data.Result, err
}

// series counts the series that have at least one number, which NaN is not.
func (s *server) series(query string, instant bool) (count int, err error) {
	result, err := s.values(query, instant)
	for _, r := range result {
		if slices.ContainsFunc(append(r.Values, r.Value), func(v []any) bool { return len(v) == 2 && v[1] != "NaN" }) {
			count++
		}
	}
	return count, err
}

// grafana is what the test reads of a dashboard.
type grafana struct {
	Title      string
	Templating struct {
		List []struct{ Name, Type, Definition, AllValue, Regex string }
	}
	Annotations struct {
		List []struct{ Name, Expr string }
	}
	Panels []struct {
		Title, Description string
		Targets            []struct {
			RefID, Expr string
			Instant     bool
		}
	}
}

var asked = regexp.MustCompile(`^(?:label_values\((.*), (\w+)\)|query_result\((.*)\))$`)

// choose asks for the values of the dashboard's variables, as far as those before them allow, and chooses all, as Grafana does.
func (s *server) choose(g grafana) map[string]string {
	chosen := map[string]string{"__rate_interval": "4s", "__range": "60s", "__interval": "1s", "__interval_ms": "1000", "ceiling": "1e6"}
	for _, v := range g.Templating.List {
		if v.Type != "query" {
			continue
		}
		parts := asked.FindStringSubmatch(v.Definition)
		if parts == nil {
			s.t.Fatalf("%s: variable %s: %s", g.Title, v.Name, v.Definition)
		}
		var found []string
		var err error
		if v.Regex == "" {
			err = s.get("label/"+parts[2]+"/values", url.Values{"match[]": {interpolate(parts[1], chosen)}}, &found)
		} else {
			var all values
			all, err = s.values(interpolate(parts[3], chosen), true)
			name := regexp.MustCompile(strings.ReplaceAll(strings.Trim(v.Regex, "/"), "(?<", "(?P<"))
			for _, r := range all { // Grafana writes them so, in the order of the labels
				text := "{"
				for _, label := range slices.Sorted(maps.Keys(r.Metric)) {
					text += fmt.Sprintf("%s=%q,", label, r.Metric[label])
				}
				if m := name.FindStringSubmatch(text); m != nil && r.Metric["run"] == m[name.SubexpIndex("text")] && r.Metric["run_id"] == m[name.SubexpIndex("value")] {
					found = append(found, m[0])
				}
			}
			if len(found) != len(all) {
				s.t.Errorf("%s: %d of %d values of variable %s are found", g.Title, len(found), len(all), v.Name)
			}
		}
		if err != nil || len(found) == 0 {
			s.t.Fatalf("%s: variable %s has the values %v, %v", g.Title, v.Name, found, err)
		}
		s.t.Logf("%-25s $%-31s %3d values", g.Title, v.Name, len(found))
		chosen[v.Name] = v.AllValue
	}
	return chosen
}

func interpolate(text string, chosen map[string]string) string {
	return os.Expand(text, func(name string) string { return chosen[name] })
}

// TestDashboardsOnPrometheus: every query of every panel, every variable and every rule is asked of a Prometheus that watches
// a program, and has data. With -v it prints how many series.
func TestDashboardsOnPrometheus(t *testing.T) {
	t.Parallel()
	known(t)
	needPrometheus(t)
	p := &process{t: t, dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(p.dir, "eventful.toml"), []byte(eventful), 0o644); err != nil {
		t.Fatal(err)
	}
	target := freeAddress(t)
	// The program is scraped as if it were two, on machines of which each has its own Prometheus otherwise.
	s := watch(t, target, `["127.0.0.1:9464"]`, fmt.Sprintf(`[%q]
        labels: {instance: here}
      - targets: [%[1]q]
        labels: {instance: there}`, target))
	p.Cmd = exec.Command("steepest", "run", "--jobs", "12", "--metrics-address", target, "--metrics-layers", "eventful.toml")
	p.Dir, p.Env = p.dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir)
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

	p.eventually("scrapes enough for rates two seconds ago", has(`min(count_over_time(up[1m])) >= 6`))
	for _, name := range []string{"experiment", "compare-by-step", "run", "plugins-and-boundary"} {
		g, chosen := s.ask(name, "(exported runs only)")
		for _, a := range g.Annotations.List {
			if n, err := s.series(interpolate(a.Expr, chosen), false); err != nil || n == 0 {
				t.Errorf("annotation %s has no data (%v): %s", a.Name, err, a.Expr)
			}
		}
		s.apart(g, chosen)
	}
	s.rules()
}

// ask asks all that a dashboard asks and returns the dashboard and what was chosen. Panels with a word in their titles have nothing.
func (s *server) ask(name, without string) (grafana, map[string]string) {
	var g grafana
	if b, err := os.ReadFile("../metrics/grafana/dashboards/" + name + ".json"); err != nil || json.Unmarshal(b, &g) != nil {
		s.t.Fatal(name, err)
	}
	chosen := s.choose(g)
	for _, panel := range g.Panels {
		other := without != "" && strings.Contains(panel.Title, without)
		for _, q := range panel.Targets {
			n, err := s.series(interpolate(q.Expr, chosen), q.Instant)
			if other {
				if err != nil || n > 0 {
					s.t.Errorf("%s, panel %q, query %s has %d series (%v) where its title says that it has none", g.Title, panel.Title, q.RefID, n, err)
				}
				break // where the step of each point is is known everywhere
			}
			s.t.Logf("%-25s %-32s %-22s %3d series  %s", g.Title, panel.Title, q.RefID, n, q.Expr)
			if err != nil || n == 0 {
				s.t.Errorf("%s, panel %q, query %s has no data (%v): %s", g.Title, panel.Title, q.RefID, err, interpolate(q.Expr, chosen))
			}
		}
	}
	return g, chosen
}

var limit = regexp.MustCompile(`\b(topk|bottomk)\(\d+,`)

// apart compares what a dashboard shows of one program among two, which make runs of the same file, with what it shows of it alone. What a panel shows only
// the first of, as its title says, it asks for whole. What shows all programs together, which says so, is left out.
func (s *server) apart(g grafana, chosen map[string]string) {
	past := server{t: s.t, url: s.url, end: time.Now().Add(-2 * time.Second)} // which changes no more
	of := func(query, instances string, instant bool) (all []string) {
		chosen := maps.Clone(chosen)
		chosen["instance"] = instances
		result, err := past.values(limit.ReplaceAllString(interpolate(query, chosen), "$1(1000,"), instant)
		for _, r := range result {
			if r.Metric["instance"] == "there" {
				continue
			}
			b, _ := json.Marshal(r)
			all = append(all, string(b))
		}
		if err != nil {
			s.t.Errorf("%s: %v: %s", g.Title, err, query)
		}
		slices.Sort(all)
		return all
	}
	queries, shown := 0, 0
	for _, panel := range g.Panels {
		if strings.Contains(panel.Description, "all programs together") {
			continue
		}
		for _, q := range panel.Targets {
			both, one := of(q.Expr, ".+", q.Instant), of(q.Expr, "here", q.Instant)
			if queries++; len(one) > 0 {
				shown++
			}
			if !slices.Equal(both, one) {
				s.t.Errorf("%s, panel %q, query %s shows of a program beside another one %d series that differ from the %d that it shows of it alone: %s",
					g.Title, panel.Title, q.RefID, len(both), len(one), q.Expr)
			}
		}
	}
	if shown < queries/2 {
		s.t.Errorf("%s: only %d of %d queries show something of one program", g.Title, shown, queries)
	}
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
