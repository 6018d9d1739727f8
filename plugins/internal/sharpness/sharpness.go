// Package sharpness is SAM, sharpness-aware minimization: a step of another rule with the gradient from where the loss is about highest nearby.
//
//	ε ← ρ g / ‖g‖
//	a step of the base at θ with ∇f(θ + ε), of the same batch
//
// Foret et al.: Sharpness-Aware Minimization for Efficiently Improving Generalization, ICLR 2021 (arXiv:2010.01412), algorithm 1. The norm is
// that of all tensors together, and 10⁻¹² is added to it. With adaptive it is ASAM: ε ← ρ θ² g / ‖θ g‖, Kwon et al., ICML 2021
// (arXiv:2102.11600), without its η. Equal to pytorch_optimizer's SAM around the same base.
package sharpness

import (
	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	Rho      float64 `hyper:"rho,0.05" in:"[0,inf)" help:"radius ρ in which the loss is to be low"`
	Adaptive bool    `hyper:"adaptive,false" help:"scale ε with the weights (ASAM)"`
}

func step(h hyper, _ *struct{}, m sdk.Model, base func(gradient []float64)) {
	up := make([]float64, len(m.Grad))
	copy(up, m.Grad)
	times := func() { // the weights
		for i, w := range m.Weights {
			up[i] *= w
		}
	}
	if h.Adaptive {
		times()
	}
	scale := h.Rho / (flat.Norm(up) + 1e-12)
	if h.Adaptive {
		times()
	}
	flat.Scale(up, scale, up)
	m.AskGradient(up, sdk.ThisBatch, up)
	base(up)
}

// Around is SAM around a rule.
func Around(name string, base *sdk.Optimizer) *sdk.Optimizer {
	return sdk.Around(name, base, step,
		sdk.Family("sharpness"),
		sdk.Summary(base.Name()+" with the gradient from uphill (SAM)"),
		sdk.Reference("Foret et al. 2021, algorithm 1 (arXiv:2010.01412)"),
		sdk.NeedsWeights(), sdk.Asks())
}
