package config

import (
	"cmp"
	"fmt"

	"github.com/steepest/steepest/host/internal/record"
)

// Record is what is written of a run: which points have a row in steps.csv, when validation examples are evaluated, and which weights are
// kept. It changes nothing of what the run computes.
type Record struct {
	Parameters bool `json:"parameters"` // every weight is in each row
	record.Points
	Validation record.Validation `json:"validation,omitzero"`
	Weights    record.Weights    `json:"weights,omitzero"`
}

func (e *Experiment) readRecord(t *table) {
	e.Record = Record{Parameters: t.boolean("parameters", false), Points: t.points()}
	if _, given := t.lookup("validation"); given {
		if sub, ok := t.sub("validation"); ok {
			v := record.Validation{Epochs: sub.integer("epochs", 0, 1), Points: sub.points()}
			if len(sub.keys) == 0 || v.Epochs > 0 && (v.Every > 0 || v.Steps != nil) {
				sub.fault(sub.at(sub.path), "validation needs one of every, epochs and steps", "write validation = { epochs = 1 }, the default")
			}
			e.Record.Validation = v
			sub.done()
		}
	}
	switch v, given := t.lookup("weights"); v := v.(type) {
	case []any:
		e.Record.Weights.Steps = t.steps("weights")
	default:
		if text, is := v.(string); is && text == "end" {
			e.Record.Weights.End = true
		} else if given {
			t.wrong("weights", `"end" or an array of steps`, v, "[0, 100]")
		}
	}
	t.done()
}

// points reads every, or a list of steps.
func (t *table) points() record.Points {
	p := record.Points{Every: t.integer("every", 0, 1), Steps: t.steps("steps")}
	if p.Every > 0 && p.Steps != nil {
		t.fault(t.place("steps"), "every and steps exclude each other", "keep one of them")
	}
	return p
}

// steps reads an array of steps in ascending order, which is nil if there is none.
func (t *table) steps(key string) []int {
	steps := t.wholes(key, 0, maxValues)
	for i := 1; i < len(steps); i++ {
		if steps[i] <= steps[i-1] {
			t.fault(t.at(fmt.Sprintf("%s[%d]", join(t.path, key), i)), fmt.Sprintf("step %d is not after step %d", steps[i], steps[i-1]),
				"list each step once, in ascending order")
			return nil
		}
	}
	return steps
}

// checkRecord reports what the runs do not have.
func (w *Workload) checkRecord() {
	r := w.Record
	for path, steps := range map[string][]int{"record.steps": r.Steps, "record.weights": r.Weights.Steps, "record.validation.steps": r.Validation.Steps} {
		if n := len(steps); n > 0 && steps[n-1] > w.Steps {
			w.Fault(fmt.Sprintf("%s[%d]", path, n-1), fmt.Sprintf("there is no step %d; the runs have %d", steps[n-1], w.Steps),
				"remove it, or enlarge the budget")
		}
	}
	if _, given := w.where("record.validation"); given && !w.Problem.Validates() {
		w.Warn("record.validation", cmp.Or(w.Name, "the problem")+" has no validation examples", "remove record.validation, or set validation above 0")
	}
}
