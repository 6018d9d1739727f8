package main

import (
	"fmt"
	"strings"
)

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
	Targets         []target `json:"targets"`
	Transformations []object `json:"transformations,omitempty"`
	FieldConfig     config   `json:"fieldConfig"`
	Options         object   `json:"options"`

	width int // in columns, of which there are 24; 0 is a share of what is left
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

	name string // of its series, as Grafana finds it by their labels
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

// palette are the colours of package figure on white, by the label color: those of optimizers, then their shades, paler and paler. Each is seen on
// dark pages too, where Grafana's own ink stands for the black.
var palette = strings.Fields(`
	#0072b2 #c23b00 #008a64 #b84f8c #c48a00 #2f94c9 #9a1f60 text
	#147db8 #c74a14 #149370 #be5d95 #c99314 #3f9ccd #a2316c #2e2e2e
	#2888be #cc5a28 #289c7c #c36b9e #cd9c28 #50a5d1 #aa4279 #404040
	#3c93c4 #d0693c #3ca689 #c978a7 #d2a63c #60add6 #b25485 #525252
	#509eca #d57950 #50af95 #ce86b0 #d7af50 #70b6da #ba6592 #636363
	#64a9d0 #da8864 #64b8a1 #d494b9 #dbb864 #81bede #c2779e #757575
	#78b4d6 #df9778 #78c1ad #d9a2c2 #e0c178 #91c6e2 #ca89ab #878787
	#8cc0dc #e4a78c #8ccab9 #dfb0cb #e4ca8c #a1cfe7 #d29ab7 #999999
`)

// Names of variants and of runs, as legends have them: what is named first stays where there is no room.
const (
	variantName = "${__field.labels.variant} · ${__field.labels.experiment} · ${__field.labels.problem} · ${__field.labels.instance}"
	runName     = "${__field.labels.run} · ${__field.labels.experiment} · ${__field.labels.instance}"
)

// colored is a query whose series have the label color. A rule finds it in the name that the query gives them, and another gives them
// the name that is read: so one query has all colours.
func colored(name, expr string) target {
	t := query("{{color}} {{variant}}", expr)
	t.name = name
	return t
}

func newPanel(kind, title, description, unit string, targets ...target) *panel {
	p := &panel{
		Type: kind, PluginVersion: "11.6.0", Title: title, Description: description, Datasource: datasource, Interval: "1s",
		Targets: targets, FieldConfig: config{Defaults: object{"unit": unit}, Overrides: []object{}},
	}
	if unit == "locale" { // whole numbers
		p.FieldConfig.Defaults["decimals"] = 0
	}
	for i := range targets {
		if targets[i].RefID == "" {
			targets[i].RefID = string(rune('A' + i))
		}
		if targets[i].name != "" && i == 0 {
			p.colors("/^%d /")
		}
	}
	for _, t := range targets {
		if t.name != "" {
			p.query(t.RefID, "displayName", t.name)
		}
	}
	return p
}

// colors gives what matches the expression with a place in the palette the colour there.
func (p *panel) colors(expression string) *panel {
	for i, color := range palette {
		p.rule("byRegexp", fmt.Sprintf(expression, i), "color", object{"mode": "fixed", "fixedColor": color})
	}
	return p
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
	for i := range p.Targets {
		p.Targets[i].Expr = drawable(p.Targets[i].Expr)
	}
	if p.FieldConfig.Defaults["unit"] == "sci" {
		p.FieldConfig.Defaults["decimals"] = 2
	}
	return p.custom("scaleDistribution", object{"type": "log", "log": 10})
}

// rule sets properties, given as id and value in turn, of the fields that a matcher finds.
func (p *panel) rule(matcher, options string, properties ...any) *panel {
	var list []object
	for i := 0; i < len(properties); i += 2 {
		list = append(list, object{"id": properties[i], "value": properties[i+1]})
	}
	p.FieldConfig.Overrides = append(p.FieldConfig.Overrides, object{"matcher": object{"id": matcher, "options": options}, "properties": list})
	return p
}

// field sets properties of the field of a name, query of those of a query.
func (p *panel) field(name string, properties ...any) *panel {
	return p.rule("byName", name, properties...)
}

func (p *panel) query(ref string, properties ...any) *panel {
	return p.rule("byFrameRefID", ref, properties...)
}

// wide sets the number of columns.
func (p *panel) wide(columns int) *panel {
	p.width = columns
	return p
}

// toRun opens the dashboard of the run that a click meets. The run is Grafana's expression for its id.
func (p *panel) toRun(run string) *panel {
	p.FieldConfig.Defaults["links"] = []object{linkToRun(run)}
	return p
}

func linkToRun(run string) object {
	return object{"title": "Open the run", "targetBlank": false, "url": "/d/" + runUID + "?var-datasource=${datasource}" +
		keep("job", "instance", "experiment", "problem", "optimizer", "variant", "ceiling") + "&var-run=" + run + "&${__url_time_range}"}
}

