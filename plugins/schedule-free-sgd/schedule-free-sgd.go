// Package schedulefreesgd is Schedule-Free SGD: an average of the iterates in the place of a schedule for the learning rate.
//
//	z ← z − γ (g + λ y)
//	x ← (1 − c) x + c z,   c = wₖ / (w₁ + … + wₖ),  wₖ = kʳ (max γ)ᵖ
//	y ← (1 − β) z + β x
//
// Gradients are computed at y, which are the weights that the host trains, and the result is x, where it evaluates. x is not kept: it is
// that of which y is a mix with z.
//
// Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky: The Road Less Scheduled, NeurIPS 2024 (arXiv:2405.15682), equations 3 to 5. Equal to
// the authors' schedulefree.SGDScheduleFree.
package schedulefreesgd

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1" in:"[0,inf)" help:"learning rate γ"`
	Momentum    float64 `hyper:"momentum,0.9" in:"(0,1)" help:"share β of the average x in the weights y"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"weight decay λ, added to the gradient at y"`
	Warmup      int     `hyper:"warmup_steps,0" in:"[0,inf)" help:"steps over which the learning rate rises to γ"`
	R           float64 `hyper:"r,0" in:"[0,inf)" help:"power r of the step's number in its weight in the average"`
	LRPower     float64 `hyper:"weight_lr_power,2" in:"[0,inf)" help:"power p of the largest learning rate so far in it"`
}

type state struct {
	Z      sdk.Vec // z, the iterates of SGD
	MaxLR  float64 // max γ
	Weight float64 // w₁ + … + wₖ
}

func (s *state) Init(_ hyper, x sdk.Tensor) { copy(s.Z, x.Weights) }

func step(h hyper, s *state, x sdk.Tensor) {
	lr := h.LR
	if x.K <= h.Warmup {
		lr *= float64(x.K) / float64(h.Warmup)
	}
	s.MaxLR = max(s.MaxLR, lr)
	w, c := math.Pow(float64(x.K), h.R)*math.Pow(s.MaxLR, h.LRPower), 0.0
	if s.Weight += w; s.Weight > 0 {
		c = w / s.Weight
	}
	for i, g := range x.Grad {
		y := x.Weights[i]
		g += h.WeightDecay * y
		x.Update[i] = c*(s.Z[i]-y) - lr*(1-h.Momentum*(1-c))*g
		s.Z[i] -= lr * g
	}
}

// result is x − y.
func result(h hyper, s *state, x sdk.Tensor) {
	for i, y := range x.Weights {
		x.Update[i] = (1/h.Momentum - 1) * (y - s.Z[i])
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("schedule-free-sgd", step,
	sdk.Family("averaging"),
	sdk.Summary("SGD whose result is an average of its iterates, without a schedule"),
	sdk.Reference("Defazio et al. 2024, equations 3 to 5 (arXiv:2405.15682)"),
	sdk.Elementwise(), sdk.NeedsWeights(), sdk.EvaluatesAt(result))
