package metrics_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v2"
)

// source is a reference to a data source.
type source struct{ Type, UID string }

// dashboard is what the tests look at of a dashboard's JSON.
type dashboard struct {
	file          string
	UID, Title    string
	Tags          []string
	SchemaVersion int
	Refresh       string
	Editable      bool
	Templating    struct{ List []variable }
	Annotations   struct {
		List []struct {
			Name, Expr string
			Datasource source
			Enable     bool
		}
	}
	Links []struct {
		Type, URL             string
		IncludeVars, KeepTime bool
	}
	Panels []panel
}

type variable struct {
	Name, Type, Definition, Label, AllValue, Regex string
	Datasource                                     source
	Query                                          json.RawMessage
	Multi, IncludeAll                              bool
	Refresh                                        int
}

type panel struct {
	ID                         int
	Type, PluginVersion, Title string
	Description, Interval      string
	GridPos                    struct{ X, Y, W, H int }
	Datasource                 source
	Targets                    []struct {
		RefID, Expr, LegendFormat, Format string
		Datasource                        source
		Range, Instant                    bool
	}
	FieldConfig struct {
		Defaults struct {
			Unit     string
			Decimals *int
			Custom   struct {
				ScaleDistribution struct{ Type string }
				SpanNulls         any // whether, or how many milliseconds
			}
		}
	}
}

func dashboards(t *testing.T) []dashboard {
	t.Helper()
	files, err := filepath.Glob("grafana/dashboards/*.json")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d dashboards, %v", len(files), err)
	}
	var all []dashboard
	for _, file := range files {
		b, err := os.ReadFile(file)
		d := dashboard{file: filepath.Base(file)}
		if err == nil {
			err = json.Unmarshal(b, &d)
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, d)
	}
	return all
}

// TestDashboards holds the rules of Grafana's dashboard-linter, and some of our own. Whether a query is PromQL is seen where
// Prometheus is asked (package main of the host).
func TestDashboards(t *testing.T) {
	chosen := source{"prometheus", "${datasource}"}
	units := []string{"none", "s", "percentunit", "locale", "sci"}
	uids := map[string]bool{}
	for _, d := range dashboards(t) {
		t.Run(d.file, func(t *testing.T) {
			if !strings.HasPrefix(d.UID, "steepest-") || uids[d.UID] || d.Title == "" || !slices.Contains(d.Tags, "steepest") ||
				d.SchemaVersion < 39 || d.Refresh != "5s" || d.Editable {
				t.Errorf("its head: %q %q %v, schema %d, refresh %q", d.UID, d.Title, d.Tags, d.SchemaVersion, d.Refresh)
			}
			uids[d.UID] = true
			var names []string
			for i, v := range d.Templating.List {
				names = append(names, v.Name)
				asked := regexp.MustCompile(`^(label_values|query_result)\(.+\)$`).MatchString(v.Definition)
				if i == 0 != (v.Type == "datasource") || v.Type == "query" && (v.Datasource != chosen || v.Refresh != 2 || !v.Multi || !v.IncludeAll ||
					v.AllValue != ".+" || !asked || !strings.EqualFold(v.Label, v.Name)) {
					t.Errorf("variable %+v", v)
				}
			}
			want := []string{"datasource", "job", "instance", "experiment", "problem", "optimizer", "variant", "run", "ceiling"}
			if !slices.Equal(names, want) || d.Templating.List[0].Label != "Data source" {
				t.Errorf("variables %v, want %v", names, want)
			}
			for _, l := range d.Links {
				for _, name := range []string{"experiment", "problem", "optimizer", "variant", "run", "ceiling"} {
					if !l.IncludeVars && !strings.Contains(l.URL, "&${"+name+":queryparam}") {
						t.Errorf("the link %q does not keep the variable %s", l.URL, name)
					}
				}
			}
			names = nil
			for _, a := range d.Annotations.List {
				names = append(names, a.Name)
				if a.Datasource != chosen || !a.Enable {
					t.Errorf("annotation %+v", a)
				}
			}
			if want := []string{"Restarts", "Divergences", "Alerts"}; !slices.Equal(names, want) {
				t.Errorf("annotations %v, want %v", names, want)
			}
			taken, ids := map[[2]int]int{}, map[int]bool{}
			for _, p := range d.Panels {
				if ids[p.ID] || p.ID == 0 {
					t.Errorf("panel %q: id %d is not unique", p.Title, p.ID)
				}
				ids[p.ID] = true
				for _, fault := range faults(p, chosen, units) {
					t.Errorf("panel %d %q: %s", p.ID, p.Title, fault)
				}
				for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
					for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
						if other := taken[[2]int{x, y}]; other != 0 || x >= 24 {
							t.Fatalf("panel %d lies on panel %d or beyond the edge", p.ID, other)
						}
						taken[[2]int{x, y}] = p.ID
					}
				}
			}
		})
	}
}

