// Package shampoo is Shampoo: the gradient between the inverse roots of its rows' and its columns' second moments.
//
//	L ← ρ₂ L + (1 − ρ₂) G Gᵀ;   R ← ρ₂ R + (1 − ρ₂) Gᵀ G      from ε I; with ρ₂ = 1 sums, as in the paper
//	P ← (L + ε λ_L I)^(−1/4) G (R + ε λ_R I)^(−1/4)            λ is a matrix's largest eigenvalue
//	U ← P · ‖A‖ / ‖P‖,  A the step of the rule that is grafted, or P without one
//	M ← ρ₁ M + U;   θ ← θ − μ (ρ₁ M + U) with nesterov, else θ − μ M
//
// Gupta, Koren, Singer: Shampoo, ICML 2018, algorithm 1 (arXiv:1802.09568), with averages, damping, grafting and momentum of Anil et
// al.: Scalable Second Order Optimization for Deep Learning, 2020 (arXiv:2002.09018). The grafted rule steps alone before step
// `start`, and where there is no matrix or one with a side above max_size. Equal to pytorch_optimizer's ScalableShampoo with
// shape_interpretation off and blocks that are large enough, but for its inverse root, an iteration which ends at an error of 1e-3: here
// it is of an eigendecomposition. Weight decay is added to U, as there, or decoupled. A convolution's kernel is a matrix with a row for each output.
package shampoo

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.9" in:"[0,1)" help:"decay ρ₁ of the momentum"`
	Beta2       float64 `hyper:"beta2,0.999" in:"[0,1]" help:"decay ρ₂ of the second moments; 1 adds them up"`
	Eps         float64 `hyper:"eps,1e-6" in:"(0,inf)" help:"ε: damping of the second moments"`
	Graft       string  `hyper:"graft,sgd" choices:"none,sgd,adagrad,rmsprop" help:"rule whose step's length a step has"`
	GraftEps    float64 `hyper:"graft_eps,1e-10" in:"(0,inf)" help:"δ of the grafted rule, added to its root"`
	Nesterov    bool    `hyper:"nesterov,true" help:"look ahead along the momentum"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"weight decay λ"`
	Decoupled   bool    `hyper:"decoupled,false" help:"take the decay from the weights instead of adding it to U"`
	Start       int     `hyper:"start,5" in:"[1,inf)" help:"first step that is Shampoo's"`
	Frequency   int     `hyper:"frequency,1" in:"[1,inf)" help:"steps between two roots"`
	MaxSize     int     `hyper:"max_size,8192" in:"[1,inf)" help:"longest side of a matrix that has second moments"`
}

type state struct {
	Left, Right         []float64 // second moments L and R
	LeftRoot, RightRoot []float64 // their inverse roots
	M                   sdk.Vec   // momentum M
	A                   []float64 // second moment of a grafted rule that has one
	B                   []float64 // momentum of the grafted rule, until Shampoo begins
}

// Init makes what the shape needs.
func (s *state) Init(h hyper, x sdk.Tensor) {
	if h.Graft == "adagrad" || h.Graft == "rmsprop" {
		s.A = make([]float64, len(x.Grad))
	}
	if m, n, ok := x.Matrix(); ok && max(m, n) <= h.MaxSize {
		s.Left, s.LeftRoot, s.Right, s.RightRoot = make([]float64, m*m), make([]float64, m*m), make([]float64, n*n), make([]float64, n*n)
		for _, side := range []struct {
			n          int
			sum, power []float64
		}{{m, s.Left, s.LeftRoot}, {n, s.Right, s.RightRoot}} {
			matrix.Identity(side.sum, side.n, h.Eps)
			matrix.Identity(side.power, side.n, 1)
		}
	}
	if s.Left != nil && h.Start > 1 {
		s.B = make([]float64, len(x.Grad))
	}
}

func step(h hyper, s *state, x sdk.Tensor) {
	scratch, done := matrix.Scratch(2 * len(x.Grad))
	defer done()
	graft, own := scratch[:len(x.Grad)], scratch[len(x.Grad):]
	grafted(h, s, x, graft)
	copy(own, graft)
	if s.Left != nil {
		precondition(h, s, x, own)
		if h.Graft != "none" {
			for i, scale := 0, matrix.Norm(graft)/(matrix.Norm(own)+1e-16); i < len(own); i++ {
				own[i] *= scale
			}
		}
	}
	if !h.Decoupled && h.WeightDecay != 0 {
		for i, w := range x.Weights {
			own[i] += h.WeightDecay * w
			graft[i] += h.WeightDecay * w
		}
	}
	momentum(h, s.M, own, x)
	if s.B == nil {
		return
	}
	if x.K >= h.Start {
		s.B = nil
		return
	}
	momentum(h, s.B, graft, x)
}

// grafted makes a the step of the grafted rule.
func grafted(h hyper, s *state, x sdk.Tensor, a []float64) {
	copy(a, x.Grad)
	for i := range s.A {
		g := x.Grad[i]
		if h.Graft == "adagrad" {
			s.A[i] += g * g
		} else {
			s.A[i] = h.Beta2*s.A[i] + (1-h.Beta2)*g*g
		}
		a[i] = g / (math.Sqrt(s.A[i]) + h.GraftEps)
	}
}

// precondition takes the gradient into the second moments, and makes p the gradient between their roots.
func precondition(h hyper, s *state, x sdk.Tensor, p []float64) {
	m, n, _ := x.Matrix()
	g, fresh := matrix.Of(m, n, x.Grad), 1-h.Beta2
	if h.Beta2 == 1 {
		fresh = 1
	}
	matrix.Average(s.Left, m, h.Beta2, false, g, fresh)
	matrix.Average(s.Right, n, h.Beta2, true, g, fresh)
	if x.K%h.Frequency == 0 {
		matrix.InverseRoot(s.Left, m, 4, h.Eps, s.LeftRoot)
		matrix.InverseRoot(s.Right, n, 4, h.Eps, s.RightRoot)
	}
	half := matrix.Of(m, n, x.Update)
	matrix.Multiply(false, matrix.Of(m, m, s.LeftRoot), false, g, half)
	matrix.Multiply(false, half, false, matrix.Of(n, n, s.RightRoot), matrix.Of(m, n, p))
}

// momentum takes u into a momentum, and writes the step along it.
func momentum(h hyper, m, u []float64, x sdk.Tensor) {
	for i, u := range u {
		m[i] = h.Beta1*m[i] + u
		x.Update[i] = -h.LR * m[i]
		if h.Nesterov {
			x.Update[i] = -h.LR * (h.Beta1*m[i] + u)
		}
		if h.Decoupled {
			x.Update[i] -= h.LR * h.WeightDecay * x.Weights[i]
		}
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("shampoo", step,
	sdk.Family("matrix"),
	sdk.Summary("the gradient between inverse roots of its rows' and columns' second moments"),
	sdk.Reference("Gupta, Koren and Singer 2018, algorithm 1 (arXiv:1802.09568); Anil et al. 2020 (arXiv:2002.09018)"),
	sdk.KernelIf(matrix.Kernel != "", matrix.Kernel, step), // of products
	sdk.NeedsWeights())
