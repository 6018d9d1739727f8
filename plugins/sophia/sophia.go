// Package sophia is Sophia-H: a moving average of gradients over one of the Hessian's diagonal, clipped element by element.
//
//	m ← β₁ m + (1 − β₁) g
//	h ← β₂ h + (1 − β₂) z ∘ H z   every n-th step, from the first on; z random, −1 or 1 for each parameter (normal in the paper)
//	θ ← θ − μ (clip(m / max(γ h, δ), 1) + λ θ)
//
// Liu et al.: Sophia: A Scalable Stochastic Second-order Optimizer for Language Model Pre-training, ICLR 2024 (arXiv:2305.14342), algorithms 3
// and 1. Equal to pytorch_optimizer's SophiaH, whose learning rate is μ p, for γ = p, where δ here is p times its. Sophia-G (algorithm 2) is not
// possible here: it needs labels drawn from the model's own output, and a rule can only ask about the batch's.
package sophia

import (
	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ: no element moves by more"`
	Beta1       float64 `hyper:"beta1,0.96" in:"[0,1)" help:"decay β₁ of the gradients' average"`
	Beta2       float64 `hyper:"beta2,0.99" in:"[0,1)" help:"decay β₂ of the diagonal's average"`
	Gamma       float64 `hyper:"gamma,0.01" in:"(0,inf)" help:"γ: the less, the fewer elements are clipped"`
	Eps         float64 `hyper:"eps,1e-12" in:"(0,inf)" help:"least divisor δ"`
	Interval    int     `hyper:"interval,10" in:"[1,inf)" help:"steps n from one look at the Hessian to the next"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type state struct {
	M sdk.Vec // average m of the gradients
	H sdk.Vec // average h of the Hessian's diagonal
}

func step(h hyper, _ *struct{}, s []state, m sdk.Model) {
	var z, d []float64
	if look := (m.K-1)%h.Interval == 0; look {
		z, d = flat.Signs(m), make([]float64, len(m.Grad))
		m.AskHessianVector(z, sdk.ThisBatch, d)
	}
	at := 0
	for i, x := range m.Tensors {
		s := s[i]
		for j, g := range x.Grad {
			s.M[j] = h.Beta1*s.M[j] + (1-h.Beta1)*g
			if d != nil {
				s.H[j] = h.Beta2*s.H[j] + (1-h.Beta2)*z[at+j]*d[at+j]
			}
			x.Update[j] = -h.LR * (min(max(s.M[j]/max(h.Gamma*s.H[j], h.Eps), -1), 1) + h.WeightDecay*x.Weights[j])
		}
		at += len(x.Grad)
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("sophia", step,
	sdk.Family("second order"),
	sdk.Summary("gradients over the Hessian's diagonal, clipped (Sophia-H)"),
	sdk.Reference("Liu et al. 2024, algorithms 3 and 1 (arXiv:2305.14342)"),
	sdk.NeedsWeights(), sdk.Asks())