// legend stands to the right, with the last values in order, the largest first.
func legend() object {
	return object{"showLegend": true, "displayMode": "table", "placement": "right", "calcs": []string{"lastNotNull"}, "sortBy": "Last *", "sortDesc": true}
}

// ascending sorts the legend so that the lowest value is first.
func (p *panel) ascending() *panel {
	p.Options["legend"].(object)["sortDesc"] = false
	return p
}

// series draws values over time.
func series(title, description, unit string, targets ...target) *panel {
	p := newPanel("timeseries", title, description, unit, targets...)
	p.Options = object{"legend": legend(), "tooltip": object{"mode": "multi", "sort": "desc"}}
	return p.custom("lineWidth", 2).custom("showPoints", "auto").custom("spanNulls", false)
}

// spread draws for each variant the median over the seeds of its runs that go on, and hatches what lies between the quartiles: a
// line that leads from one to the other and back, point by point. Grafana fills only between lines of which it knows the names
// beforehand.
func spread(title, description, x string) *panel {
	all := of(running(), bounded(x))
	even := "and on () (vector(time() * 1000 / $__interval_ms % 2) < 1)"
	p := series(title, description, "sci",
		colored(variantName, quantile("0.5", all)),
		query("band {{color}} {{variant}}", "("+quantile("0.25", all)+" "+even+") or "+quantile("0.75", all))).log().ascending()
	for i, color := range palette {
		if color == "text" {
			color = "#808080"
		}
		p.rule("byRegexp", fmt.Sprintf("/^band %d /", i), "color", object{"mode": "fixed", "fixedColor": color + "48"})
	}
	p.custom("spanNulls", 5_000) // a missed scrape, but not the time until the next run of the variant
	return p.query("B", "custom.lineWidth", 3, "custom.showPoints", "never",
		"custom.hideFrom", object{"legend": true, "tooltip": true, "viz": false})
}

// numbers shows one number for each series.
func numbers(title, description, unit string, targets ...target) *panel {
	p := newPanel("stat", title, description, unit, targets...)
	p.Options = object{"reduceOptions": reduce(), "colorMode": "value", "graphMode": "none", "textMode": "auto", "justifyMode": "auto",
		"orientation": "auto", "wideLayout": true, "showPercentChange": false, "percentChangeColorMode": "standard"}
	return p
}

func reduce() object {
	return object{"calcs": []string{"lastNotNull"}, "fields": "", "values": false}
}

// bars compares one number of each series.
func bars(title, description, unit string, targets ...target) *panel {
	p := newPanel("bargauge", title, description, unit, targets...)
	p.Options = object{"reduceOptions": reduce(), "orientation": "horizontal", "displayMode": "basic", "valueMode": "text",
		"namePlacement": "left", "showUnfilled": true, "sizing": "auto", "legend": object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []string{}},
		"minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 24, "text": object{"titleSize": 12, "valueSize": 12}}
	return p
}

// table joins the columns by the labels that they share. What else it shows is given by the names of its columns: labels,
// and queries, which Grafana calls "Value #" and their name. A column in brackets is there for links and is not seen. Its rows
// are in the order of some of the columns.
func table(title, description string, shown, order []string, targets ...target) *panel {
	p := newPanel("table", title, description, "sci", targets...)
	values := map[string]bool{}
	for _, t := range targets {
		values[t.RefID] = true
	}
	index, rename, include := object{}, object{}, []string{}
	p.custom("minWidth", 60) // not 150, by which the last columns are out of sight
	for i, name := range shown {
		label := name
		if values[name] {
			label = "Value #" + name
			rename[label] = name
			p.field(name, "custom.width", 120)
		}
		index[label] = i
		include = append(include, label)
	}
	var sort []object
	for _, name := range order {
		sort = append(sort, object{"displayName": name, "desc": false})
	}
	p.Transformations = []object{
		{"id": "merge", "options": object{}},
		{"id": "filterFieldsByName", "options": object{"include": object{"names": include}}},
		{"id": "organize", "options": object{"excludeByName": object{}, "indexByName": index, "renameByName": rename}},
	}
	p.Options = object{"frameIndex": 0, "showHeader": true, "cellHeight": "sm", "sortBy": sort,
		"footer": object{"show": false, "countRows": false, "reducer": []string{"sum"}}}
	p.FieldConfig.Defaults["decimals"] = 3
	return p.custom("filterable", false).custom("align", "auto").custom("cellOptions", object{"type": "auto"})
}

