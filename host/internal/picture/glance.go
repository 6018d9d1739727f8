package picture

import (
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/store"
)

// What is looked at in passing, after the runs, must not keep anybody waiting: records of more runs, or of more steps, are not read.
const (
	glanceRuns  = 300
	glanceSteps = 1_000_000
)

// Glance are the curves of the loss on an experiment's problem, if it has one alone and its records are read in a moment.
func Glance(asked plan.Plan, folder *store.Folder, runs []store.Run) (curves figure.Curves, ok bool) {
	steps := 0
	for _, r := range runs {
		steps += r.Outcome.Steps
	}
	if len(runs) > glanceRuns || steps > glanceSteps || len(asked.Workloads) != 1 {
		return curves, false
	}
	drawn, err := Of(asked, folder, runs).Draw(Options{Kind: curvesKind.Name})
	if err != nil || len(drawn) != 1 { // it is for a look: what is wrong with a record is told elsewhere
		return curves, false
	}
	curves, ok = drawn[0].Figure.(figure.Curves)
	return curves, ok
}
