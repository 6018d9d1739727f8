// Package lars is LARS: momentum with a learning rate for each layer, in proportion to its weights' length over its gradient's.
//
//	v ← β v + t (g + λ θ),   t = η ‖θ‖ / (‖g‖ + λ ‖θ‖) of matrices, 1 and no λ of vectors
//	θ ← θ − μ v,   or θ − μ (t (g + λ θ) + β v) with nesterov
//
// You, Gitman, Ginsburg: Large Batch Training of Convolutional Networks (2017), algorithm 1 (arXiv:1708.03888). Equal to
// pytorch_optimizer's LARS: the paper multiplies by μ what enters v, which is the same while μ is constant, and scales vectors too,
// which nobody does. t is 1 where a length is zero.
package lars

import (
	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1" in:"[0,inf)" help:"learning rate μ"`
	Momentum    float64 `hyper:"momentum,0.9" in:"[0,1)" help:"decay β of the velocity"`
	Nesterov    bool    `hyper:"nesterov,false" help:"look ahead along the velocity"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"weight decay λ of matrices, in the gradient"`
	Trust       float64 `hyper:"trust,1e-3" in:"[0,inf)" help:"trust coefficient η"`
}

type state struct {
	V sdk.Vec // velocity v
}

func step(h hyper, s *state, x sdk.Tensor) {
	trust, decay := 1.0, 0.0
	if _, _, ok := x.Matrix(); ok {
		decay = h.WeightDecay
		weights := matrix.Norm(x.Weights)
		if gradient := matrix.Norm(x.Grad) + decay*weights; weights != 0 && gradient != 0 {
			trust = h.Trust * weights / gradient
		}
	}
	for i, g := range x.Grad {
		u := trust * (g + decay*x.Weights[i])
		s.V[i] = h.Momentum*s.V[i] + u
		x.Update[i] = -h.LR * s.V[i]
		if h.Nesterov {
			x.Update[i] = -h.LR * (u + h.Momentum*s.V[i])
		}
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("lars", step,
	sdk.Family("layerwise"),
	sdk.Summary("momentum, scaled for each layer by the length of its weights"),
	sdk.Reference("You, Gitman and Ginsburg 2017, algorithm 1 (arXiv:1708.03888)"),
	sdk.NeedsWeights())
