package record

import "time"

// What is computed of a batch, in gradient equivalents.
const (
	GradientCost      = 1.0     // the loss and its gradient
	LossCost          = 1.0 / 3 // the loss alone: a forward pass, to which the backward pass is two
	HessianVectorCost = 2.0     // forward and backward passes over twice the numbers
)

// The costs of a run by their places in [Costs]. They follow from the step and what was asked in those before: they are the same however often the run was cut off, and no
// columns.
const (
	GradientEvaluations = iota
	ExampleGradients
	GradientEquivalents
	costCount
)

var costs = [costCount]Quantity{
	GradientEvaluations: {Name: "gradient_evaluations", Title: "gradient evaluations",
		Help: "Batches of which the steps took the gradient: one for each step, and those that their optimizer asked for.", Range: Count},
	ExampleGradients: {Name: "example_gradients", Title: "example gradients",
		Help: "Examples in these batches.", Note: "one that is met twice counts twice; never without data", Range: Count},
	GradientEquivalents: {Name: "gradient_equivalents", Title: "gradient equivalents",
		Help: "What the steps computed, in gradients of a batch: a loss alone is 1/3, a Hessian-vector product 2.", Range: Count},
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

// Asked is what optimizers asked for in the middle of steps.
type Asked struct {
	Losses         int `json:"losses,omitzero"`
	Gradients      int `json:"gradients,omitzero"`
	Examples       int `json:"examples,omitzero"` // in the batches of the gradients
	HessianVectors int `json:"hessian_vectors,omitzero"`
	Fresh          int `json:"fresh,omitzero"` // batches, whatever was asked of them
}

// SpentBy steps that take a gradient, or the loss alone, and what they asked. Their batches have so many examples; none if that is negative.
func SpentBy(steps, examples int, gradient bool, asked Asked) (s Spent) {
	if gradient {
		asked.Gradients += steps
		asked.Examples += examples
	} else {
		asked.Losses += steps
	}
	s[GradientEvaluations] = Measured(float64(asked.Gradients))
	if examples >= 0 {
		s[ExampleGradients] = Measured(float64(asked.Examples))
	}
	s[GradientEquivalents] = Measured(float64(asked.Gradients)*GradientCost + float64(asked.Losses)*LossCost +
		float64(asked.HessianVectors)*HessianVectorCost)
	return s
}

// Reaches tells whether any cost is at least that of a limit, which has none where it has no limit.
func (s Spent) Reaches(limit Spent) (cost Quantity, reached bool) {
	for i, l := range limit {
		most, limited := l.Get()
		if x, known := s[i].Get(); limited && known && x >= most {
			return costs[i], true
		}
	}
	return Quantity{}, false
}
