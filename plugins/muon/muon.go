// Package muon is Muon: momentum whose every matrix is replaced by the nearest orthogonal one.
//
//	B ← β B + (1 − β) G
//	U ← β B + (1 − β) G with nesterov, else B
//	O ← NSₖ(U / max(‖U‖, δ)),   NS(X) = a X + b X Xᵀ X + c (X Xᵀ)² X
//	θ ← θ − μ (s O + λ θ),   s = √max(1, m / n), 0.2 √max(m, n) or √(m / n) of m rows and n columns
//
// Jordan et al.: Muon, An optimizer for hidden layers in neural networks (2024), kellerjordan.github.io/posts/muon. Equal to
// torch.optim.Muon (2.15), whose names of the scalings these are; the authors' is "original", Moonshot's (Liu et al.,
// arXiv:2502.16982) "match_rms_adamw". Both run the iteration in bfloat16, this in float64. With coefficients = "polar-express"
// equal to pytorch_optimizer's Muon. A convolution's kernel is the matrix with a row for each output, as the authors flatten it.
package muon

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR           float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Momentum     float64 `hyper:"momentum,0.95" in:"[0,1)" help:"decay β of the momentum"`
	Nesterov     bool    `hyper:"nesterov,true" help:"look ahead: average the momentum and the gradient once more"`
	WeightDecay  float64 `hyper:"weight_decay,0.1" in:"[0,inf)" help:"decoupled weight decay λ"`
	Scaling      string  `hyper:"scaling,original" choices:"original,match_rms_adamw,spectral_unclamped" help:"what s does for a matrix's shape"`
	Coefficients string  `hyper:"coefficients,jordan" choices:"jordan,quintic,polar-express" help:"a, b and c of each iteration"`
	Iterations   int     `hyper:"iterations,5" in:"[1,99]" help:"number k of Newton-Schulz iterations"`
	Eps          float64 `hyper:"eps,1e-7" in:"(0,inf)" help:"δ, the least norm that is divided by"`
}

type state struct {
	B sdk.Vec // momentum B
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.B[i] += (1 - h.Momentum) * (g - s.B[i])
		x.Update[i] = s.B[i]
		if h.Nesterov {
			x.Update[i] = g + h.Momentum*(s.B[i]-g)
		}
	}
	rows, columns, _ := x.Matrix()
	matrix.Polar(x.Update, rows, columns, matrix.Coefficients[h.Coefficients], h.Iterations, h.Eps)
	lr := h.LR * scale(h.Scaling, float64(rows), float64(columns))
	for i, o := range x.Update {
		x.Update[i] = -lr*o - h.LR*h.WeightDecay*x.Weights[i]
	}
}

func scale(scaling string, rows, columns float64) float64 {
	switch scaling {
	case "match_rms_adamw":
		return 0.2 * math.Sqrt(max(rows, columns))
	case "spectral_unclamped":
		return math.Sqrt(rows / columns)
	}
	return math.Sqrt(max(1, rows/columns))
}

// Optimizer is the plugin.
var Optimizer = sdk.New("muon", step,
	sdk.Family("matrix"),
	sdk.Summary("momentum made orthogonal, for the matrices of hidden layers"),
	sdk.Reference("Jordan et al. 2024 (kellerjordan.github.io/posts/muon)"),
	sdk.KernelIf(matrix.Kernel != "", matrix.Kernel, step), // of products
	sdk.NeedsWeights(), sdk.Matrices())