var (
	window  = regexp.MustCompile(`\[([^\]]+)\]`)
	rated   = regexp.MustCompile(`\b(rate|irate|increase)\([^\[]*\[([^\]]+)\]`)
	counter = regexp.MustCompile(`(?:(rate|increase)\()?steepest_\w+_(?:total|bucket|sum|count)\b`)
	metric  = regexp.MustCompile(`steepest_\w+(\{[^}]*\})?`)
	limit   = regexp.MustCompile(`(?:topk|bottomk)(?: by \([^)]*\))? ?\((\d+),`)
)

// faults are the rules that a panel breaks.
func faults(p panel, chosen source, units []string) (all []string) {
	broken := func(is bool, format string, values ...any) {
		if is {
			all = append(all, fmt.Sprintf(format, values...))
		}
	}
	broken(p.Title == "", "no title")
	broken(len(p.Description) < 20, "no description")
	broken(p.Datasource != chosen, "data source %+v is not the chosen one", p.Datasource)
	broken(!slices.Contains(units, p.FieldConfig.Defaults.Unit), "unit %q", p.FieldConfig.Defaults.Unit)
	broken(len(p.Targets) == 0, "no query")
	broken(p.PluginVersion == "", "no plugin version; Grafana takes an XY chart without one for an older schema")
	title := strings.ToLower(p.Title)
	value := (p.Type == "timeseries" || p.Type == "xychart") && (strings.Contains(title, "loss") || strings.Contains(title, "norm"))
	broken(value && (p.FieldConfig.Defaults.Custom.ScaleDistribution.Type != "log" || p.FieldConfig.Defaults.Unit != "sci"),
		"its axis is not logarithmic, or not in powers of ten")
	span, isSpan := p.FieldConfig.Defaults.Custom.SpanNulls.(float64)
	broken(p.FieldConfig.Defaults.Custom.SpanNulls == true || isSpan && span > 5000, "its lines lead over the time in which nothing goes on")
	broken(p.FieldConfig.Defaults.Unit == "sci" && p.FieldConfig.Defaults.Decimals == nil, "Grafana writes powers of ten as 0.00001 where decimals are not given")
	refs := map[string]bool{}
	for _, q := range p.Targets {
		broken(refs[q.RefID] || q.RefID == "", "reference %q is not unique", q.RefID)
		refs[q.RefID] = true
		broken(q.Datasource != chosen, "query %s: data source %+v is not the chosen one", q.RefID, q.Datasource)
		broken(q.Range == q.Instant, "query %s: is it a range or an instant?", q.RefID)
		broken(q.Format == "time_series" && q.LegendFormat == "", "query %s: no legend", q.RefID)
		ofRuns := false
		for _, m := range metric.FindAllStringSubmatch(q.Expr, -1) {
			broken(!strings.Contains(m[1], `job=~"$job",instance=~"$instance"`), "query %s: %s is not of the chosen jobs and instances", q.RefID, m[0])
			ofRuns = ofRuns || !strings.Contains(m[0], "build_info") && !strings.Contains(m[0], "series_dropped")
		}
		broken(ofRuns && !strings.Contains(q.Expr, `variant=~"$variant"`), "query %s: the variable variant does nothing", q.RefID)
		for _, l := range limit.FindAllStringSubmatch(q.Expr, -1) {
			broken(l[1] != "1" && !strings.Contains(p.Title, l[1]) && p.Type != "xychart" && p.Type != "timeseries" && p.Type != "bargauge", "query %s: the title does not say that %s are shown", q.RefID, l[1])
		}
		for _, w := range window.FindAllStringSubmatch(q.Expr, -1) {
			broken(!slices.Contains([]string{"$__interval", "$__rate_interval", "$__range", "1m"}, w[1]) || w[1] == "1m" && !strings.HasPrefix(p.Title, "Validation loss, median"), "query %s: fixed window [%s]", q.RefID, w[1])
		}
		for _, r := range rated.FindAllStringSubmatch(q.Expr, -1) {
			broken(q.Range && r[2] != "$__rate_interval", "query %s: %s over [%s], not [$__rate_interval]", q.RefID, r[1], r[2])
		}
		for _, c := range counter.FindAllStringSubmatch(q.Expr, -1) {
			broken(c[1] == "", "query %s: the counter %s without rate or increase", q.RefID, c[0])
		}
	}
	return all
}

