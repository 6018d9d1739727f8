// Package adafactor is Adafactor: adaptive learning rates from a second moment that is kept as a row and a column.
//
//	ρ ← 1 − k^−γ,   α ← max(δ₂, rms(θ)) · min(μ, 1 / √k)
//	R ← ρ R + (1 − ρ) mean of G² over columns;   C ← ρ C + (1 − ρ) mean of G² over rows
//	V ← R Cᵀ / max(mean(R), δ₁),   of a vector V ← ρ V + (1 − ρ) g²
//	U ← G / √max(V, δ₁²)
//	θ ← θ − α U / max(1, rms(U) / d) − μ λ θ
//
// Shazeer, Stern: Adafactor, Adaptive Learning Rates with Sublinear Memory Cost, ICML 2018, algorithms 4 to 6 (arXiv:1804.04235). Equal to
// torch.optim.Adafactor (2.15): the paper adds δ₁ to G² instead, and has no decay. As there, a kernel of more than two dimensions is a
// stack of matrices of the last two. δ₁ is, as there, the distance from 1 to the next number, which in float64 is 2.2e-16.
package adafactor

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-2" in:"[0,inf)" help:"largest relative learning rate μ"`
	Beta2Decay  float64 `hyper:"beta2_decay,0.8" in:"[0,inf)" help:"γ: how soon the second moment's decay approaches 1"`
	Eps1        float64 `hyper:"eps1,2.220446049250313e-16" in:"[0,inf)" help:"δ₁, the least second moment's root"`
	Eps2        float64 `hyper:"eps2,1e-3" in:"[0,inf)" help:"δ₂, the least size of weights that the step is relative to"`
	Clip        float64 `hyper:"clip,1" in:"(0,inf)" help:"root mean square d of the largest step before α"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ"`
}

type state struct {
	R []float64 // mean over each row of a matrix, of squared gradients
	C []float64 // and over each column
	V []float64 // second moment of a vector
}

// Init makes what the shape needs.
func (s *state) Init(_ hyper, x sdk.Tensor) {
	if _, _, ok := x.Matrix(); !ok {
		s.V = make([]float64, len(x.Grad))
	} else if rows, columns := last(x.Shape); len(x.Grad) > 0 {
		s.R, s.C = make([]float64, len(x.Grad)/columns), make([]float64, len(x.Grad)/rows)
	}
}

func last(shape []int) (rows, columns int) { return shape[len(shape)-2], shape[len(shape)-1] }

func step(h hyper, s *state, x sdk.Tensor) {
	size := math.Sqrt(float64(len(x.Grad)))
	if size == 0 {
		return
	}
	fresh := math.Pow(float64(x.K), -h.Beta2Decay)
	alpha := max(h.Eps2, matrix.Norm(x.Weights)/size) * min(h.LR, 1/math.Sqrt(float64(x.K)))
	if len(s.V) > 0 {
		for i, g := range x.Grad {
			s.V[i] += fresh * (g*g - s.V[i])
			x.Update[i] = s.V[i]
		}
	} else {
		rows, columns := last(x.Shape)
		for m := range len(x.Grad) / rows / columns {
			a, b := m*rows*columns, (m+1)*rows*columns
			factor(h, fresh, s.R[m*rows:(m+1)*rows], s.C[m*columns:(m+1)*columns], x.Grad[a:b], x.Update[a:b])
		}
	}
	for i, v := range x.Update {
		x.Update[i] = x.Grad[i] / math.Sqrt(max(v, h.Eps1*h.Eps1))
	}
	alpha /= max(1, matrix.Norm(x.Update)/size/h.Clip)
	for i, u := range x.Update {
		x.Update[i] = -alpha*u - h.LR*h.WeightDecay*x.Weights[i]
	}
}

// factor updates a matrix's rows and columns, and makes v the second moment that they stand for.
func factor(h hyper, fresh float64, rows, columns, g, v []float64) {
	m, n := len(rows), len(columns)
	sums, done := matrix.Scratch(n)
	defer done()
	clear(sums)
	mean := 0.0
	for i := range rows {
		sum := 0.0
		for j, x := range g[i*n : (i+1)*n] {
			sum += x * x
			sums[j] += x * x
		}
		rows[i] += fresh * (sum/float64(n) - rows[i])
		mean += rows[i] / float64(m)
	}
	for j, sum := range sums {
		columns[j] += fresh * (sum/float64(m) - columns[j])
	}
	for i, r := range rows {
		for j, c := range columns {
			v[i*n+j] = r * c / max(mean, h.Eps1)
		}
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("adafactor", step,
	sdk.Family("adaptive"),
	sdk.Summary("adaptive learning rates in little memory: a second moment for each row and each column"),
	sdk.Reference("Shazeer and Stern 2018, algorithms 4 to 6 (arXiv:1804.04235)"),
	sdk.NeedsWeights())
