// Package adadelta is Adadelta.
//
//	r ← ρ r + (1 − ρ) g²
//	d = √(u + δ) / √(r + δ) g
//	u ← ρ u + (1 − ρ) d²
//	θ ← θ − μ d
//
// Zeiler: ADADELTA, 2012 (arXiv:1212.5701), algorithm 1. Equal to
// torch.optim.Adadelta, which multiplies by a learning rate μ; the paper has none.
package adadelta

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR  float64 `hyper:"lr,1" in:"[0,inf)" help:"learning rate μ"`
	Rho float64 `hyper:"rho,0.9" in:"[0,1)" help:"decay ρ of both averages"`
	Eps float64 `hyper:"eps,1e-6" in:"[0,inf)" help:"δ, added under the roots"`
}

type state struct {
	R sdk.Vec // moving average r of squared gradients
	U sdk.Vec // moving average u of squared updates
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.R[i] = h.Rho*s.R[i] + (1-h.Rho)*g*g
		d := math.Sqrt(s.U[i]+h.Eps) / math.Sqrt(s.R[i]+h.Eps) * g
		s.U[i] = h.Rho*s.U[i] + (1-h.Rho)*d*d
		x.Update[i] = -h.LR * d
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adadelta", step,
	sdk.Family("adaptive"),
	sdk.Summary("gradients scaled by the ratio of the magnitudes of updates and gradients"),
	sdk.Reference("Zeiler 2012, algorithm 1 (arXiv:1212.5701)"),
	sdk.Elementwise())
