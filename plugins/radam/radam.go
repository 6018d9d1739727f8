// Package radam is RAdam: Adam that waits until the variance of its second moment is known well enough.
//
//	ρ∞ = 2 / (1 − β₂) − 1,   ρ = ρ∞ − 2 k β₂ᵏ / (1 − β₂ᵏ)
//	θ ← θ − μ ŝ q √(1 − β₂ᵏ) / (δ + √r)   if ρ > 5, with  q² = (ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ)
//	θ ← θ − μ ŝ                           else
//
// Liu et al.: On the Variance of the Adaptive Learning Rate and Beyond, ICLR 2020 (arXiv:1908.03265), algorithm 2. Equal to
// torch.optim.RAdam, which waits for ρ > 5 where the paper waits for ρ > 4.
package radam

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR    float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1 float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2 float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay β₂ of the second moment"`
	Eps   float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root of the uncorrected moment"`
}

type state struct {
	S sdk.Vec // first moment s: moving average of gradients
	R sdk.Vec // second moment r: moving average of squared gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	k := float64(x.K)
	c1, c2 := 1-math.Pow(h.Beta1, k), 1-math.Pow(h.Beta2, k)
	limit := 2/(1-h.Beta2) - 1
	length := limit - 2*k*math.Pow(h.Beta2, k)/c2
	q := math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		x.Update[i] = -h.LR * s.S[i] / c1
		if length > 5 {
			x.Update[i] *= q * math.Sqrt(c2) / (h.Eps + math.Sqrt(s.R[i]))
		}
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("radam", step,
	sdk.Family("adaptive"),
	sdk.Summary("Adam that waits until the variance of its second moment is known well enough"),
	sdk.Reference("Liu et al. 2020, algorithm 2 (arXiv:1908.03265)"),
	sdk.Elementwise())
