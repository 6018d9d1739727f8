// Package scion is Scion: a step as long as a norm's ball allows, in a norm that fits what a layer does.
//
//	D ← (1 − α) D + α G
//	θ ← (1 − μ) θ − μ ρ lmo(D) with constrained, else θ ← θ − μ ρ lmo(D)
//
// lmo(D) is the point of the unit ball of a norm at which D is largest, negated, with m rows of a tensor for its outputs, n inputs
// and a kernel of v weights (1 of a dense layer):
//
//	spectral   √(m / n) / v · NS₅(D), in the first layer max(1, √(m / n)) / v · NS₅(D)
//	column     a column's elements over their root mean square
//	row        a row's elements over √n times its length
//	sign       sign(D) / n
//	bias       D over its root mean square
//
// Pethick et al.: Training Deep Learning Models with Norm-Constrained LMOs, ICML 2025, algorithms 1 and 2 (arXiv:2502.07529), and the
// authors' advice by a tensor's place: the first layer is spectral with images and column with words, hidden ones are spectral, the last
// is sign, biases and all other vectors have theirs. ρ is radius, and last_radius in the last layer, whose biases too; the authors'
// for language models are 50 and 3000, for CIFAR smaller. With initialization = "plugin" weights begin, as the authors have it, on the
// boundary of their balls (normal numbers made orthogonal, columns or rows of one length, random signs) and vectors at zero. Equal to the norms of pytorch_optimizer's SCION and its step, which runs NS in
// bfloat16.
package scion

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Alpha       float64 `hyper:"alpha,0.1" in:"(0,1]" help:"share α of the new gradient in the average"`
	Radius      float64 `hyper:"radius,50" in:"(0,inf)" help:"radius ρ of the ball"`
	LastRadius  float64 `hyper:"last_radius,3000" in:"(0,inf)" help:"radius ρ of the last layer's ball"`
	Constrained bool    `hyper:"constrained,true" help:"keep the weights in the ball: Scion; else unconstrained Scion"`
	First       string  `hyper:"first,spectral" choices:"spectral,column,row,sign" help:"norm of the first layer's matrix"`
	Hidden      string  `hyper:"hidden,spectral" choices:"spectral,column,row,sign" help:"norm of the other layers' matrices"`
	Last        string  `hyper:"last,sign" choices:"spectral,column,row,sign" help:"norm of the last layer's matrix"`
}

type state struct {
	D sdk.Vec // moving average D of gradients
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.D[i] += h.Alpha * (g - s.D[i])
		x.Update[i] = s.D[i]
	}
	norm, radius := h.ball(x.Place)
	lmo(norm, x)
	decay := 0.0
	if h.Constrained {
		decay = h.LR
	}
	for i, d := range x.Update {
		x.Update[i] = -h.LR*radius*d - decay*x.Weights[i]
	}
}

// ball is the norm and the radius of the ball of a layer's place.
func (h hyper) ball(at sdk.Place) (norm string, radius float64) {
	switch at {
	case sdk.First:
		return h.First, h.Radius
	case sdk.Last:
		return h.Last, h.LastRadius
	}
	return h.Hidden, h.Radius
}

// begin proposes weights: matrices on the boundary of their balls, vectors zero.
func begin(h hyper, x sdk.Tensor) {
	norm, radius := h.ball(x.Place)
	if rows, columns, ok := x.Matrix(); ok && len(x.Update) > 0 {
		matrix.Normal(x.Rand(), x.Update)
		if norm == "spectral" {
			orthogonal(x.Update, rows, x.Shape[1], columns/x.Shape[1])
			stretch(x, rows, columns)
		} else {
			lmo(norm, x)
		}
	}
	for i, w := range x.Weights {
		x.Update[i] = radius*x.Update[i] - w
	}
}

// orthogonal makes normal numbers orthogonal matrices, uniformly distributed, one for each place of a kernel.
func orthogonal(d []float64, rows, inputs, places int) {
	one, done := matrix.Scratch(rows * inputs)
	defer done()
	for p := range places {
		for i := range one {
			one[i] = d[i*places+p]
		}
		matrix.Polar(one, rows, inputs, matrix.Coefficients["polar-express"], 25, 1e-300)
		for i, x := range one {
			d[i*places+p] = x
		}
	}
}

// stretch makes an orthogonal update as long as the spectral ball allows.
func stretch(x sdk.Tensor, rows, columns int) {
	inputs := float64(x.Shape[1])
	scale := math.Sqrt(float64(rows) / inputs)
	if x.Place == sdk.First {
		scale = max(1, scale)
	}
	for i := range x.Update {
		x.Update[i] *= scale * inputs / float64(columns)
	}
}

// eps keeps a norm of zero from being divided by.
const eps = 1e-8

// lmo makes d, the update, the negated point of the unit ball of a norm at which it is largest.
func lmo(norm string, x sdk.Tensor) {
	d := x.Update
	rows, columns, ok := x.Matrix()
	if !ok {
		divide(d, len(d), 1, 1/math.Sqrt(float64(len(d))))
		return
	}
	switch norm {
	case "spectral":
		matrix.Polar(d, rows, columns, matrix.Coefficients["jordan"], 5, 1e-7)
		stretch(x, rows, columns)
	case "column":
		for j := range columns {
			divide(d[min(j, len(d)):], rows, columns, 1/math.Sqrt(float64(rows)))
		}
	case "row":
		for i := range rows {
			divide(d[i*columns:], columns, 1, math.Sqrt(float64(columns)))
		}
	case "sign":
		for i, x := range d {
			if x != 0 && x == x { // NaN shows
				d[i] = math.Copysign(1/float64(columns), x)
			}
		}
	}
}

// divide divides n elements of d, a stride apart, by scale times their length.
func divide(d []float64, n, stride int, scale float64) {
	sum := 0.0
	for i := range n {
		sum += d[i*stride] * d[i*stride]
	}
	for i, length := 0, scale*math.Sqrt(sum)+eps; i < n; i++ {
		d[i*stride] /= length
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("scion", step,
	sdk.Family("matrix"),
	sdk.Summary("steps of a length that a norm for each layer gives"),
	sdk.Reference("Pethick et al. 2025, algorithms 1 and 2 (arXiv:2502.07529)"),
	sdk.KernelIf(matrix.Kernel != "", matrix.Kernel, step), // of products
	sdk.NeedsWeights(), sdk.Initializes(begin))
