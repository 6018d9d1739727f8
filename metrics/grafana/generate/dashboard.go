package main

// object is a part of Grafana's schema that is written as it is.
type object = map[string]any

// dashboard is Grafana's dashboard, schema version 39 (Grafana 11).
type dashboard struct {
	UID           string   `json:"uid"`
	Title         string   `json:"title"`
	Description   string   `json:"description"`
	Tags          []string `json:"tags"`
	SchemaVersion int      `json:"schemaVersion"`
	Editable      bool     `json:"editable"`
	GraphTooltip  int      `json:"graphTooltip"` // 1: one crosshair in all panels
	Refresh       string   `json:"refresh"`
	Time          object   `json:"time"`
	Timezone      string   `json:"timezone"`
	Timepicker    object   `json:"timepicker"`
	Annotations   object   `json:"annotations"`
	Links         []object `json:"links"`
	Templating    object   `json:"templating"`
	Panels        []*panel `json:"panels"`
}

// The dashboards' ids, which links between them name.
const (
	experimentUID = "steepest-experiment"
	compareUID    = "steepest-compare-by-step"
	runUID        = "steepest-run"
	boundaryUID   = "steepest-plugins-and-boundary"
)

// byStepUID is the data source of exported runs, in provisioning/datasources/steepest.yml.
const byStepUID = "steepest-by-step"

// Selectors of what the variables choose: of metrics with all labels of a run, and of those with one of them.
const (
	ofRuns        = `{experiment=~"$experiment",problem=~"$problem",optimizer=~"$optimizer",run_id=~"$run_id"}`
	ofRun         = `{run_id=~"$run_id"}`
	ofOptimizer   = `{optimizer=~"$optimizer"}`
	ofProblem     = `{problem=~"$problem"}`
	ofExperiment  = `{experiment=~"$experiment"}`
	finite        = " < Inf" // leaves NaN out too: neither has a place on an axis
	rateInterval  = "[$__rate_interval]"
	wholeInterval = "[$__range]"
)

// sparse is a metric of runs that the step axis has only where it was measured: the last value since the point before.
func sparse(metric string) string { return "last_over_time(" + metric + ofRuns + rateInterval + ")" }

// ofVariant gives series of runs the label variant, the optimizer's name in the experiment file, and leaves out those that
// are not chosen: of one plugin there can be several variants. A window such as [1h] looks back so far.
func ofVariant(window string) string {
	info := `steepest_run_info{run_id=~"$run_id",variant=~"$variant"}`
	if window != "" {
		info = "last_over_time(" + info + window + ")"
	}
	return " * on (instance, run_id) group_left (variant) max by (instance, run_id, variant) (" + info + ")"
}

var datasource = object{"type": "prometheus", "uid": "${datasource}"}

// newDashboard lays the rows of panels out from top to bottom.
func newDashboard(uid, title, description string, rows ...row) dashboard {
	d := dashboard{
		UID: uid, Title: title, Description: description,
		Tags: []string{"steepest", "optimization"}, SchemaVersion: 39, Editable: false, GraphTooltip: 1, Refresh: "5s",
		Time: object{"from": "now-15m", "to": "now"}, Timezone: "browser",
		Timepicker:  object{"refresh_intervals": []string{"1s", "5s", "10s", "30s", "1m"}},
		Annotations: object{"list": []object{}},
		Templating:  object{"list": variables()},
		Links: []object{
			{"type": "dashboards", "title": "Steepest", "tags": []string{"steepest"}, "asDropdown": true, "includeVars": true,
				"keepTime": true, "targetBlank": false, "icon": "external link", "tooltip": "The other dashboards, for the same choice", "url": ""},
			{"type": "link", "title": "By step (exported runs)", "tags": []string{}, "asDropdown": false, "includeVars": false,
				"keepTime": false, "targetBlank": false, "icon": "dashboard", "tooltip": "The first hour after the origin of the step axis: steps 0 to 3,600",
				"url": "/d/" + compareUID + "?var-datasource=" + byStepUID + "&from=946684800000&to=946688400000&refresh="},
		},
	}
	id, y := 0, 0
	for _, r := range rows {
		x := 0
		for _, p := range r.panels {
			id++
			width := 24 / len(r.panels)
			p.ID, p.GridPos = id, object{"x": x, "y": y, "w": width, "h": r.height}
			x += width
			d.Panels = append(d.Panels, p)
		}
		y += r.height
	}
	return d
}

// row is panels of one height beside each other, equally wide.
type row struct {
	height int
	panels []*panel
}

func beside(height int, panels ...*panel) row { return row{height, panels} }

// variables narrow down from experiment to run.
func variables() []object {
	list := []object{{
		"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "regex": "", "refresh": 1, "hide": 0,
		"multi": false, "includeAll": false, "options": []object{}, "skipUrlSync": false,
		"description": "Steepest is live; Steepest by step has the exported runs, with step n at n seconds after the start of 2000.",
	}}
	for _, v := range []struct{ name, label, query string }{
		{"experiment", "Experiment", "label_values(steepest_train_loss, experiment)"},
		{"problem", "Problem", `label_values(steepest_train_loss{experiment=~"$experiment"}, problem)`},
		{"optimizer", "Optimizer", `label_values(steepest_train_loss{experiment=~"$experiment",problem=~"$problem"}, optimizer)`},
		{"run_id", "Run", `label_values(steepest_train_loss{experiment=~"$experiment",problem=~"$problem",optimizer=~"$optimizer"}, run_id)`},
		{"variant", "Variant", `label_values(steepest_run_info{run_id=~"$run_id"}, variant)`},
	} {
		list = append(list, object{
			"type": "query", "name": v.name, "label": v.label, "datasource": datasource, "definition": v.query,
			"query":   object{"qryType": 1, "query": v.query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
			"refresh": 2, "sort": 7, "multi": true, "includeAll": true, "regex": "", "hide": 0, "options": []object{}, "skipUrlSync": false,
			"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
		})
	}
	return list
}
