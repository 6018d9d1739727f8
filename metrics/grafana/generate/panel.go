package main

// panel is Grafana's panel.
type panel struct {
	ID              int      `json:"id"`
	Type            string   `json:"type"`
	PluginVersion   string   `json:"pluginVersion"` // without it Grafana takes XY charts for those of an older schema
	Title           string   `json:"title"`
	Description     string   `json:"description"`
	GridPos         object   `json:"gridPos"`
	Datasource      object   `json:"datasource"`
	Interval        string   `json:"interval"` // not finer than scrapes are
	Repeat          string   `json:"repeat,omitempty"`
	RepeatDirection string   `json:"repeatDirection,omitempty"`
	MaxPerRow       int      `json:"maxPerRow,omitempty"`
	Targets         []target `json:"targets"`
	Transformations []object `json:"transformations,omitempty"`
	FieldConfig     config   `json:"fieldConfig"`
	Options         object   `json:"options"`
}

// config is how fields are shown.
type config struct {
	Defaults  object   `json:"defaults"`
	Overrides []object `json:"overrides"`
}

// target is a query of Prometheus.
type target struct {
	RefID        string `json:"refId"`
	Datasource   object `json:"datasource"`
	EditorMode   string `json:"editorMode"`
	Expr         string `json:"expr"`
	LegendFormat string `json:"legendFormat"`
	Format       string `json:"format"` // time_series, table or heatmap
	Range        bool   `json:"range"`
	Instant      bool   `json:"instant"`
}

// query is a query over the time range. Its legend may name labels: {{optimizer}}.
func query(legend, expr string) target {
	return target{Datasource: datasource, EditorMode: "code", Expr: expr, LegendFormat: legend, Format: "time_series", Range: true}
}

// now is a query at the end of the time range.
func now(legend, expr string) target {
	t := query(legend, expr)
	t.Range, t.Instant = false, true
	return t
}

// column is a query at the end of the time range for a table, whose column of values is called name.
func column(name, expr string) target {
	t := now("", expr)
	t.RefID, t.Format = name, "table"
	return t
}

func newPanel(kind, title, description, unit string, targets []target) *panel {
	for i := range targets {
		if targets[i].RefID == "" {
			targets[i].RefID = string(rune('A' + i))
		}
	}
	return &panel{
		Type: kind, PluginVersion: "11.6.0", Title: title, Description: description, Datasource: datasource, Interval: "1s",
		Targets: targets, FieldConfig: config{Defaults: object{"unit": unit}, Overrides: []object{}},
	}
}

// custom sets how a field is drawn.
func (p *panel) custom(key string, value any) *panel {
	c, ok := p.FieldConfig.Defaults["custom"].(object)
	if !ok {
		c = object{}
		p.FieldConfig.Defaults["custom"] = c
	}
	c[key] = value
	return p
}

// log makes the axis of values logarithmic.
func (p *panel) log() *panel {
	return p.custom("scaleDistribution", object{"type": "log", "log": 10})
}

// override sets properties, given as id and value in turn, of the field of a name.
func (p *panel) override(name string, properties ...any) *panel {
	var list []object
	for i := 0; i < len(properties); i += 2 {
		list = append(list, object{"id": properties[i], "value": properties[i+1]})
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, object{"matcher": object{"id": "byName", "options": name}, "properties": list})
	return p
}

// toRun opens the dashboard of the run that a click meets. The run is Grafana's expression for it.
func (p *panel) toRun(run string) *panel {
	p.FieldConfig.Defaults["links"] = []object{linkToRun(run)}
	return p
}

func linkToRun(run string) object {
	return object{"title": "Open the run", "targetBlank": false,
		"url": "/d/" + runUID + "?var-datasource=${datasource}&var-experiment=$__all&var-problem=$__all&var-optimizer=$__all" +
			"&var-run_id=" + run + "&${__url_time_range}"}
}

// each repeats the panel for every chosen variant.
func (p *panel) each() *panel {
	p.Repeat, p.RepeatDirection, p.MaxPerRow = "variant", "h", 4
	return p
}

func legend(calculations ...string) object {
	mode := "table"
	if len(calculations) == 0 {
		mode, calculations = "list", []string{}
	}
	return object{"showLegend": true, "displayMode": mode, "placement": "bottom", "calcs": calculations}
}

// series draws values over time.
func series(title, description, unit string, targets ...target) *panel {
	p := newPanel("timeseries", title, description, unit, targets)
	p.Options = object{"legend": legend("lastNotNull", "min", "max"), "tooltip": object{"mode": "multi", "sort": "asc"}}
	return p.custom("lineWidth", 2).custom("showPoints", "auto").custom("spanNulls", false)
}

