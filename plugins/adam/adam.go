// Package adam is Adam: momentum and RMSProp, both corrected for their start at zero.
//
//	s ← ρ₁ s + (1 − ρ₁) g,    ŝ = s / (1 − ρ₁ᵏ)
//	r ← ρ₂ r + (1 − ρ₂) g²,   r̂ = r / (1 − ρ₂ᵏ)
//	θ ← θ − μ ŝ / (δ + √r̂)  =  θ − μ √c₂ / c₁ · s / (δ √c₂ + √r),   c₁ = 1 − ρ₁ᵏ,  c₂ = 1 − ρ₂ᵏ
//
// The second form, of the end of section 2 of the paper, is what is computed: of its divisions and roots only one each
// is left to every element.
//
// Goodfellow, Bengio, Courville: Deep Learning (2016), algorithm 8.7. Kingma, Ba: Adam: A Method for Stochastic
// Optimization, ICLR 2015 (arXiv:1412.6980), algorithm 1. Equal to torch.optim.Adam: δ is added to the root of the
// corrected moment. (TensorFlow adds it to the root of the uncorrected one, the paper's "epsilon hat".)
package adam

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR    float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1 float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay ρ₁ of the first moment"`
	Beta2 float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay ρ₂ of the second moment"`
	Eps   float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
}

type state struct {
	S sdk.Vec // first moment s: moving average of gradients
	R sdk.Vec // second moment r: moving average of squared gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	c1, c2 := 1-math.Pow(h.Beta1, float64(x.K)), 1-math.Pow(h.Beta2, float64(x.K))
	lr, eps := h.LR*math.Sqrt(c2)/c1, h.Eps*math.Sqrt(c2)
	for i, g := range x.Grad {
		s.S[i] = h.Beta1*s.S[i] + (1-h.Beta1)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		x.Update[i] = -lr * s.S[i] / (eps + math.Sqrt(s.R[i]))
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adam", step,
	sdk.Family("adaptive"),
	sdk.Summary("momentum and RMSProp, both corrected for their start at zero"),
	sdk.Reference("Kingma and Ba 2015, algorithm 1 (arXiv:1412.6980); Goodfellow et al. 2016, algorithm 8.7"),
	sdk.Elementwise(),
	kernel())
