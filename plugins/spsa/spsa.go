// Package spsa is simultaneous perturbation: two losses a step, at either side of the weights along random signs, and no gradient.
//
//	Δ random, −1 or 1 for each parameter
//	ĝ ← (f(θ + cₖ Δ) − f(θ − cₖ Δ)) / (2 cₖ) · 1/Δ
//	θ ← θ − aₖ ĝ,   aₖ = a / (k + A)^α,   cₖ = c / k^γ
//
// Spall: Multivariate Stochastic Approximation Using a Simultaneous Perturbation Gradient Approximation, IEEE TAC 37 (1992), with the gains of
// Spall: Implementation of the Simultaneous Perturbation Algorithm (1998), k from 1. Both losses are of this step's batch.
package spsa

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR        float64 `hyper:"lr,0.1" in:"[0,inf)" help:"gain a"`
	Stability float64 `hyper:"stability,0" in:"[0,inf)" help:"A, by which the gains begin later: a tenth of the steps is usual"`
	Alpha     float64 `hyper:"alpha,0.602" in:"[0,1]" help:"decay α of the gains; 1 is asymptotically best, 0 none"`
	C         float64 `hyper:"c,0.1" in:"(0,inf)" help:"perturbation c: about the noise of a loss"`
	Gamma     float64 `hyper:"gamma,0.101" in:"[0,1]" help:"decay γ of the perturbations"`
}

func step(h hyper, _ *struct{}, _ []struct{}, m sdk.Model) {
	k := float64(m.K)
	a, c := h.LR/math.Pow(k+h.Stability, h.Alpha), h.C/math.Pow(k, h.Gamma)
	signs := flat.Signs(m)
	probe := make([]float64, len(signs))
	flat.Scale(probe, c, signs)
	up := m.AskLoss(probe, sdk.ThisBatch)
	flat.Scale(probe, -c, signs)
	down := m.AskLoss(probe, sdk.ThisBatch)
	flat.Scale(m.Update, -a*((up-down)/(2*c)), signs) // 1/Δ is Δ
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("spsa", step,
	sdk.Family("gradient-free"),
	sdk.Summary("descent by two losses a step, along random signs"),
	sdk.Reference("Spall 1992 and 1998"),
	sdk.NoGradient())
