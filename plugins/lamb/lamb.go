// Package lamb is LAMB: Adam with a learning rate for each layer, in proportion to its weights' length over its step's.
//
//	s ← ρ₁ s + (1 − ρ₁) g
//	r ← ρ₂ r + (1 − ρ₂) g²
//	u ← s / c₁ / (δ + √(r / c₂)) + λ θ,   c₁ = 1 − ρ₁ᵏ,  c₂ = 1 − ρ₂ᵏ, both 1 without bias_correction
//	θ ← θ − μ t u,   t = ‖θ‖ / ‖u‖, 1 where either is zero and without adapt
//
// You et al.: Large Batch Optimization for Deep Learning, Training BERT in 76 minutes, ICLR 2020, algorithm 2 (arXiv:1904.00962). φ, a
// bound of ‖θ‖, is the identity, as the authors have it. Equal to optax.lamb, and without bias_correction, as the authors' own
// program, to pytorch_optimizer's Lamb but for its δ in ‖u‖ + δ and its bound of 10.
package lamb

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR             float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1          float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay ρ₁ of the first moment"`
	Beta2          float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay ρ₂ of the second moment"`
	Eps            float64 `hyper:"eps,1e-6" in:"[0,inf)" help:"δ, added to the root"`
	WeightDecay    float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"weight decay λ, scaled with the step"`
	BiasCorrection bool    `hyper:"bias_correction,true" help:"divide the moments by what their weights add up to"`
	Adapt          bool    `hyper:"adapt,true" help:"scale the step by t: the authors do not for biases and normalisations"`
}

type state struct {
	S sdk.Vec // first moment s: moving average of gradients
	R sdk.Vec // second moment r: moving average of squared gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	c1, c2 := 1.0, 1.0
	if h.BiasCorrection {
		c1, c2 = 1-math.Pow(h.Beta1, float64(x.K)), 1-math.Pow(h.Beta2, float64(x.K))
	}
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		x.Update[i] = s.S[i]/c1/(h.Eps+math.Sqrt(s.R[i]/c2)) + h.WeightDecay*x.Weights[i]
	}
	trust := 1.0
	if weights, step := matrix.Norm(x.Weights), matrix.Norm(x.Update); h.Adapt && weights != 0 && step != 0 {
		trust = weights / step
	}
	for i, u := range x.Update {
		x.Update[i] = -h.LR * trust * u
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("lamb", step,
	sdk.Family("layerwise"),
	sdk.Summary("Adam, scaled for each layer by the length of its weights"),
	sdk.Reference("You et al. 2020, algorithm 2 (arXiv:1904.00962)"),
	sdk.NeedsWeights())
