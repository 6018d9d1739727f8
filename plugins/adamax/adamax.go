// Package adamax is AdaMax: Adam with the largest gradient in place of the second moment.
//
//	s ← β₁ s + (1 − β₁) g
//	u ← max(β₂ u, |g| + δ)
//	θ ← θ − μ / (1 − β₁ᵏ) s / u
//
// Kingma, Ba: Adam, ICLR 2015 (arXiv:1412.6980), algorithm 2. Equal to
// torch.optim.Adamax: δ, which the paper does not have, is added to the magnitude of the gradient.
package adamax

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR    float64 `hyper:"lr,2e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1 float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2 float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay β₂ of the largest gradient"`
	Eps   float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the magnitude of the gradient"`
}

type state struct {
	S sdk.Vec // first moment s: moving average of gradients
	U sdk.Vec // u: the largest gradient, which decays
}

func step(h hyper, s *state, x sdk.Tensor) {
	c1 := 1 - math.Pow(h.Beta1, float64(x.K))
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.U[i] = max(h.Beta2*s.U[i], math.Abs(g)+h.Eps)
		x.Update[i] = -h.LR / c1 * s.S[i] / s.U[i]
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adamax", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam with the largest gradient in place of the second moment"),
	sdk.Reference("Kingma and Ba 2015, algorithm 2 (arXiv:1412.6980)"),
	sdk.Elementwise())
