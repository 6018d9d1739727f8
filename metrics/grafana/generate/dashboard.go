package main

import "strings"

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

var datasource = object{"type": "prometheus", "uid": "${datasource}"}

// newDashboard lays the rows of panels out from top to bottom.
func newDashboard(uid, title, description string, rows ...row) dashboard {
	d := dashboard{
		UID: uid, Title: title, Description: description,
		Tags: []string{"steepest", "optimization"}, SchemaVersion: 39, Editable: false, GraphTooltip: 1, Refresh: "5s",
		Time: object{"from": "now-15m", "to": "now"}, Timezone: "browser",
		Timepicker:  object{"refresh_intervals": []string{"1s", "5s", "10s", "30s", "1m"}},
		Annotations: object{"list": annotations()},
		Templating:  object{"list": variables()},
		Links: []object{
			{"type": "dashboards", "title": "Steepest", "tags": []string{"steepest"}, "asDropdown": true, "includeVars": true,
				"keepTime": true, "targetBlank": false, "icon": "external link", "tooltip": "The other dashboards, for the same choice", "url": ""},
			{"type": "link", "title": "By step (exported runs)", "tags": []string{}, "asDropdown": false, "includeVars": false,
				"keepTime": false, "targetBlank": false, "icon": "dashboard",
				"tooltip": "The same runs in the first hour after the origin of the step axis: steps 0 to 3,600",
				"url":     "/d/" + compareUID + "?var-datasource=" + byStepUID + keep("experiment", "problem", "optimizer", "variant", "run", "ceiling") + "&from=946684800000&to=946688400000&refresh="},
		},
	}
	id, y := 0, 0
	for _, r := range rows {
		x := 0
		for i, p := range r.panels {
			id++
			width := p.width
			if width == 0 {
				width = (24 - x) / (len(r.panels) - i)
			}
			if legend, ok := p.Options["legend"].(object); ok && legend["placement"] == "right" {
				legend["width"] = min(26*width, 450) // half of half a page that is 1280 wide
			}
			p.ID, p.GridPos = id, object{"x": x, "y": y, "w": width, "h": r.height}
			x += width
			d.Panels = append(d.Panels, p)
		}
		y += r.height
	}
	return d
}

// row is panels of one height beside each other; those without a width share what is left.
type row struct {
	height int
	panels []*panel
}

func beside(height int, panels ...*panel) row { return row{height, panels} }

// variables narrow down from the machine to the run.
func variables() []object {
	list := []object{{
		"type": "datasource", "name": "datasource", "label": "Data source", "query": "prometheus", "regex": "", "refresh": 1, "hide": 0,
		"multi": false, "includeAll": false, "options": []object{}, "skipUrlSync": false,
		"description": "Steepest is live; Steepest by step has the exported runs, with step n at n seconds after the start of 2000.",
	}}
	matchers := []string{}
	for _, v := range []struct{ name, label string }{
		{"job", "Job"}, {"instance", "Instance"}, {"experiment", "Experiment"}, {"problem", "Problem"}, {"optimizer", "Optimizer"},
		{"variant", "Variant"}, {"run", "Run"},
	} {
		selector := "steepest_run_info{" + strings.Join(matchers, ",") + "}"
		kind, query, regex := 1, "label_values("+selector+", "+v.name+")", ""
		if v.name == "run" { // shown by its name, chosen by its id
			kind, query, regex = 3, "query_result(last_over_time("+selector+wholeInterval+"))", `/[{,]run="(?<text>[^"]*)",run_id="(?<value>[^"]*)"/`
		}
		matchers = append(matchers, v.name+`=~"$`+v.name+`"`)
		list = append(list, object{
			"type": "query", "name": v.name, "label": v.label, "datasource": datasource, "definition": query,
			"query":   object{"qryType": kind, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
			"refresh": 2, "sort": 7, "multi": true, "includeAll": true, "allValue": ".+", "regex": regex, "hide": 0, "options": []object{}, "skipUrlSync": false,
			"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
		})
	}
	var bounds []object
	for _, b := range []string{"1e3", "1e6", "1e9", "1e12", "Inf"} {
		bounds = append(bounds, object{"selected": b == "1e6", "text": b, "value": b})
	}
	return append(list, object{
		"type": "custom", "name": "ceiling", "label": "Draw below", "query": "1e3,1e6,1e9,1e12,Inf", "multi": false, "includeAll": false,
		"options": bounds, "current": bounds[1], "hide": 0, "skipUrlSync": false,
		"description": "Losses and norms from here on are not drawn, so that a run that diverges does not flatten all others. They are counted.",
	})
}

// keep hands the values of variables on in the address of a link.
func keep(names ...string) (query string) {
	for _, name := range names {
		query += "&${" + name + ":queryparam}"
	}
	return query
}

// annotations mark on all curves when plugins were started again, when runs diverged, and when alerts began to fire.
func annotations() []object {
	begins := func(x, of, at string) string {
		return x + " unless on (" + of + ") " + strings.ReplaceAll(x, at, at+" offset $__interval")
	}
	diverged := "(last_over_time(steepest_run_status" + with(ofRun, `status="diverged"`) + rateInterval + ") == 1)"
	restarted := "(sum by (instance, experiment, optimizer) (increase(steepest_plugin_restarts_total" + ofOptimizer + rateInterval + ")) > 0)"
	const firing = `ALERTS{instance=~"$instance",alertstate="firing"}`
	var list []object
	for _, a := range []struct{ name, color, title, expr string }{
		{"Restarts", "red", "{{optimizer}} of {{experiment}} was started again", while(begins(restarted, "instance, experiment, optimizer", rateInterval), "instance, experiment, optimizer")},
		{"Divergences", "orange", "{{variant}} of {{experiment}} diverged", "count by (instance, experiment, variant) (" + of(chosen(""), begins(diverged, "instance, run_id", rateInterval)) + ")"},
		{"Alerts", "purple", "{{alertname}}", "count by (alertname, instance, severity) (" + firing + ") unless on (alertname, instance, severity) count by (alertname, instance, severity) (" + firing + " offset $__interval)"},
	} {
		list = append(list, object{"name": a.name, "datasource": datasource, "enable": true, "hide": false, "iconColor": a.color, "expr": a.expr,
			"titleFormat": a.title, "textFormat": "{{instance}}", "step": "1s", "useValueForTime": false})
	}
	return list
}
