// Package prodigy is Prodigy: Adam that estimates its learning rate from the distance that it came from the start.
//
//	γ = d μ √(1 − β₂ᵏ) / (1 − β₁ᵏ)                        without the fraction unless bias_correction
//	n ← β₃ n + d/d₀ γ ⟨g, θ₀ − θ⟩,   s ← β₃ s + d/d₀ γ g
//	m ← β₁ m + (1 − β₁) d g,         v ← β₂ v + (1 − β₂) d² g²
//	d ← max(d, D n / ‖s‖₁)                                 at most as many times d as the growth rate says
//	θ ← θ − γ (m / (√v + d ε) + λ θ)                       with γ of the old d
//
// The numbers d and n are the whole model's.
//
// Mishchenko, Defazio: Prodigy: An Expeditiously Adaptive Parameter-Free Learner, ICML 2024 (arXiv:2306.06101), algorithm 4. Equal to the
// authors' prodigyopt.Prodigy with slice_p = 1, whose β₃ = √β₂ here is beta3 = 0, and whose infinite growth rate here is 0.
package prodigy

import (
	"cmp"
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR             float64 `hyper:"lr,1" in:"[0,inf)" help:"factor μ of the estimated learning rate, 1 or a schedule that begins there"`
	Beta1          float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2          float64 `hyper:"beta2,0.999" in:"(0,1)" help:"decay β₂ of the second moment"`
	Beta3          float64 `hyper:"beta3,0" in:"[0,1)" help:"decay β₃ of the sums of the estimate; 0 is √β₂"`
	Eps            float64 `hyper:"eps,1e-8" in:"(0,inf)" help:"ε, added to the root"`
	WeightDecay    float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"weight decay λ"`
	Decouple       bool    `hyper:"decouple,true" help:"whether the decay is beside the adaptive step, or added to the gradient"`
	BiasCorrection bool    `hyper:"bias_correction,false" help:"whether moments are corrected for beginning at zero"`
	Safeguard      bool    `hyper:"safeguard_warmup,false" help:"whether γ is left out of s, for a learning rate that warms up"`
	D0             float64 `hyper:"d0,1e-6" in:"(0,inf)" help:"first estimate d₀"`
	DCoef          float64 `hyper:"d_coef,1" in:"(0,inf)" help:"factor D of the estimate"`
	GrowthRate     float64 `hyper:"growth_rate,0" in:"[0,inf)" help:"most growth of the estimate in a step; 0 is any"`
}

// global is the state of the whole model.
type global struct {
	K         int     // steps with a gradient
	D, MaxD   float64 // the estimate d, and the largest without the bound of its growth
	Numerator float64 // n
}

type state struct {
	Start sdk.Vec // θ₀
	S     sdk.Vec // s: sum of gradients
	M     sdk.Vec // first moment m
	V     sdk.Vec // second moment v
}

func step(h hyper, g *global, s []state, m sdk.Model) {
	if m.K == 1 {
		g.D, g.MaxD = h.D0, h.D0
		for i, x := range m.Tensors {
			copy(s[i].Start, x.Weights)
		}
	}
	if h.LR == 0 {
		return
	}
	beta3 := cmp.Or(h.Beta3, math.Sqrt(h.Beta2))
	d, lr := g.D, g.D*h.LR
	if h.BiasCorrection {
		k := float64(g.K + 1)
		lr *= math.Sqrt(1-math.Pow(h.Beta2, k)) / (1 - math.Pow(h.Beta1, k))
	}
	numerator, denominator := gather(h, beta3, d, lr, s, m)
	if denominator == 0 {
		return // nothing but zero gradients yet
	}
	g.K++
	g.Numerator = beta3*g.Numerator + numerator
	estimate := h.DCoef * g.Numerator / denominator
	if g.D == h.D0 {
		g.D = max(g.D, estimate)
	}
	g.MaxD = max(g.MaxD, estimate)
	if g.D *= h.GrowthRate; h.GrowthRate == 0 || g.D > g.MaxD {
		g.D = g.MaxD
	}
	for t, x := range m.Tensors {
		for i := range x.Update {
			x.Update[i] = -lr * s[t].M[i] / (math.Sqrt(s[t].V[i]) + g.D*h.Eps)
			if h.Decouple {
				x.Update[i] -= lr * h.WeightDecay * x.Weights[i]
			}
		}
	}
}

// gather adds the gradient to the moments and sums, and returns what this step adds to n, and ‖s‖₁.
func gather(h hyper, beta3, d, lr float64, s []state, m sdk.Model) (numerator, denominator float64) {
	into := d / h.D0 * lr
	if h.Safeguard {
		into = d / h.D0 * d
	}
	for t, x := range m.Tensors {
		s, product := &s[t], 0.0
		for i, g := range x.Grad {
			if !h.Decouple {
				g += h.WeightDecay * x.Weights[i]
			}
			product += g * (s.Start[i] - x.Weights[i])
			s.M[i] = h.Beta1*s.M[i] + (1-h.Beta1)*d*g
			s.V[i] = h.Beta2*s.V[i] + (1-h.Beta2)*d*d*g*g
			s.S[i] = beta3*s.S[i] + into*g
			denominator += math.Abs(s.S[i])
		}
		numerator += d / h.D0 * lr * product
	}
	return numerator, denominator
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("prodigy", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam that estimates its learning rate from the distance to the start"),
	sdk.Reference("Mishchenko and Defazio 2024, algorithm 4 (arXiv:2306.06101)"),
	sdk.NeedsWeights())
