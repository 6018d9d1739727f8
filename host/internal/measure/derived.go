package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// StepsToTarget and GradientsToTarget are two of the derived quantities that there are only with a target.
const (
	StepsToTarget     = "steps" + endOfTarget
	GradientsToTarget = "gradient_evaluations" + endOfTarget
)

// endOfTarget ends their names.
const endOfTarget = "_to_target"

func needsTarget(q record.Quantity) bool { return strings.HasSuffix(q.Name, endOfTarget) }

// derivedQuantities are in the order of the manual.
var derivedQuantities = registry.List[derived](slices.Concat(counted, spent(), used, timed, toTarget()))

var counted = []derived{
	{record.Quantity{Name: StepsToTarget, Title: "steps to target", Help: "The first point that met the target.", Range: record.Count,
		Better: record.Less, Note: "needs a `[target]`"}, stepsToTarget},
	{record.Quantity{Name: "steps", Title: "steps", Help: "Updates applied.", Range: record.Count},
		count(func(o record.Outcome) float64 { return float64(o.Steps) })},
}

// spent are the costs of a run.
func spent() (all []derived) {
	for i, q := range record.Costs() {
		all = append(all, derived{q, func(o record.Outcome) Value {
			x, measured := o.Spent[i].Get()
			if !measured { // of an earlier version, or without data
				return Value{}
			}
			return count(func(record.Outcome) float64 { return x })(o)
		}})
	}
	return all
}

var timed = []derived{
	{record.Quantity{Name: "wall_seconds", Title: "time", Unit: "seconds", Help: "How long the run took.", Range: record.Count},
		count(func(o record.Outcome) float64 { return o.Wall.Seconds() })},
	{record.Quantity{Name: "gradient_seconds", Title: "gradient", Unit: "seconds", Range: record.Count,
		Help: "Median over the steps of the time for loss and gradient."},
		step(func(t record.StepTime) time.Duration { return t.Gradient })},
	{record.Quantity{Name: "optimizer_seconds", Title: "optimizer", Unit: "seconds", Range: record.Count,
		Help: "Median over the steps of the time in the update rule."},
		step(func(t record.StepTime) time.Duration { return t.Optimizer })},
	{record.Quantity{Name: "transport_seconds", Title: "transport", Unit: "seconds", Range: record.Count,
		Help: "Median over the steps of the time on the way to the plugin and back."},
		step(func(t record.StepTime) time.Duration { return t.Transport })},
}

// Derived are the quantities that are no column of any record: each is one number of a run.
func Derived() (s record.Schema) {
	for _, d := range derivedQuantities {
		s = append(s, d.Quantity)
	}
	return s
}

var used = []derived{{record.Quantity{Name: "training_seconds", Title: "training time", Unit: "seconds",
	Help: "Time of its steps: gradients and updates, without evaluation, diagnostics and records.", Range: record.Count},
	func(o record.Outcome) Value {
		if o.Used == 0 && o.Steps > 0 { // of an earlier version
			return Value{}
		}
		return count(func(o record.Outcome) float64 { return o.Used.Seconds() })(o)
	}}}

// toTarget are what a run spent until it met the target.
func toTarget() (all []derived) {
	for _, d := range slices.Concat(spent(), used) {
		q := d.Quantity
		q.Better, q.Note = record.Less, "needs a `[target]`"
		q.Help = fmt.Sprintf("`%s` up to the first point that met the target.", q.Name)
		q.Name, q.Title = q.Name+endOfTarget, q.Title+" to target"
		all = append(all, derived{q, func(o record.Outcome) Value {
			steps := stepsToTarget(o)
			if steps.State() == Infinite || steps.State() == LeftOut {
				return steps
			}
			whole, part := o, o
			whole.Status, part.Status, part.Effort, part.Steps = record.Finished, record.Finished, o.ToTarget, o.StepsToTarget
			before, spends := d.of(whole).Number()
			if _, counted := o.Spent[record.GradientEvaluations].Get(); counted && !spends { // without data
				return Value{}
			}
			at, known := d.of(part).Number()
			switch {
			case steps.State() == Censored: // at 0 if it is not known what the run spent
				return Value{Censored, before, math.Inf(1)}
			case steps.State() == Unknown && o.StepsToTarget < 0:
				return unknown(before, math.Inf(1))
			case steps.State() == Unknown && known:
				return unknown(at, at)
			case !known:
				return Value{}
			}
			return Known(at)
		}})
	}
	return all
}

// stepsToTarget: a run that met the target has met it, whatever happened to it afterwards.
func stepsToTarget(o record.Outcome) Value {
	steps := float64(o.StepsToTarget)
	if o.StepsToTarget < 0 {
		steps = math.Inf(1)
	}
	switch {
	case o.Status == record.Pruned:
		return Value{state: LeftOut}
	case !o.Status.Ended(): // it may have been there with its next step
		return unknown(min(steps, float64(o.Steps+1)), steps)
	case o.StepsToTarget >= 0:
		return Known(steps)
	case o.Status == record.Finished:
		return Value{Censored, float64(o.Steps), steps}
	}
	return infinite(record.Less)
}

// count is a quantity that only grows while a run goes on.
func count(of func(record.Outcome) float64) func(record.Outcome) Value {
	return func(o record.Outcome) Value {
		switch {
		case o.Status == record.Pruned:
			return Value{state: LeftOut}
		case !o.Status.Ended():
			return unknown(of(o), math.Inf(1))
		}
		return Known(of(o))
	}
}

// step is a part of the time of a step, which a run without a step says nothing of.
func step(of func(record.StepTime) time.Duration) func(record.Outcome) Value {
	return func(o record.Outcome) Value {
		switch {
		case o.Status == record.Pruned:
			return Value{state: LeftOut}
		case !o.Status.Ended():
			return unknown(0, math.Inf(1))
		case o.Time == (record.StepTime{}):
			return Value{}
		}
		return Known(of(o.Time).Seconds())
	}
}
