// Package nadam is NAdam: Adam that looks ahead along its first moment.
//
//	μₖ = β₁ (1 − ½ 0.96^(k ψ)),   Πₖ = μ₁ μ₂ ... μₖ
//	s ← β₁ s + (1 − β₁) g
//	r ← β₂ r + (1 − β₂) g²,       r̂ = r / (1 − β₂ᵏ)
//	θ ← θ − μ ((1 − μₖ) / (1 − Πₖ) g + μₖ₊₁ / (1 − Πₖ₊₁) s) / (δ + √r̂)
//
// Dozat: Incorporating Nesterov Momentum into Adam, ICLR 2016 workshop, with the schedule of the momentum μₖ that it recommends, ψ = 1/250.
// Equal to torch.optim.NAdam from version 2 on. (Version 1 had μₖ twice in the product up to k + 1.)
package nadam

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR            float64 `hyper:"lr,2e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1         float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2         float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay β₂ of the second moment"`
	Eps           float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	MomentumDecay float64 `hyper:"momentum_decay,4e-3" in:"[0,inf)" help:"decay ψ of the momentum's schedule"`
}

type state struct {
	S       sdk.Vec // first moment s: moving average of gradients
	R       sdk.Vec // second moment r: moving average of squared gradients
	Product float64 // of the momenta up to this step
}

func step(h hyper, s *state, x sdk.Tensor) {
	momentum := func(k int) float64 { return h.Beta1 * (1 - 0.5*math.Pow(0.96, float64(k)*h.MomentumDecay)) }
	now, next := momentum(x.K), momentum(x.K+1)
	s.Product *= now
	direct, ahead := (1-now)/(1-s.Product), next/(1-s.Product*next)
	c2 := 1 - math.Pow(h.Beta2, float64(x.K))
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		x.Update[i] = -h.LR * (direct*g + ahead*s.S[i]) / (h.Eps + math.Sqrt(s.R[i]/c2))
	}
}

// Init begins the product of the momenta.
func (s *state) Init(hyper, sdk.Tensor) { s.Product = 1 }

// Optimizer is the plugin.
var Optimizer = sdk.New("nadam", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam that looks ahead along its first moment"),
	sdk.Reference("Dozat 2016"),
	sdk.Elementwise())
