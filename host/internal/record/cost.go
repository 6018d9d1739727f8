package record

import "time"

// What is computed of a batch, in gradient equivalents.
const (
	GradientCost      = 1.0     // the loss and its gradient
	LossCost          = 1.0 / 3 // the loss alone: a forward pass, to which the backward pass is two
	HessianVectorCost = 2.0     // forward and backward passes over twice the numbers
)

// The costs of a run by their places in [Costs]. They follow from the step: they are the same however often the run was cut off, and no
// columns.
const (
	GradientEvaluations = iota
	ExampleGradients
	GradientEquivalents
	costCount
)

var costs = [costCount]Quantity{
	GradientEvaluations: {Name: "gradient_evaluations", Title: "gradient evaluations",
		Help: "Batches of which the steps took the gradient, one for each step.", Range: Count},
	ExampleGradients: {Name: "example_gradients", Title: "example gradients",
		Help: "Examples in these batches.", Note: "one that is met twice counts twice; never without data", Range: Count},
	GradientEquivalents: {Name: "gradient_equivalents", Title: "gradient equivalents",
		Help: "What the steps computed, in gradients of a batch.", Range: Count},
}

// Costs are the quantities that a run spends.
func Costs() Schema { return costs[:len(costs):len(costs)] }

// Spent is what some steps took, by the places of the costs.
type Spent [costCount]Value

// Effort is what it took to get to a point of a run.
type Effort struct {
	Spent Spent         // by the steps, the same however often the run was cut off; nothing is measured where that is not known
	Used  time.Duration // likewise, by gradients and updates, without evaluation, diagnostics and records; 0 where that is not known
}

// SpentBy steps whose batches have so many examples; none if examples is negative.
func SpentBy(steps, examples int) (s Spent) {
	s[GradientEvaluations] = Measured(float64(steps))
	if examples >= 0 {
		s[ExampleGradients] = Measured(float64(examples))
	}
	s[GradientEquivalents] = Measured(float64(steps) * GradientCost)
	return s
}
