package config

import (
	"cmp"
	"fmt"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// Record is what is written of a run: which points have a row in steps.csv, when validation examples are evaluated, and which weights are
// kept. It changes nothing of what the run computes.
type Record struct {
	Parameters bool `json:"parameters"`       // every weight is in each row
	Layers     bool `json:"layers,omitempty"` // the norm of the gradient of each layer is
	record.Points
	Validation record.Cadence `json:"validation,omitzero"`
	Weights    record.Weights `json:"weights,omitzero"`
}

func recordKeys(r *Record) keys {
	steps := arrayOf(node{"type": "integer", "minimum": 0})
	return append(pointKeys(&r.Points, "row of `steps.csv`"),
		key{name: "validation", kind: "table", value: validationKeys(&r.Validation).closed(), words: "`{ epochs = 1 }`",
			help: "when validation examples are evaluated: `every`, `steps` or `epochs`", read: func(t *table, _ *key) { readValidation(t, &r.Validation) }},
		key{name: "weights", kind: "`\"end\"` or integers", value: either(only("end"), steps), words: "none",
			help: "the steps, or the end, whose weights are written as `.npy`", read: func(t *table, _ *key) { readWeights(t, &r.Weights) }},
		boolKey(&r.Layers, "layers", false, "write the norm of the gradient of each layer into each row of `steps.csv`"),
		boolKey(&r.Parameters, "parameters", false, "write every weight into each row of `steps.csv`; refused above 1000 parameters"))
}

// validationKeys say when validation examples are evaluated.
func validationKeys(v *record.Cadence) keys {
	return append(keys{integerKey(&v.Epochs, "epochs", 0, 1, unbounded, "epochs from one evaluation to the next")}, pointKeys(&v.Points, "evaluation")...)
}

func readValidation(t *table, v *record.Cadence) {
	sub, ok := t.sub("validation")
	if !ok {
		return
	}
	sub.read(validationKeys(v))
	if len(sub.keys) == 0 || v.Epochs > 0 && !v.All() {
		sub.fault(sub.at(sub.path), "validation needs one of every, per_decade, epochs and steps", "write validation = { epochs = 1 }, the default")
	}
}

func readWeights(t *table, w *record.Weights) {
	switch v, given := t.lookup("weights"); v := v.(type) {
	case []any:
		w.Steps = t.steps("weights")
	default:
		if text, is := v.(string); is && text == "end" {
			w.End = true
		} else if given {
			t.wrong("weights", `"end" or an array of steps`, v, "[0, 100]")
		}
	}
}

// pointKeys are points of a run, of which each has what is named: every so many steps, so many for each power of ten, or a list of them.
func pointKeys(p *record.Points, what string) keys {
	return keys{
		integerKey(&p.Every, "every", 0, 1, unbounded, "steps from one "+what+" to the next"),
		integerKey(&p.PerDecade, "per_decade", 0, 1, 1000, "how many steps from one power of ten to the next have one, evenly spaced on a logarithmic axis"),
		{name: "steps", kind: "integers", value: arrayOf(node{"type": "integer", "minimum": 0}), help: "the steps that have one, in ascending order",
			read: func(t *table, _ *key) {
				p.Steps = t.steps("steps")
				var given []string
				for _, name := range []string{"every", "per_decade", "steps"} {
					if t.given(name) {
						given = append(given, name)
					}
				}
				if len(given) > 1 {
					t.fault(t.place(given[len(given)-1]), registry.Sentence(given, "and")+" exclude each other", "keep one of them")
				}
			}},
	}
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
