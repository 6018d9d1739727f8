// Package sgd is stochastic gradient descent.
//
//	θ ← θ − μ g
//
// Goodfellow, Bengio, Courville: Deep Learning (2016), algorithm 8.1. Robbins, Monro: A Stochastic Approximation Method,
// Annals of Mathematical Statistics 22 (1951). Equal to torch.optim.SGD.
package sgd

import "github.com/steepest/steepest/sdk"

type hyper struct {
	LR float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
}

type state struct{}

func step(h hyper, _ *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		x.Update[i] = -h.LR * g
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("sgd", step,
	sdk.Family("gradient"),
	sdk.Summary("stochastic gradient descent: a step along the negative gradient"),
	sdk.Reference("Robbins and Monro 1951; Goodfellow et al. 2016, algorithm 8.1"),
	sdk.Elementwise(),
	kernel())
