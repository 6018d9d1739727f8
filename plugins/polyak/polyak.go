// Package polyak is Polyak's step size: as far along the gradient as its line is above the optimum's loss.
//
//	γ = (f(θ) − f*) / (c (‖g‖² + δ)),   at most γ_max
//	θ ← θ − γ g
//
// Polyak: Introduction to Optimization (1987), section 5.3, is c = 1, δ = 0 and no γ_max, on all examples. Loizou et al.: Stochastic Polyak
// Step-size for SGD, AISTATS 2021 (arXiv:2002.10542), equation 3, SPS_max, is a batch's loss with c = ½ and γ_max; f* is then that of the
// batch, 0 for most losses of a network that can fit it. Equal to pytorch_optimizer's AliG (Berrada et al. 2020) without momentum, which is
// c = 1 with δ = 10⁻⁶.
package polyak

import (
	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	Optimum float64 `hyper:"f_star,0" help:"loss f* at the optimum"`
	C       float64 `hyper:"c,1" in:"(0,inf)" help:"divides the step: 1 on all examples, 0.5 on batches"`
	Max     float64 `hyper:"max_lr,0" in:"[0,inf)" help:"largest learning rate γ_max; 0 is none"`
	Eps     float64 `hyper:"eps,1e-300" in:"[0,inf)" help:"δ, added to the squared norm"`
}

type state struct{}

func step(h hyper, _ *state, _ []state, m sdk.Model) {
	rate := (m.Loss - h.Optimum) / (h.C * (flat.Dot(m.Grad, m.Grad) + h.Eps))
	if rate < 0 { // below what was said to be the least
		rate = 0
	}
	if h.Max > 0 && rate > h.Max {
		rate = h.Max
	}
	flat.Scale(m.Update, -rate, m.Grad)
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("polyak", step,
	sdk.Family("line search"),
	sdk.Summary("gradient descent as far as the loss is above its optimum"),
	sdk.Reference("Polyak 1987; Loizou et al. 2021 (arXiv:2002.10542)"),
	sdk.NeedsLoss())
