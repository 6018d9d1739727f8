// Package mars is MARS-AdamW: AdamW with gradients of less variance, each corrected by how the gradient has changed since the last weights.
//
//	c ← g + γ β₁ / (1 − β₁) (g − g₋),   shortened to the length 1 in each tensor; g itself in the first step
//	    g₋ exact:        the gradient of this step's batch at the last weights, for which it asks
//	       approximate:  the last step's gradient, of its own batch
//	s ← β₁ s + (1 − β₁) c
//	r ← β₂ r + (1 − β₂) c²
//	θ ← θ − μ (√c₂ / c₁ · s / (δ + √r) + λ θ),   c₁ = 1 − β₁ᵏ,  c₂ = 1 − β₂ᵏ
//
// Yuan et al.: MARS: Unleashing the Power of Variance Reduction for Training Large Models (arXiv:2411.10438), algorithms 2 (exact), 3
// and 1, equation 2.3. The approximate one is equal to pytorch_optimizer's MARS(optimize_1d=True), if that begins with the first gradient as the last one instead
// of zero; as there, δ is added to √r before it is corrected, which the authors' code corrects first. That tensors of one dimension go to AdamW is for [[optimizer.group]] to say.
package mars

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,3e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.95" in:"[0,1)" help:"decay β₁ of the first moment"`
	Beta2       float64 `hyper:"beta2,0.99" in:"[0,1)" help:"decay β₂ of the second moment"`
	Gamma       float64 `hyper:"gamma,0.025" in:"[0,inf)" help:"share γ of the correction"`
	Last        string  `hyper:"last,exact" choices:"exact,approximate" help:"the last gradient: of this batch, or of the last one"`
	Eps         float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type global struct {
	Last sdk.Vec // the last gradient; if exact, the way back to the last weights
}

type state struct {
	S sdk.Vec // first moment s
	R sdk.Vec // second moment r
}

func step(h hyper, g *global, s []state, m sdk.Model) {
	last := make([]float64, len(m.Grad))
	switch {
	case m.K == 1:
		copy(last, m.Grad)
	case h.Last == "exact":
		m.AskGradient(g.Last, sdk.ThisBatch, last)
	default:
		copy(last, g.Last)
	}
	c1, c2 := 1-math.Pow(h.Beta1, float64(m.K)), 1-math.Pow(h.Beta2, float64(m.K))
	more := h.Gamma * h.Beta1 / (1 - h.Beta1)
	for i, x := range m.Tensors {
		s, r, c := s[i].S, s[i].R, last[:len(x.Grad)]
		for j, g := range x.Grad {
			c[j] = g + more*(g-c[j])
		}
		if norm := flat.Norm(c); norm > 1 {
			flat.Scale(c, 1/norm, c)
		}
		for j, c := range c {
			s[j] = h.Beta1*s[j] + (1-h.Beta1)*c
			r[j] = h.Beta2*r[j] + (1-h.Beta2)*c*c
			x.Update[j] = -h.LR * (math.Sqrt(c2)/c1*s[j]/(h.Eps+math.Sqrt(r[j])) + h.WeightDecay*x.Weights[j])
		}
		last = last[len(x.Grad):]
	}
	if h.Last == "exact" {
		flat.Scale(g.Last, -1, m.Update)
	} else {
		copy(g.Last, m.Grad)
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("mars", step,
	sdk.Family("adaptive"),
	sdk.Summary("AdamW with variance-reduced gradients"),
	sdk.Reference("Yuan et al. 2024, algorithms 1 to 3 (arXiv:2411.10438)"),
	sdk.NeedsWeights(), sdk.Asks())
