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

// budgetKinds are what a budget can be counted in.
var budgetKinds = []string{"steps", "epochs", "gradient_evaluations", "example_gradients", "gradient_equivalents", "time"}

func (w *Workload) readBudget(t *table) {
	w.Budget = Budget{Epochs: t.integer("epochs", 0, 1), Steps: t.integer("steps", 0, 0),
		GradientEvaluations: t.integer("gradient_evaluations", 0, 1), ExampleGradients: t.between("example_gradients", 0, 1, maxCount),
		GradientEquivalents: t.number("gradient_equivalents", 0, func(x float64) bool { return x >= record.GradientCost && x <= MaxSteps },
			"a number of at least 1, which is one gradient"),
		Time: t.duration("time", 0, time.Millisecond)}
	given := slices.DeleteFunc(slices.Clone(budgetKinds), func(name string) bool { _, is := t.keys[name]; return !is })
	switch {
	case len(given) == 0:
		t.fault(t.at(t.path), "[budget] says nothing", "write one of "+registry.Sentence(budgetKinds, "or")+", such as steps = 1000")
	case len(given) > 1:
		t.fault(t.place(given[1]), "[budget] has "+registry.Sentence(given, "and"), "keep one of them")
	case given[0] == "epochs" && !w.Problem.HasEpochs() && w.Problem.Kind != "":
		t.fault(t.place("epochs"), fmt.Sprintf("the problem %q has no data and so no epochs", w.Problem.Kind),
			"write steps = 1000 instead")
	case given[0] == "example_gradients" && !w.Problem.HasEpochs() && w.Problem.Kind != "":
		t.fault(t.place("example_gradients"), fmt.Sprintf("the problem %q has no data and so no examples", w.Problem.Kind),
			"write gradient_evaluations = 1000 instead")
	}
	t.done()
}

// steps is how many steps of a problem a budget is for: as many as do not exceed it.
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
