package config

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Quantities are what can be known of every run: the standard quantities and those of its diagnostics.
func (e *Experiment) Quantities() record.Schema {
	return append(record.Standard(), diagnose.Quantities(e.Diagnose)...)
}

// Schema is what can be known of the runs of an optimizer; of parts of the problem once that is built.
func (w *Workload) Schema(o Optimizer) record.Schema {
	s := w.Quantities()
	if w.Built != nil {
		s = append(s, diagnose.Elements(w.Diagnose, w.Built)...)
	}
	for _, name := range o.Scheduled() {
		s = append(s, record.Hyperparameter(name))
	}
	return s
}

// readTarget reads a target: a key is a quantity, or a measure of more words.
func (w *Workload) readTarget(t *table) {
	targets := w.Quantities().Targets()
	w.targetPath = t.path
	for _, q := range targets {
		if _, given := t.lookup(q.Name); given {
			w.addTarget(t, q.Name, measure.Measure{Quantity: q.Name}, q)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.keys)) {
		if len(strings.Fields(key)) < 2 {
			continue
		}
		t.known = append(t.known, key)
		at, _ := t.where(join(t.path, key))
		m, q, ok := w.online(t, key, at.key)
		if ok && q.Better == record.Neither {
			t.fault(t.place(key), fmt.Sprintf("no value of %s is better than another", q.Name), "set a target for "+w.otherTargets(q))
		} else if ok {
			w.addTarget(t, key, m, q)
		}
	}
	t.done()
	if w.Target == nil && len(t.keys) == 0 {
		t.fault(t.at(t.path), "[target] is empty", "name a metric: "+strings.Join(targets.Names(), ", "))
	}
}

// targetNode is a target: the limit of a quantity, or of a measure of more words.
func (w *Workload) targetNode() node {
	all := node{}
	for _, q := range w.Quantities().Targets() {
		least, most := q.Range.Bounds()
		n := within(&v1.Interval{Low: least, High: most})
		n["description"] = q.Help
		all[q.Name] = n
	}
	return node{"type": "object", "properties": all, "patternProperties": node{`\S\s+\S`: node{"type": "number"}}, "additionalProperties": false,
		"minProperties": 1}
}

func (w *Workload) addTarget(t *table, key string, m measure.Measure, q record.Quantity) {
	value := w.readTargetValue(t, key, q)
	if w.Target != nil {
		t.fault(t.place(key), "[target] names more than one metric", "keep one of them")
	}
	if !w.Problem.Has(q.Needs & record.ValidationExamples) {
		t.fault(t.place(key), "the problem has no validation examples", "set a target for "+w.otherTargets(q)+", or validation above 0")
	}
	w.Target, w.targetPath = &measure.Target{Measure: m, Value: value}, join(t.path, key)
}

// checkTarget reports a target for what the built problem does not have.
func (w *Workload) checkTarget() {
	if w.Target == nil {
		return
	}
	q, _ := w.Target.Measure.Find(w.Quantities())
	if !w.Problem.Has(q.Needs & record.Classes) {
		w.Fault(w.targetPath, "the problem has no "+q.Title, "set a target for "+w.otherTargets(q))
	} else if e, is := errors.AsType[*measure.Error](w.Target.Measure.Check(w.Setting())); is {
		w.Fault(w.targetPath, e.Message, e.Remedy)
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

// readTargetValue reads the target for a quantity, which must be one that can be reached.
func (w *Workload) readTargetValue(t *table, key string, q record.Quantity) float64 {
	raw, _ := t.lookup(key)
	x, _ := toFloat(raw)
	want, _ := measure.Limit(q, x)
	value := t.number(key, 0, func(x float64) bool { _, ok := measure.Limit(q, x); return ok }, want)
	if q.Range != record.Loss {
		return value
	}
	part := problem.Training
	if q.Needs&record.ValidationExamples != 0 {
		part = problem.Validation
	}
	least, known := w.Problem.least(part)
	if known && value < least-1e-6*math.Abs(least) {
		t.fault(t.place(key), fmt.Sprintf("%s = %s cannot be reached: the problem has no loss below %s", key, literal(raw),
			problem.Short(least)), fmt.Sprintf("choose a number above %s", problem.Short(least)))
	}
	return value
}
