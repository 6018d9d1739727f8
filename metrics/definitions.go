// Package metrics is the live view of runs for Prometheus. It is never the record: that is the run directory.
package metrics

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Definition is one metric: all that is said of it anywhere comes from here.
type Definition struct {
	Name   string // with the prefix steepest_
	Type   string // gauge, counter or histogram, whose series end in _bucket, _sum and _count
	Labels []string
	Help   string // one sentence, for the exposition
	Note   string // what a reader of the manual must know beyond it, Markdown
}

// Unit is what it is measured in, with which its name ends; empty if it has none.
func (d Definition) Unit() string {
	if unit := "seconds"; strings.HasSuffix(d.Name, "_"+unit) {
		return unit
	}
	return ""
}

// Quantity is something that is measured at points of runs. Each is a gauge of its name.
type Quantity struct {
	Name      string // without the prefix steepest_
	Help      string // one sentence, for the exposition
	Note      string // what a reader of the manual must know beyond it, Markdown
	NonFinite string // what steepest_non_finite_values_total calls it; empty if it is not counted there
	Final     bool   // it is known at the end of runs alone, as Run.End says
}

// The other metrics, by their place in the table.
const (
	hyperparameter = iota
	layerGradientNorm
	runStep
	runEpoch
	runStart
	runLastStep
	runInfo
	runStatus
	experimentRuns
	runsInFlight
	stepsTotal
	gradientsTotal
	restartsTotal
	deathsTotal
	errorsTotal
	nonFiniteTotal
	gradientDuration
	optimizerDuration
	boundaryDuration
	droppedTotal
	buildInfo
	metricCount
)

var (
	ofValue     = []string{"experiment", "problem", "optimizer", "run_id"}
	ofRun       = []string{"run_id"}
	ofOptimizer = []string{"experiment", "optimizer"}
)

var table = [metricCount]Definition{
	hyperparameter: {"hyperparameter", "gauge", []string{"run_id", "hyperparameter"}, "Value of a scheduled hyperparameter for the last update.",
		"of those with a schedule in the experiment file, beside the learning rate; the first 8 by name, those of groups of tensors last"},
	layerGradientNorm: {"layer_gradient_norm", "gauge", []string{"run_id", "layer"}, "Euclidean norm of a layer's part of the gradient.",
		"with `--metrics-layers`; see [below](#layers)"},
	runStep:           {"run_step", "gauge", ofRun, "Number of the last recorded point; 0 is the start.", "the step that the losses and norms belong to"},
	runEpoch:          {"run_epoch", "gauge", ofRun, "Completed passes over the training data.", "absent for functions without data"},
	runStart:          {"run_start_timestamp_seconds", "gauge", ofRun, "When this program began the run, in seconds since 1970.", ""},
	runLastStep:       {"run_last_step_timestamp_seconds", "gauge", ofRun, "When the last point was recorded, in seconds since 1970.", "stands still if the run is stuck"},
	runInfo:           {"run_info", "gauge", []string{"run_id", "experiment", "problem", "optimizer", "variant", "seed", "run", "color", "variant_id", "config_hash", "plugin_version"}, "Always 1; the labels describe the run.", "`variant` is the optimizer's `name` in the experiment file; `run` the run's own name, such as `adam-seed1`; `color` the colour of the variant in all figures, `0` to `7` for the palette, and 8 more for each paler shade of it; `variant_id` is made like `run_id`, but for the seed: it tells variants of one name apart that have other settings, or are of other results; `config_hash` is the same for runs of the same experiment with the same settings, and is in `manifest.json`"},
	runStatus:         {"run_status", "gauge", []string{"run_id", "status"}, "1 for the run's present status, 0 for the others.", "`pending`, `running`, `finished`, `diverged`, `stopped`, `pruned`, `failed`, `interrupted`, `paused`"},
	experimentRuns:    {"experiment_runs", "gauge", []string{"experiment", "status"}, "Runs of the experiment that have the status.", "all of them, also those that have no series of their own any more or ended before a `--resume`"},
	runsInFlight:      {"runs_in_flight", "gauge", nil, "Runs that go on at the moment, of all experiments.", "0 once all ended; by its last value one knows whether a program that does not answer ended well, see [HostGone](dashboards.md#hostgone)"},
	stepsTotal:        {"steps_total", "counter", ofOptimizer, "Updates applied to the weights.", "by this program; steps repeated after a plugin's death count once"},
	gradientsTotal:    {"gradient_evaluations_total", "counter", ofOptimizer, "Gradients computed.", "by this program, also those computed again after a plugin's death"},
	restartsTotal:     {"plugin_restarts_total", "counter", ofOptimizer, "How often a run had its plugin started again.", "each run that was in the process counts"},
	deathsTotal:       {"plugin_deaths_total", "counter", ofOptimizer, "Processes of the plugin that died, hung or did not start.", "each counts once, however many runs were in it; [below](#plugin-errors)"},
	errorsTotal:       {"plugin_errors_total", "counter", []string{"experiment", "optimizer", "kind"}, "Calls of the plugin that failed.", "kinds are [below](#plugin-errors)"},
	nonFiniteTotal:    {"non_finite_values_total", "counter", []string{"run_id", "quantity", "kind"}, "Recorded values that are infinite or not a number.", "of quantities that the run measures"},
	gradientDuration:  {"gradient_duration_seconds", "histogram", []string{"experiment", "problem"}, "Time to compute loss and gradient, in the host.", "sampled"},
	optimizerDuration: {"optimizer_duration_seconds", "histogram", ofOptimizer, "Time spent in the update rule, in the plugin.", "sampled"},
	boundaryDuration:  {"boundary_duration_seconds", "histogram", ofOptimizer, "Time of a step's call beyond the update rule: encoding, sending, waiting.", "sampled"},
	droppedTotal:      {"run_series_dropped_total", "counter", nil, "Ended runs whose series were dropped before their time because there were too many.", "see [below](#how-many-runs)"},
	buildInfo:         {"build_info", "gauge", []string{"version", "revision", "goversion"}, "Always 1; the labels describe the program.", ""},
}

