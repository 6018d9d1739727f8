// Package adahessian is AdaHessian: Adam whose second moment is of the Hessian's diagonal instead of the gradient.
//
//	z random, −1 or 1 for each parameter
//	D ← z ∘ H z   on this step's batch; of a convolution's kernel the mean of |D| over its places
//	s ← β₁ s + (1 − β₁) g
//	r ← β₂ r + (1 − β₂) D²
//	θ ← θ − μ (s / c₁ / (δ + (r / c₂)^(κ/2)) + λ θ),   c₁ = 1 − β₁ᵏ,  c₂ = 1 − β₂ᵏ
//
// Yao et al.: ADAHESSIAN: An Adaptive Second Order Optimizer for Machine Learning, AAAI 2021 (arXiv:2006.00719), algorithm 1. Equal to
// pytorch_optimizer's AdaHessian but for the mean over kernels, which it does not have, and which is of D in the paper: of |D| it is in the authors'
// own code.
package adahessian

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,0.1" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2       float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay β₂ of the diagonal's second moment"`
	Eps         float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the power"`
	Power       float64 `hyper:"power,1" in:"(0,1]" help:"power κ of the Hessian; 1 is Newton's"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type state struct {
	S sdk.Vec // first moment s of the gradients
	R sdk.Vec // second moment r of the diagonal
}

func step(h hyper, _ *struct{}, s []state, m sdk.Model) {
	z := flat.Signs(m)
	d := make([]float64, len(z))
	m.AskHessianVector(z, sdk.ThisBatch, d)
	for i := range d {
		d[i] *= z[i]
	}
	c1, c2 := 1-math.Pow(h.Beta1, float64(m.K)), 1-math.Pow(h.Beta2, float64(m.K))
	for i, x := range m.Tensors {
		smooth(d[:len(x.Grad)], x.Shape)
		s, r := s[i].S, s[i].R
		for j, g := range x.Grad {
			s[j] = h.Beta1*s[j] + (1-h.Beta1)*g
			r[j] = h.Beta2*r[j] + (1-h.Beta2)*d[j]*d[j]
			x.Update[j] = -h.LR * (s[j]/c1/(h.Eps+math.Pow(r[j]/c2, h.Power/2)) + h.WeightDecay*x.Weights[j])
		}
		d = d[len(x.Grad):]
	}
}

// smooth puts the mean of the absolute values in each kernel of a convolution, whose shape has places behind outputs and inputs.
func smooth(d []float64, shape []int) {
	if len(shape) < 3 {
		return
	}
	places := 1
	for _, n := range shape[2:] {
		places *= n
	}
	for ; len(d) > 0; d = d[places:] {
		mean := flat.Sum(d[:places]) / float64(places)
		for i := range places {
			d[i] = mean
		}
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("adahessian", step,
	sdk.Family("second order"),
	sdk.Summary("Adam with the second moment of the Hessian's diagonal"),
	sdk.Reference("Yao et al. 2021, algorithm 1 (arXiv:2006.00719)"),
	sdk.NeedsWeights(), sdk.Asks())
