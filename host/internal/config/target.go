package config

import (
	"fmt"
	"math"
	"strings"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// Target is what a run is to reach.
type Target struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
}

// Quantities are what can be known of every run: the standard quantities and those of its diagnostics.
func (e *Experiment) Quantities() record.Schema {
	return append(record.Standard(), diagnose.Quantities(e.Diagnostics)...)
}

// Schema is what can be known of the runs of an optimizer.
func (e *Experiment) Schema(o Optimizer) record.Schema {
	s := e.Quantities()
	for _, name := range o.Scheduled() {
		s = append(s, record.Hyperparameter(name))
	}
	return s
}

func (w *Workload) readTarget(t *table) {
	targets := w.Quantities().Targets()
	for _, q := range targets {
		value, ok := w.readTargetValue(t, q)
		if !ok {
			continue
		}
		if w.Target != nil {
			t.fault(t.place(q.Name), "[target] names more than one metric", "keep one of them")
		}
		if !w.Problem.Has(q.Needs & record.ValidationExamples) {
			t.fault(t.place(q.Name), "the problem has no validation examples",
				"set a target for "+w.otherTargets(q)+", or validation above 0")
		}
		w.Target = &Target{q.Name, value}
	}
	t.done()
	if w.Target == nil && len(t.keys) == 0 {
		t.fault(t.at(t.path), "[target] is empty", "name a metric: "+strings.Join(targets.Names(), ", "))
	}
}

// checkTarget reports a target for what the built problem does not have.
func (w *Workload) checkTarget() {
	if w.Target == nil {
		return
	}
	all := w.Quantities()
	if q := all[all.Index(w.Target.Metric)]; !w.Problem.Has(q.Needs & record.Classes) {
		w.Fault("target."+q.Name, "the problem has no "+q.Title, "set a target for "+w.otherTargets(q))
	}
}

// otherTargets names what else there could be a target for, at first what is measured on the same examples.
func (w *Workload) otherTargets(than record.Quantity) string {
	var same, others []string
	for _, q := range w.Quantities().Targets() {
		switch {
		case q.Name == than.Name || !w.Problem.Has(q.Needs):
		case (q.Needs^than.Needs)&record.ValidationExamples == 0:
			same = append(same, q.Name)
		default:
			others = append(others, q.Name)
		}
	}
	return registry.Sentence(append(same, others...), "or")
}

// readTargetValue reads the target for a quantity, which must be one that can be reached; ok tells whether it is given.
func (w *Workload) readTargetValue(t *table, q record.Quantity) (value float64, ok bool) {
	raw, given := t.lookup(q.Name)
	if !given {
		return 0, false
	}
	x, _ := toFloat(raw)
	want := "a finite number"
	switch q.Range {
	case record.Share:
		want = "a number from 0 to 1"
		if x > 1 && x <= 100 {
			want += fmt.Sprintf(", which accuracies are; write %v for %v %%", x/100, x)
		}
	case record.Norm:
		want = "a number of at least 0, which norms are"
	}
	least, most := q.Range.Bounds()
	value = t.number(q.Name, 0, func(x float64) bool { return x >= least && x <= most }, want)
	if q.Range != record.Loss {
		return value, true
	}
	part := problem.Training
	if q.Needs&record.ValidationExamples != 0 {
		part = problem.Validation
	}
	least, known := w.Problem.least(part)
	if known && value < least-1e-6*math.Abs(least) {
		t.fault(t.place(q.Name), fmt.Sprintf("%s = %s cannot be reached: the problem has no loss below %s", q.Name, literal(raw),
			problem.Short(least)), fmt.Sprintf("choose a number above %s", problem.Short(least)))
	}
	return value, true
}