// nonFiniteKinds are values of the label kind of non_finite_values_total.
var nonFiniteKinds = [...]string{"nan", "inf"}

const prefix = "steepest_"

// Definitions lists all metrics that are exported, in the order of the manual: first the quantities.
func Definitions(quantities []Quantity) []Definition {
	var all []Definition
	var counted []string
	for _, q := range quantities {
		all = append(all, Definition{q.Name, "gauge", ofValue, q.Help, q.Note})
		switch q.NonFinite {
		case "":
		case q.Name:
			counted = append(counted, "`"+q.Name+"`")
		default:
			counted = append(counted, "`"+q.NonFinite+"` (`"+q.Name+"`)")
		}
	}
	all = append(all, table[:]...)
	all[len(quantities)+nonFiniteTotal].Note += "; quantity " + strings.Join(counted, ", ") +
		"; kind `" + strings.Join(nonFiniteKinds[:], "`, `") + "`"
	for i := range all {
		all[i].Name, all[i].Labels = prefix+all[i].Name, slices.Clone(all[i].Labels)
	}
	return all
}

// Document is the table of the manual, Markdown.
func Document(quantities []Quantity) string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | meaning |\n|---|---|---|---|\n")
	for _, d := range Definitions(quantities) {
		labels := ""
		if len(d.Labels) > 0 {
			labels = "`" + strings.Join(d.Labels, "`, `") + "`"
		}
		meaning := strings.TrimSuffix(d.Help, ".")
		if d.Note != "" {
			meaning += "; " + d.Note
		}
		_, _ = fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, labels, meaning)
	}
	return b.String()
}

// Label is a text as the value of a label: a replacement character stands for what is no valid UTF-8, which Prometheus does not
// take, and for control characters other than the line feed, which a terminal must not see.
func Label(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
}

// RunIDs are the values of run_id that are taken: a scrape in which two runs share one would be refused as a whole. The zero value is ready for use.
type RunIDs struct{ runs map[string]int }

// Of is the value for a run: its id, and after the first run of that id the number of the run.
func (r *RunIDs) Of(id string) string {
	if r.runs == nil {
		r.runs = map[string]int{}
	}
	r.runs[id]++
	if n := r.runs[id]; n > 1 {
		return id + "-" + strconv.Itoa(n)
	}
	return id
}
