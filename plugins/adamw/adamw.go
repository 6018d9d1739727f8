// Package adamw is AdamW: Adam with weight decay beside the adaptive step.
//
//	s ← ρ₁ s + (1 − ρ₁) g
//	r ← ρ₂ r + (1 − ρ₂) g²
//	θ ← θ − μ (√c₂ / c₁ · s / (δ √c₂ + √r) + λ θ),   c₁ = 1 − ρ₁ᵏ,  c₂ = 1 − ρ₂ᵏ
//
// Loshchilov, Hutter: Decoupled Weight Decay Regularization, ICLR 2019 (arXiv:1711.05101), algorithm 2. Equal to
// torch.optim.AdamW: the learning rate μ multiplies the decay too. (In the paper a schedule η multiplies both, and the learning rate α the
// adaptive step alone.)
package adamw

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay ρ₁ of the first moment"`
	Beta2       float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay ρ₂ of the second moment"`
	Eps         float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	WeightDecay float64 `hyper:"weight_decay,1e-2" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type state struct {
	S sdk.Vec // first moment s: moving average of gradients
	R sdk.Vec // second moment r: moving average of squared gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	c1, c2 := 1-math.Pow(h.Beta1, float64(x.K)), 1-math.Pow(h.Beta2, float64(x.K))
	lr, eps, decay := h.LR*math.Sqrt(c2)/c1, h.Eps*math.Sqrt(c2), h.LR*h.WeightDecay
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		x.Update[i] = -lr*s.S[i]/(eps+math.Sqrt(s.R[i])) - decay*x.Weights[i]
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adamw", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam with decoupled weight decay"),
	sdk.Reference("Loshchilov and Hutter 2019, algorithm 2 (arXiv:1711.05101)"),
	sdk.Elementwise(), sdk.NeedsWeights(),
	kernel())
