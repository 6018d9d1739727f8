// Package ademamix is AdEMAMix: AdamW with a second, much slower average of gradients beside the fast one.
//
//	m ← β₁ m + (1 − β₁) g,         m̂ = m / (1 − β₁ᵏ)
//	l ← β₃ l + (1 − β₃) g
//	r ← β₂ r + (1 − β₂) g²,        r̂ = r / (1 − β₂ᵏ)
//	θ ← θ − μ ((m̂ + α l) / (δ + √r̂) + λ θ)
//
// With a warm-up of T steps, α grows as α k / T, and β₃ from β₁ such that the half-life of the average grows evenly.
//
// Pagliardini, Ablin, Grangier: The AdEMAMix Optimizer: Better, Faster, Older, ICLR 2025 (arXiv:2409.03137), algorithm 1. Equal to
// pytorch_optimizer.AdEMAMix with weight_decouple=True.
package ademamix

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.9" in:"(0,1)" help:"decay β₁ of the fast average"`
	Beta2       float64 `hyper:"beta2,0.999" in:"[0,1)" help:"decay β₂ of the second moment"`
	Beta3       float64 `hyper:"beta3,0.9999" in:"(0,1)" help:"decay β₃ of the slow average"`
	Alpha       float64 `hyper:"alpha,5" in:"[0,inf)" help:"weight α of the slow average"`
	Warmup      int     `hyper:"warmup,0" in:"[0,inf)" help:"steps T over which α and β₃ grow"`
	Eps         float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type state struct {
	M sdk.Vec // fast average m of gradients
	L sdk.Vec // slow average l of gradients
	R sdk.Vec // second moment r
}

// slow are α and β₃ at step k.
func (h hyper) slow(k float64) (alpha, beta3 float64) {
	if h.Warmup == 0 {
		return h.Alpha, h.Beta3
	}
	done, log1, log3 := k/float64(h.Warmup), math.Log(h.Beta1), math.Log(h.Beta3)
	return math.Min(done*h.Alpha, h.Alpha), math.Min(math.Exp(log1*log3/((1-done)*log3+done*log1)), h.Beta3)
}

func step(h hyper, s *state, x sdk.Tensor) {
	k := float64(x.K)
	c1, root2 := 1-math.Pow(h.Beta1, k), math.Sqrt(1-math.Pow(h.Beta2, k))
	alpha, beta3 := h.slow(k)
	for i, g := range x.Grad {
		s.M[i] = h.Beta1*s.M[i] + (1-h.Beta1)*g
		s.L[i] = beta3*s.L[i] + (1-beta3)*g
		s.R[i] = h.Beta2*s.R[i] + (1-h.Beta2)*g*g
		x.Update[i] = -h.LR * ((s.M[i]/c1+alpha*s.L[i])/(h.Eps+math.Sqrt(s.R[i])/root2) + h.WeightDecay*x.Weights[i])
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("ademamix", step,
	sdk.Family("adaptive"),
	sdk.Summary("AdamW with a second, much slower average of gradients"),
	sdk.Reference("Pagliardini, Ablin and Grangier 2025, algorithm 1 (arXiv:2409.03137)"),
	sdk.Elementwise(), sdk.NeedsWeights())
