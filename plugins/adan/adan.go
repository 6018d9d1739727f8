// Package adan is Adan: Adam with Nesterov's momentum, in which the gradient ahead is estimated from the difference of the last two.
//
//	d = g − g'                     g' is the gradient of the step before; d = 0 in the first
//	m ← β₁ m + (1 − β₁) g,         m̂ = m / (1 − β₁ᵏ)
//	v ← β₂ v + (1 − β₂) d,         v̂ = v / (1 − β₂ᵏ)
//	n ← β₃ n + (1 − β₃) (g + β₂ d)²,   n̂ = n / (1 − β₃ᵏ)
//	θ ← (θ − μ (m̂ + β₂ v̂) / (δ + √n̂)) / (1 + μ λ)
//
// Xie et al.: Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models, TPAMI 2024 (arXiv:2208.06677),
// algorithm 1. The βs are decays, as in the authors' code, so 0.98, 0.92 and 0.99 where the paper writes 0.02, 0.08 and 0.01. Equal to the
// authors' code and to pytorch_optimizer.Adan. (optax.adan takes decays for the averages, but multiplies d and v̂ by 1 − β₂.)
package adan

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.98" in:"[0,1)" help:"decay β₁ of the gradient's average"`
	Beta2       float64 `hyper:"beta2,0.92" in:"[0,1)" help:"decay β₂ of the average of differences"`
	Beta3       float64 `hyper:"beta3,0.99" in:"[0,1)" help:"decay β₃ of the second moment"`
	Eps         float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"proximal weight decay λ"`
}

type state struct {
	M sdk.Vec // moving average m of gradients
	V sdk.Vec // moving average v of their differences
	N sdk.Vec // second moment n of the estimate of the gradient ahead
	P sdk.Vec // gradient g' of the step before
}

func step(h hyper, s *state, x sdk.Tensor) {
	k := float64(x.K)
	c1, c2, root3 := 1-math.Pow(h.Beta1, k), 1-math.Pow(h.Beta2, k), math.Sqrt(1-math.Pow(h.Beta3, k))
	shrink := 1 / (1 + h.LR*h.WeightDecay)
	for i, g := range x.Grad {
		d := g - s.P[i]
		if x.K == 1 {
			d = 0
		}
		ahead := g + h.Beta2*d
		s.M[i] = h.Beta1*s.M[i] + (1-h.Beta1)*g
		s.V[i] = h.Beta2*s.V[i] + (1-h.Beta2)*d
		s.N[i] = h.Beta3*s.N[i] + (1-h.Beta3)*ahead*ahead
		s.P[i] = g
		u := h.LR * (s.M[i]/c1 + h.Beta2*s.V[i]/c2) / (h.Eps + math.Sqrt(s.N[i])/root3)
		x.Update[i] = -shrink * (u + h.LR*h.WeightDecay*x.Weights[i])
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adan", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam that estimates the gradient ahead from the difference of the last two"),
	sdk.Reference("Xie et al. 2024, algorithm 1 (arXiv:2208.06677)"),
	sdk.Elementwise(), sdk.NeedsWeights())
