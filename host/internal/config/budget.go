package config

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// Budget is how long a run lasts: one of these, or no step at all if all are 0.
type Budget struct {
	Epochs              int           `json:"epochs,omitempty"`
	Steps               int           `json:"steps,omitempty"`
	GradientEvaluations int           `json:"gradient_evaluations,omitempty"`
	ExampleGradients    int           `json:"example_gradients,omitempty"`
	GradientEquivalents float64       `json:"gradient_equivalents,omitempty"`
	Time                time.Duration `json:"time_ns,omitempty"` // of its steps alone
}

// MaxSteps is the most steps of a run, and the number of those of which only the time is given.
const MaxSteps = math.MaxInt32

// maxCount is the largest number that is counted exactly everywhere.
const maxCount = 1 << 53

// budgetKeys are what a budget can be counted in.
func budgetKeys(b *Budget) keys {
	const equivalents = "gradient_equivalents"
	list := keys{
		integerKey(&b.Steps, "steps", 0, 0, unbounded, "updates; `0` measures the start alone"),
		integerKey(&b.Epochs, "epochs", 0, 1, unbounded, "passes over the training data"),
		integerKey(&b.GradientEvaluations, "gradient_evaluations", 0, 1, unbounded, "gradients of a batch"),
		integerKey(&b.ExampleGradients, "example_gradients", 0, 1, maxCount, "gradients of an example: a batch counts as many as it has").
			ofKind("integer"),
		{name: equivalents, kind: "number of at least 1", value: node{"type": "number", "minimum": record.GradientCost, "maximum": MaxSteps},
			help: "work in units of a gradient of a batch: a gradient counts 1, a loss alone 1/3, a Hessian-vector product 2",
			read: func(t *table, _ *key) {
				b.GradientEquivalents = t.number(equivalents, 0, func(x float64) bool { return x >= record.GradientCost && x <= MaxSteps },
					"a number of at least 1, which is one gradient")
			}},
		durationKey(&b.Time, "time", 0, time.Millisecond, "of the steps alone, without evaluation and diagnostics"),
	}
	list[0].standard = nil // one of them must be there
	return list
}

func (w *Workload) readBudget(t *table) {
	kinds := budgetKeys(&w.Budget)
	t.read(kinds)
	given := slices.DeleteFunc(kinds.names(), func(name string) bool { return !t.given(name) })
	switch {
	case len(given) == 0 && len(t.keys) > 0: // a key that is unknown, which is reported
	case len(given) == 0:
		t.fault(t.at(t.path), "[budget] says nothing", "write one of "+registry.Sentence(kinds.names(), "or")+", such as steps = 1000")
	case len(given) > 1:
		remedy := "keep one of them"
		if t.place(given[0]).source != t.place(given[1]).source {
			remedy = "the tables of an included file and of this one are merged: write budget = { steps = 20 }, without a header, in place of the whole"
		}
		t.fault(t.place(given[1]), "[budget] has "+registry.Sentence(given, "and"), remedy)
	case given[0] == "epochs" && !w.Problem.HasEpochs() && w.Problem.Kind != "":
		t.fault(t.place("epochs"), fmt.Sprintf("the problem %q has no data and so no epochs", w.Problem.Kind),
			"write steps = 1000 instead")
	case given[0] == "example_gradients" && !w.Problem.HasEpochs() && w.Problem.Kind != "":
		t.fault(t.place("example_gradients"), fmt.Sprintf("the problem %q has no data and so no examples", w.Problem.Kind),
			"write gradient_evaluations = 1000 instead")
	}
}

// steps is how many steps of a problem a budget is for: as many as do not exceed it, if they take one gradient each.
func (b Budget) steps(p problem.Problem) int {
	switch {
	case b.Epochs > 0:
		return problem.Steps(p, b.Epochs)
	case b.ExampleGradients > 0:
		return problem.StepsWithin(p, b.ExampleGradients)
	case b.GradientEquivalents > 0:
		return int(b.GradientEquivalents / record.GradientCost)
	case b.Time > 0:
		return MaxSteps
	}
	return b.Steps + b.GradientEvaluations // one of the two is 0
}

// Costs are what the steps of a run may cost. Only if their optimizer asks is that less than what steps bounds.
func (b Budget) Costs() (s record.Spent) {
	for i, most := range [...]float64{record.GradientEvaluations: float64(b.GradientEvaluations),
		record.ExampleGradients: float64(b.ExampleGradients), record.GradientEquivalents: b.GradientEquivalents} {
		if most > 0 {
			s[i] = record.Measured(most)
		}
	}
	return s
}

// checkBudget reports one that suffices for no step, or for more than can be.
func (w *Workload) checkBudget() {
	switch n := w.Budget.ExampleGradients; {
	case n > 0 && w.Steps == 0:
		w.Fault("budget.example_gradients", fmt.Sprintf("%d examples do not suffice for the first batch, which has %d", n,
			problem.ExampleGradients(w.Built, 1)), "choose a larger number, or write steps = 0 to measure the start alone")
	case w.Steps > MaxSteps:
		path := "budget.epochs"
		if n > 0 {
			path = "budget.example_gradients"
		}
		w.Fault(path, fmt.Sprintf("that is %d steps", w.Steps), fmt.Sprintf("shorten the budget to at most %d", MaxSteps))
	}
}
