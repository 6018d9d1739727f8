// Package cautiousadamw is AdamW that leaves a coordinate alone where its momentum and the gradient disagree about the direction.
//
//	s ← ρ₁ s + (1 − ρ₁) g,    ŝ = s / (1 − ρ₁ᵏ)
//	r ← ρ₂ r + (1 − ρ₂) g²,   r̂ = r / (1 − ρ₂ᵏ)
//	φ = n / (c + 1) where s g > 0, else 0;   c of a tensor's n elements are such
//	θ ← θ − μ (φ ŝ / (δ + √r̂) + λ θ)
//
// Liang et al.: Cautious Optimizers: Improving Training with One Line of Code, 2024 (arXiv:2411.16085), with the factor
// n / (c + 1) of the authors' code. Equal to pytorch_optimizer.AdEMAMix with cautious=True and alpha=0, which is this. (timm divides by
// the mean of the mask, n / c, but not by less than 0.001.)
package cautiousadamw

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
	agree := 0.0
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		if s.S[i]*g > 0 {
			agree++
		}
	}
	lr, eps := h.LR*float64(len(x.Grad))/(agree+1)*math.Sqrt(c2)/c1, h.Eps*math.Sqrt(c2)
	for i, g := range x.Grad {
		u := 0.0
		if !(s.S[i]*g <= 0) { // also where one is NaN, for the host to see
			u = lr * s.S[i] / (eps + math.Sqrt(s.R[i]))
		}
		x.Update[i] = -u - h.LR*h.WeightDecay*x.Weights[i]
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("cautious-adamw", step,
	sdk.Family("adaptive"),
	sdk.Summary("AdamW that waits where momentum and gradient disagree"),
	sdk.Reference("Liang et al. 2024 (arXiv:2411.16085)"),
	sdk.NeedsWeights())
