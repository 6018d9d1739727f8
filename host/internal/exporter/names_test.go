package exporter

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v2"

	"github.com/steepest/steepest/metrics"
)

// shipped is where the dashboards and rules are.
const shipped = "../../../metrics/"

func TestManualIsFresh(t *testing.T) {
	b, err := os.ReadFile("../../../docs/metrics.md")
	if err != nil || !strings.Contains(string(b), "-->\n"+metrics.Document(Quantities())+"<!--") {
		t.Errorf("docs/metrics.md is stale (%v); make it with `make generate`", err)
	}
}

func read(t *testing.T, file string, unmarshal func([]byte, any) error, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = unmarshal(b, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

var (
	name    = regexp.MustCompile(`(?:\b[a-z_]+:)?\bsteepest_\w+(?::\w+)?`)
	matcher = regexp.MustCompile(`(\bsteepest_\w+)\{([^}]*)\}`)
	label   = regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)`)
)

// TestNames: whatever a dashboard or a rule asks for is exported, with the labels that it asks for, or is recorded by a rule.
func TestNames(t *testing.T) {
	labels := map[string][]string{} // by metric
	for _, d := range metrics.Definitions(Quantities()) {
		labels[d.Name] = append(d.Labels, "instance", "job")
		if d.Type == "histogram" {
			labels[d.Name+"_bucket"], labels[d.Name+"_sum"], labels[d.Name+"_count"] = append(labels[d.Name], "le"), labels[d.Name], labels[d.Name]
			delete(labels, d.Name) // there are no classic series of this name
		}
	}
	expressions := map[string]string{} // by place
	files, err := filepath.Glob(shipped + "grafana/dashboards/*.json")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d dashboards, %v", len(files), err)
	}
	for _, file := range files {
		var d struct {
			Templating struct {
				List []struct{ Name, Type, Definition string }
			}
			Annotations struct {
				List []struct{ Name, Expr string }
			}
			Panels []struct {
				Title   string
				Targets []struct{ RefID, Expr string }
			}
		}
		read(t, file, json.Unmarshal, &d)
		for _, v := range d.Templating.List {
			if v.Type == "query" {
				expressions[file+", variable "+v.Name] = v.Definition
			}
		}
		for _, a := range d.Annotations.List {
			if a.Name != "Alerts" {
				expressions[file+", annotation "+a.Name] = a.Expr
			}
		}
		for _, p := range d.Panels {
			for _, q := range p.Targets {
				expressions[fmt.Sprintf("%s, panel %q, %s", file, p.Title, q.RefID)] = q.Expr
			}
		}
	}
	for _, file := range []string{"rules.yml", "alerts.yml"} {
		var r struct {
			Groups []struct {
				Rules []struct{ Record, Alert, Expr string }
			}
		}
		read(t, shipped+"prometheus/"+file, func(b []byte, into any) error { return yaml.Unmarshal(b, into) }, &r)
		for _, g := range r.Groups {
			for i, rule := range g.Rules {
				expressions[fmt.Sprintf("%s, rule %d: %s%s", file, i+1, rule.Record, rule.Alert)] = rule.Expr
				if rule.Record != "" {
					labels[rule.Record] = nil
				}
			}
		}
	}
	if len(expressions) < 70 {
		t.Fatalf("only %d expressions seen", len(expressions))
	}
	for place, e := range expressions {
		asked := name.FindAllString(e, -1)
		for _, n := range asked {
			if _, ok := labels[n]; !ok {
				t.Errorf("%s: %s is not exported", place, n)
			}
		}
		if len(asked) == 0 {
			t.Errorf("%s asks for no metric: %s", place, e)
		}
		for _, m := range matcher.FindAllStringSubmatch(e, -1) {
			for _, l := range label.FindAllStringSubmatch(m[2], -1) {
				if !slices.Contains(labels[m[1]], l[1]) {
					t.Errorf("%s: %s has no label %s", place, m[1], l[1])
				}
			}
		}
	}
}
