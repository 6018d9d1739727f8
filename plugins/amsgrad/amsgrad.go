// Package amsgrad is AMSGrad: Adam that divides by the largest second moment so far.
//
//	s ← β₁ s + (1 − β₁) g,    ŝ = s / (1 − β₁ᵏ)
//	r ← β₂ r + (1 − β₂) g²,   q ← max(q, r)
//	θ ← θ − μ ŝ / (δ + √(q / (1 − β₂ᵏ)))
//
// Reddi, Kale, Kumar: On the Convergence of Adam and Beyond, ICLR 2018, algorithm 2. Equal to
// torch.optim.Adam with amsgrad=True, which corrects for the start at zero; the paper does not.
package amsgrad

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR    float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1 float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2 float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay β₂ of the second moment"`
	Eps   float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
}

type state struct {
	S sdk.Vec // first moment s: moving average of gradients
	R sdk.Vec // second moment r: moving average of squared gradients
	Q sdk.Vec // the largest r so far
}

func step(h hyper, s *state, x sdk.Tensor) {
	c1, c2 := 1-math.Pow(h.Beta1, float64(x.K)), 1-math.Pow(h.Beta2, float64(x.K))
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		s.Q[i] = max(s.Q[i], s.R[i])
		x.Update[i] = -h.LR * (s.S[i] / c1) / (h.Eps + math.Sqrt(s.Q[i]/c2))
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("amsgrad", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam that divides by the largest second moment so far"),
	sdk.Reference("Reddi, Kale and Kumar 2018"),
	sdk.Elementwise())
