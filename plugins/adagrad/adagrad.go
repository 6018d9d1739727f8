// Package adagrad is AdaGrad: a learning rate of its own for each parameter, shrinking with the sum
// of all its squared gradients.
//
//	r ← r + g²
//	θ ← θ − μₖ g / (δ + √r),   μₖ = μ / (1 + (k − 1) λ)
//
// Goodfellow, Bengio, Courville: Deep Learning (2016), algorithm 8.4. Duchi, Hazan, Singer: Adaptive Subgradient Methods
// for Online Learning and Stochastic Optimization, JMLR 12 (2011). Equal to torch.optim.Adagrad: δ stands outside the
// root, r starts at 0. (TensorFlow's starts at 0.1.)
package adagrad

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR      float64 `hyper:"lr,1e-2" in:"[0,inf)" help:"learning rate μ"`
	LRDecay float64 `hyper:"lr_decay,0" in:"[0,inf)" help:"decay λ of the learning rate per step"`
	Eps     float64 `hyper:"eps,1e-10" in:"[0,inf)" help:"δ, added to the root"`
}

type state struct {
	R sdk.Vec // sum r of squared gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	lr := h.LR / (1 + float64(x.K-1)*h.LRDecay)
	for i, g := range x.Grad {
		s.R[i] += g * g
		x.Update[i] = -lr * g / (h.Eps + math.Sqrt(s.R[i]))
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adagrad", step,
	sdk.Family("adaptive"),
	sdk.Summary("a learning rate for each parameter that shrinks with the sum of its squared gradients"),
	sdk.Reference("Duchi, Hazan and Singer 2011; Goodfellow et al. 2016, algorithm 8.4"),
	sdk.Elementwise(),
	kernel())
