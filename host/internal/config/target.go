package config

import (
	"fmt"
	"math"
	"strings"

	"github.com/steepest/steepest/host/internal/problem"
)

// Target is what a run is to reach.
type Target struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
}

// Reached tells whether a measured value meets the target: a loss or norm at most, an accuracy at least.
func (t *Target) Reached(x float64) bool {
	if t.Metric == "validation_accuracy" {
		return x >= t.Value
	}
	return x <= t.Value
}

// Metrics are what a target can be set for.
var Metrics = []string{"train_loss", "validation_loss", "validation_accuracy", "gradient_norm"}

func (e *Experiment) readTarget(t *table) {
	for _, metric := range Metrics {
		value, ok := e.readTargetValue(t, metric)
		if !ok {
			continue
		}
		if e.Target != nil {
			t.fault(t.place(metric), "[target] names more than one metric", "keep one of them")
		}
		if strings.HasPrefix(metric, "validation") && !e.Problem.Validates() {
			t.fault(t.place(metric), "the problem has no validation examples",
				"set a target for train_loss or gradient_norm, or validation above 0")
		}
		e.Target = &Target{metric, value}
	}
	t.done()
	if e.Target == nil && len(t.keys) == 0 {
		t.fault(t.at(t.path), "[target] is empty", "name a metric: "+strings.Join(Metrics, ", "))
	}
}

// readTargetValue reads the target for a metric, which must be one that can be reached; ok tells whether it is given.
func (e *Experiment) readTargetValue(t *table, metric string) (value float64, ok bool) {
	raw, given := t.lookup(metric)
	x, _ := toFloat(raw)
	switch {
	case !given:
		return 0, false
	case metric == "validation_accuracy":
		want := "a number from 0 to 1"
		if x > 1 && x <= 100 {
			want += fmt.Sprintf(", which accuracies are; write %v for %v %%", x/100, x)
		}
		return t.number(metric, 0, func(x float64) bool { return x >= 0 && x <= 1 }, want), true
	case metric == "gradient_norm":
		return t.number(metric, 0, func(x float64) bool { return x >= 0 }, "a number of at least 0, which norms are"), true
	}
	least, known := e.Problem.least(metric)
	value = t.number(metric, 0, func(float64) bool { return true }, "a finite number")
	if known && value < least-1e-6*math.Abs(least) {
		t.fault(t.place(metric), fmt.Sprintf("%s = %s cannot be reached: the problem has no loss below %s", metric, literal(raw),
			problem.Short(least)), fmt.Sprintf("choose a number above %s", problem.Short(least)))
	}
	return value, true
}

// least is a bound below which the train or validation loss never is; known is false if there is none or we know of none.
func (p Problem) least(metric string) (bound float64, known bool) {
	name := p.Kind
	switch {
	case p.hasModel(), p.Kind == "quadratic" && p.MatrixFile == "", p.Kind == "quadratic-deep":
		return 0, true // means of what is never negative, and penalties
	case p.stochastic() && metric == "validation_loss":
		name = strings.TrimPrefix(p.Kind, "deepobs-") // the test rows add nothing to the function
	case p.stochastic():
		return 0, false
	}
	f, ok := problem.FindFunction(name)
	if !ok {
		return 0, false
	}
	for _, c := range f.Critical(max(len(p.Start), f.Dimension)) {
		if c.Nature == problem.Minimum || c.Nature == problem.Valley {
			bound = f.Eval(c.X, nil)
			if math.Abs(bound) < 1e-12 { // what rounding leaves of 0
				bound = 0
			}
			return bound, true
		}
	}
	return 0, false
}