// heatMap shows how the durations of a histogram's classic buckets are spread over time. It can show one such spread, and so all programs together.
func heatMap(title, description, metric, selector, by string) *panel {
	t := query("{{le}}", "sum by (le) ("+increase(metric+"_bucket", selector, "le, "+by)+")")
	t.Format = "heatmap"
	p := newPanel("heatmap", title, description+" Of all programs together: choose an instance to see one.", "s", t)
	p.custom("hideFrom", object{"legend": false, "tooltip": false, "viz": false})
	p.Options = object{"calculate": false, "cellGap": 1, "yAxis": object{"axisPlacement": "left", "unit": "s"},
		"rowsFrame": object{"layout": "auto", "value": "calls"}, "cellValues": object{"unit": "short"},
		"color":   object{"mode": "scheme", "scheme": "Viridis", "scale": "exponential", "exponent": 0.5, "fill": "blue", "steps": 64, "reverse": false},
		"legend":  object{"show": true},
		"tooltip": object{"mode": "single", "yHistogram": true, "showColorScale": true}, "showValue": "never",
		"exemplars": object{"color": "red"}, "filterValues": object{"le": 1e-9}}
	return p
}

// byStep draws values against the step. Prometheus knows no step, so two queries are joined: each gives rows of time, labels and
// number; merge puts what has the same time and labels into one row; a line is the rows with the same labels. The step has the labels
// of the value and is there where the value is; it is found by those that both have.
func byStep(title, description, unit, name, labels, value, by, step string) *panel {
	if unit == "sci" {
		value = drawable(value)
	}
	y, x := query("", value), query("", "0 * ("+value+") + on ("+by+") group_left () "+step)
	y.RefID, y.Format, x.RefID, x.Format = "value", "table", "step", "table"
	p := newPanel("xychart", title, description, unit, y, x)
	fields := strings.Split(labels, ", ")
	p.Transformations = []object{
		{"id": "merge", "options": object{}},
		{"id": "filterFieldsByName", "options": object{"include": object{"names": append([]string{"Value #step", "Value #value"}, fields...)}}},
		{"id": "partitionByValues", "options": object{"fields": fields, "keepFields": false, "naming": object{"asLabels": true}}},
	}
	p.Options = object{"mapping": "auto", "legend": object{"showLegend": true, "displayMode": "list", "placement": "right", "calcs": []string{}},
		"tooltip": object{"mode": "single", "sort": "none"},
		"series": []object{{
			"x": object{"matcher": object{"id": "byName", "options": "Value #step"}},
			"y": object{"matcher": object{"id": "byName", "options": "Value #value"}},
		}}}
	p.custom("scaleDistribution", object{"type": "linear"})
	if unit == "sci" {
		p.FieldConfig.Defaults["decimals"] = 2 // without it Grafana writes 0.00001 at some axes
		p.custom("scaleDistribution", object{"type": "log", "log": 10})
	}
	return p.custom("show", "lines").custom("lineWidth", 2).custom("pointSize", object{"fixed": 4}).
		colors(`/^Value #value .*color="%d"/`).field("Value #value", "displayName", name).
		field("Value #step", "custom.scaleDistribution", object{"type": "linear"}, "custom.axisLabel", "step", "unit", "locale", "decimals", 0)
}

// medianByStep is over the seeds of each variant, on the axis of steps, which ends long before 2020: of runs that are watched live each is at
// another step, and the median is of other runs from point to point.
func medianByStep(title, description, x string) *panel {
	return byStep(title+" (exported runs only)", description, "sci", variantName, variantLabels,
		quantile("0.5", of(running(), bounded(x)))+" and on () vector(time()) < 1577836800",
		variantLabels, quantile("0.5", of(running(), at("steepest_run_step"+ofRun))))
}

// quantity is a value of runs under a name.
type quantity struct{ name, x string }

// runsByStep draws quantities of runs, each under its name; what tells further series of one apart, such as a layer, is a label.
func runsByStep(title, description, unit, runs, label string, all ...quantity) *panel {
	labels, name, values := runLabels, runName, []string{}
	for _, q := range all {
		value := "max by (" + runLabels + ") (" + of(runs, q.x) + ")"
		switch {
		case label != "":
			labels, name = label+", "+runLabels, "${__field.labels."+label+"} · "+runName
			value = strings.Replace(value, runLabels, labels, 1)
		case len(all) > 1:
			labels, name = "quantity, "+runLabels, "${__field.labels.quantity} · "+runName
			value = `label_replace(` + value + `, "quantity", "` + q.name + `", "", "")`
		}
		values = append(values, value)
	}
	p := byStep(title, description, unit, name, labels, strings.Join(values, " or "), "instance, run_id",
		"max by (instance, run_id) ("+at("steepest_run_step"+ofRun)+")")
	for _, q := range all[1:] {
		p.rule("byRegexp", `/^Value #value .*quantity="`+q.name+`"/`, "custom.lineStyle", object{"fill": "dash", "dash": []int{8, 6}})
	}
	return p
}
