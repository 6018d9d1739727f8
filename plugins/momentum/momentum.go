// Package momentum is gradient descent with momentum, classical or Nesterov's.
//
//	v ← ρ v + g
//	θ ← θ − μ v                classical
//	θ ← θ − μ (g + ρ v)        Nesterov
//
// Goodfellow, Bengio, Courville: Deep Learning (2016), algorithms 8.2 and 8.3. Polyak: Some methods of speeding up the
// convergence of iteration methods (1964). Sutskever et al.: On the importance of initialization and momentum in deep
// learning, ICML 2013. Equal to torch.optim.SGD with momentum and no dampening.
//
// The book scales the gradient where it enters the velocity (v ← ρ v − μ g); here, as in torch, the learning rate
// multiplies the velocity. The two agree while μ is constant and differ when it changes from step to step.
package momentum

import "github.com/steepest/steepest/sdk"

type hyper struct {
	LR       float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Momentum float64 `hyper:"momentum,0.9" in:"[0,1]" help:"share ρ of the velocity that a step keeps"`
	Nesterov bool    `hyper:"nesterov,false" help:"look ahead along the velocity"`
}

// Validate refuses a combination that would silently be plain gradient descent.
func (h hyper) Validate() error {
	if h.Nesterov && h.Momentum == 0 {
		return sdk.Fault("nesterov", "nesterov = true does nothing with momentum = 0",
			"give a momentum above 0, such as 0.9, or use the plugin \"sgd\"")
	}
	return nil
}

type state struct {
	V sdk.Vec // velocity v
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.V[i] = h.Momentum*s.V[i] + g
		d := s.V[i]
		if h.Nesterov {
			d = g + h.Momentum*s.V[i]
		}
		x.Update[i] = -h.LR * d
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("momentum", step,
	sdk.Family("gradient"),
	sdk.Summary("gradient descent with momentum: steps along a decaying sum of gradients"),
	sdk.Reference("Polyak 1964; Sutskever et al. 2013; Goodfellow et al. 2016, algorithms 8.2 and 8.3"),
	sdk.Elementwise(),
	kernel())