// rules are the groups of a file of Prometheus' rules.
type rules struct {
	Groups []struct {
		Rules []struct {
			Record, Alert, Expr string
			Labels, Annotations map[string]string
		}
	}
}

func read(t *testing.T, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// TestAlerts: each says what is wrong, how bad it is, and where the manual says what to do.
func TestAlerts(t *testing.T) {
	manual, err := os.ReadFile("../docs/dashboards.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("prometheus/tests.yml")
	if err != nil {
		t.Fatal(err)
	}
	var r rules
	read(t, "prometheus/alerts.yml", &r)
	var names []string
	for _, a := range r.Groups[0].Rules {
		names = append(names, a.Alert)
		want := "https://github.com/steepest/steepest/blob/main/docs/dashboards.md#" + strings.ToLower(a.Alert)
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" || a.Annotations["runbook_url"] != want ||
			!slices.Contains([]string{"info", "warning", "critical"}, a.Labels["severity"]) {
			t.Errorf("%s: %v, %v", a.Alert, a.Labels, a.Annotations)
		}
		if !strings.Contains(string(manual), "\n### "+a.Alert+"\n") {
			t.Errorf("docs/dashboards.md has no section %s", a.Alert)
		}
		if !strings.Contains(string(tests), "alertname: "+a.Alert+", eval_time") || !strings.Contains(string(tests), "alertname: "+a.Alert+"\n") {
			t.Errorf("tests.yml has no case where %s fires, or none where it does not", a.Alert)
		}
	}
	if want := []string{"HostGone", "RunStalled", "NonFinite", "GradientExploding", "PluginCrashLoop", "FailureRatioHigh", "SeriesDropped"}; !slices.Equal(names, want) {
		t.Errorf("alerts %v, want %v", names, want)
	}
	read(t, "prometheus/rules.yml", &r)
	for _, g := range r.Groups {
		for _, rule := range g.Rules {
			if strings.Count(string(tests), rule.Record) < 1 {
				t.Errorf("tests.yml does not test %s", rule.Record)
			}
		}
	}
}

// needPromtool skips a test without promtool, where that is allowed.
func needPromtool(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		message := "promtool is missing; install it with: apt-get install prometheus"
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
}

func TestPromtool(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector does not see promtool")
	}
	t.Parallel()
	needPromtool(t)
	for _, args := range [][]string{
		{"check", "config", "prometheus/prometheus.yml", "prometheus/docker.yml"},
		{"check", "rules", "prometheus/rules.yml", "prometheus/alerts.yml"},
		{"test", "rules", "prometheus/tests.yml"},
	} {
		if out, err := exec.Command("promtool", args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestProvisioning: what Grafana and Docker are told to find is there, and nothing listens beyond loopback.
func TestProvisioning(t *testing.T) {
	var sources struct {
		Datasources []struct {
			Name, UID, URL string
			JSONData       map[string]string `yaml:"jsonData"`
		}
	}
	read(t, "grafana/provisioning/datasources/steepest.yml", &sources)
	var found []string
	for _, s := range sources.Datasources {
		found = append(found, s.Name, s.UID, s.URL)
		if s.JSONData["timeInterval"] != "1s" {
			t.Errorf("%s: $__rate_interval comes from timeInterval, which is %q", s.Name, s.JSONData["timeInterval"])
		}
	}
	if want := []string{"Steepest", "steepest", "http://${STEEPEST_PROMETHEUS_HOST}:9090",
		"Steepest by step", "steepest-by-step", "http://${STEEPEST_BY_STEP_HOST}:9091"}; !slices.Equal(found, want) {
		t.Errorf("data sources %q, want %q", found, want)
	}
	var compose struct {
		Services map[string]struct {
			Image          string
			Ports, Volumes []string
			Environment    map[string]string
		}
		Volumes map[string]any
	}
	read(t, "compose.yml", &compose)
	if len(compose.Services) != 3 {
		t.Errorf("%d services", len(compose.Services))
	}
	for name, s := range compose.Services {
		if !regexp.MustCompile(`:v?\d+\.\d+\.\d+$`).MatchString(s.Image) {
			t.Errorf("%s: the version of %s is not pinned", name, s.Image)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s: port %s is not on loopback", name, p)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if strings.HasPrefix(from, "./") {
				if _, err := os.Stat(from); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			} else if _, ok := compose.Volumes[from]; !ok && from != "${STEEPEST_BY_STEP" {
				t.Errorf("%s: there is no volume %s", name, from)
			}
		}
	}
	for _, variable := range []string{"STEEPEST_PROMETHEUS_HOST", "STEEPEST_BY_STEP_HOST", "STEEPEST_DASHBOARDS"} {
		if compose.Services["grafana"].Environment[variable] == "" {
			t.Errorf("compose.yml does not set %s", variable)
		}
	}
	scrape, err := os.ReadFile("prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	docker, err := os.ReadFile("prometheus/docker.yml")
	if err != nil {
		t.Fatal(err)
	}
	_, a, _ := strings.Cut(strings.Replace(string(scrape), "127.0.0.1:9464", "host.docker.internal:9464", 1), "global:")
	_, b, _ := strings.Cut(string(docker), "global:")
	if strings.ReplaceAll(a, " # runs are short", "") != b {
		t.Error("docker.yml differs from prometheus.yml by more than the address")
	}
}

// TestVariantsOfOneName: what panels say of a variant is of one, also where others have its name: of an experiment that was changed, or of other results.
func TestVariantsOfOneName(t *testing.T) {
	needPromtool(t)
	var input, asked []map[string]any
	for id, loss := range map[string]string{"one": "1", "two": "3"} {
		labels := `instance="i", job="j", run_id="` + id + `-1"`
		point := `{` + labels + `, experiment="e", problem="p", optimizer="o"}`
		for series, value := range map[string]string{
			"steepest_train_loss" + point: loss, "steepest_final_train_loss" + point: loss,
			"steepest_run_status{" + labels + `, status="running"}`: "1", "steepest_run_step{" + labels + "}": "0",
			"steepest_run_info{" + labels + `, experiment="e", problem="p", optimizer="o", variant="v", color="0", run="v-seed1", variant_id="` + id + `"}`: "1",
		} {
			input = append(input, map[string]any{"series": series, "values": value + "x5"})
		}
	}
	variables := regexp.MustCompile(`"\$\w+"`)
	for _, d := range dashboards(t) {
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				if p.Title+q.RefID != "Training loss by step, median (exported runs only)value" && p.Title+q.RefID != "Final loss, as the command's table has ittrain loss" {
					continue
				}
				expr := strings.NewReplacer("$__interval", "1s", "$__rate_interval", "5s", "$__range", "5s", "@ end()", "", "$ceiling", "1e6").Replace(variables.ReplaceAllString(q.Expr, `".+"`))
				var samples []map[string]any
				for id, loss := range map[string]float64{"one": 1, "two": 3} {
					samples = append(samples, map[string]any{"value": loss,
						"labels": `{instance="i", experiment="e", variant_id="` + id + `", problem="p", variant="v", color="0"}`})
				}
				asked = append(asked, map[string]any{"expr": expr, "eval_time": "3s", "exp_samples": samples})
			}
		}
	}
	if len(asked) < 2 {
		t.Fatalf("only %d queries", len(asked))
	}
	text, err := yaml.Marshal(map[string]any{"tests": []any{map[string]any{"interval": "1s", "input_series": input, "promql_expr_test": asked}}})
	file := filepath.Join(t.TempDir(), "tests.yml")
	if err == nil {
		err = os.WriteFile(file, text, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("promtool", "test", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
