// Package lion is Lion: a step of the same length along each axis, by the sign of a mean of momentum and gradient.
//
//	u = sign(β₁ m + (1 − β₁) g)
//	m ← β₂ m + (1 − β₂) g
//	θ ← θ − μ (u + λ θ)
//
// Chen et al.: Symbolic Discovery of Optimization Algorithms, NeurIPS 2023 (arXiv:2302.06675), program 1 and algorithm 2. Equal to
// optax.lion and to pytorch_optimizer.Lion. A good learning rate is three to ten times smaller than Adam's, and λ that much larger.
package lion

import "github.com/steepest/steepest/sdk"

type hyper struct {
	LR          float64 `hyper:"lr,1e-4" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.9" in:"[0,1)" help:"weight β₁ of the momentum in a step"`
	Beta2       float64 `hyper:"beta2,0.99" in:"[0,1)" help:"decay β₂ of the momentum"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type state struct {
	M sdk.Vec // momentum m: moving average of gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		u := sign(h.Beta1*s.M[i] + (1-h.Beta1)*g)
		s.M[i] = h.Beta2*s.M[i] + (1-h.Beta2)*g
		x.Update[i] = -h.LR * (u + h.WeightDecay*x.Weights[i])
	}
}

// sign is 1 or -1, and of a zero or NaN itself.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

// Optimizer is the plugin.
var Optimizer = sdk.New("lion", step,
	sdk.Family("sign"),
	sdk.Summary("steps of one length along each axis, by the sign of a mean of momentum and gradient"),
	sdk.Reference("Chen et al. 2023, algorithm 2 (arXiv:2302.06675)"),
	sdk.Elementwise(), sdk.NeedsWeights(),
	kernel())