// band draws the median over seeds and the space between the quartiles, for each variant a panel.
func band(title, description, metric string) *panel {
	quantile := func(name, q string) target {
		return query(name, "quantile("+q+", "+"("+metric+ofRuns+finite+")"+ofVariant("")+")")
	}
	p := series(title+", seeds of $variant", description, "short",
		quantile("lower quartile", "0.25"), quantile("upper quartile", "0.75"), quantile("median", "0.5")).log().each()
	p.Options["legend"] = legend("lastNotNull")
	return p.override("lower quartile", "custom.lineWidth", 0, "color", object{"mode": "fixed", "fixedColor": "blue"}).
		override("upper quartile", "custom.lineWidth", 0, "custom.fillBelowTo", "lower quartile", "custom.fillOpacity", 25,
			"color", object{"mode": "fixed", "fixedColor": "blue"}).
		override("median", "color", object{"mode": "fixed", "fixedColor": "blue"})
}

// numbers shows one number for each series.
func numbers(title, description, unit string, targets ...target) *panel {
	p := newPanel("stat", title, description, unit, targets)
	p.Options = object{"reduceOptions": reduce(), "colorMode": "value", "graphMode": "none", "textMode": "auto", "justifyMode": "auto",
		"orientation": "auto", "wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard"}
	return p
}

func reduce() object {
	return object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
}

// bars compares one number of each series.
func bars(title, description, unit string, targets ...target) *panel {
	p := newPanel("bargauge", title, description, unit, targets)
	p.FieldConfig.Defaults["color"] = object{"mode": "palette-classic"}
	p.Options = object{"reduceOptions": reduce(), "orientation": "horizontal", "displayMode": "basic", "valueMode": "text",
		"namePlacement": "auto", "showUnfilled": true, "sizing": "auto", "legend": object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
		"minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 300}
	return p
}

// table joins the columns by the labels that they share. What else it shows is given by the names of its columns: labels,
// and queries, which Grafana calls "Value #" and their name.
func table(title, description string, shown []string, targets ...target) *panel {
	p := newPanel("table", title, description, "short", targets)
	index, rename := object{}, object{}
	for i, name := range shown {
		index[name] = i
	}
	for _, t := range targets {
		value := "Value #" + t.RefID
		if i, ok := index[t.RefID]; ok {
			delete(index, t.RefID)
			index[value] = i
		}
		rename[value] = t.RefID
	}
	p.Transformations = []object{
		{"id": "merge", "options": object{}},
		{"id": "organize", "options": object{"excludeByName": object{"Time": true}, "indexByName": index, "renameByName": rename}},
	}
	p.Options = object{"frameIndex": 0, "showHeader": true, "cellHeight": "sm", "sortBy": []object{{"displayName": shown[0], "desc": false}},
		"footer": object{"show": false, "countRows": false, "reducer": []string{"sum"}}}
	return p.custom("filterable", true).custom("align", "auto").custom("cellOptions", object{"type": "auto"})
}

// heatMap shows how the durations of a histogram's classic buckets are spread over time.
func heatMap(title, description, metric, selector string) *panel {
	t := query("{{le}}", "sum by (le) (increase("+metric+"_bucket"+selector+rateInterval+"))")
	t.Format = "heatmap"
	p := newPanel("heatmap", title, description, "s", []target{t})
	p.custom("hideFrom", object{"legend": false, "tooltip": false, "viz": false})
	p.Options = object{"calculate": false, "cellGap": 1, "yAxis": object{"axisPlacement": "left", "unit": "s"},
		"rowsFrame": object{"layout": "auto", "value": "calls"}, "cellValues": object{"unit": "short"},
		"color":   object{"mode": "scheme", "scheme": "Viridis", "scale": "exponential", "exponent": 0.5, "fill": "blue", "steps": 64, "reverse": false},
		"legend":  object{"show": true},
		"tooltip": object{"mode": "single", "yHistogram": true, "showColorScale": true}, "showValue": "never",
		"exemplars": object{"color": "red"}, "filterValues": object{"le": 1e-9}}
	return p
}

// byStep draws a value of every run against its step. Prometheus knows no step, so two queries are joined: each gives rows
// of time, run and number; merge puts what has the same time and run into one row; a line is the rows of one run.
func byStep(title, description, expr string) *panel {
	y, step := query("", "max by (run_id) ("+expr+")"), query("", "max by (run_id) (steepest_run_step"+ofRun+")")
	y.RefID, y.Format, step.RefID, step.Format = "value", "table", "step", "table"
	p := newPanel("xychart", title, description, "short", []target{y, step})
	p.Transformations = []object{
		{"id": "merge", "options": object{}},
		{"id": "filterFieldsByName", "options": object{"include": object{"names": []string{"run_id", "Value #step", "Value #value"}}}},
		{"id": "partitionByValues", "options": object{"fields": []string{"run_id"}, "keepFields": false, "naming": object{"asLabels": true}}},
	}
	p.Options = object{"mapping": "auto", "legend": legend(), "tooltip": object{"mode": "single", "sort": "none"},
		"series": []object{{
			"x": object{"matcher": object{"id": "byName", "options": "Value #step"}},
			"y": object{"matcher": object{"id": "byName", "options": "Value #value"}},
		}}}
	return p.custom("show", "lines").custom("lineWidth", 2).custom("pointSize", object{"fixed": 4}).log().
		override("Value #value", "displayName", "${__field.labels.run_id}").
		override("Value #step", "custom.scaleDistribution", object{"type": "linear"}, "custom.axisLabel", "step", "unit", "locale")
}
