// Package soap is SOAP: Adam in the eigenbasis of Shampoo's second moments.
//
//	G' ← Q_Lᵀ G Q_R;   S ← ρ₁ S + (1 − ρ₁) G;   V ← ρ₂ V + (1 − ρ₂) G'²
//	U ← Q_L (Q_Lᵀ S Q_R / (δ + √V)) Q_Rᵀ
//	θ ← (1 − μ λ) (θ − μ √c₂ / c₁ · U),   c₁ = 1 − ρ₁ᵏ⁻¹,  c₂ = 1 − ρ₂ᵏ⁻¹
//	L ← ρ L + (1 − ρ) G Gᵀ;   R ← ρ R + (1 − ρ) Gᵀ G;   every `frequency` steps Q ← Q of the QR of L Q, and so R's
//
// The first gradient only begins L and R, whose eigenvectors are the first Q. Vyas et al.: SOAP, Improving and Stabilizing Shampoo
// using Adam, ICLR 2025, algorithm 3 (arXiv:2409.11321). Equal to pytorch_optimizer's SOAP and the authors' program, which sorts the columns by
// L's Rayleigh quotients before each QR, and runs it in float32. Eigenvectors have any sign, and the step is the same with all. Vectors,
// and sides longer than max_size, keep their basis. A convolution's kernel is a matrix with a row for each output.
package soap

import (
	"math"
	"slices"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,3e-3" in:"[0,inf)" help:"learning rate μ"`
	Beta1       float64 `hyper:"beta1,0.95" in:"[0,1)" help:"decay ρ₁ of the first moment"`
	Beta2       float64 `hyper:"beta2,0.95" in:"[0,1)" help:"decay ρ₂ of the second moment"`
	ShampooBeta float64 `hyper:"shampoo_beta,0.95" in:"[0,1)" help:"decay ρ of the matrices L and R"`
	Eps         float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	WeightDecay float64 `hyper:"weight_decay,1e-2" in:"[0,inf)" help:"decoupled weight decay λ"`
	Frequency   int     `hyper:"frequency,10" in:"[1,inf)" help:"steps between two bases"`
	MaxSize     int     `hyper:"max_size,10000" in:"[1,inf)" help:"longest side of a matrix that has a basis"`
}

type state struct {
	S, V        sdk.Vec // first moment S, and second moment V in the basis
	Left, Right side
}

// side is the rows or the columns of a matrix, which has none if it is too long.
type side struct {
	Moment []float64 // L or R
	Basis  []float64 // Q
}

func step(h hyper, s *state, x sdk.Tensor) {
	m, n, ok := x.Matrix()
	if !ok {
		m, n = len(x.Grad), 1
	}
	if x.K == 1 {
		s.begin(h, x, m, n)
		return
	}
	scratch, done := matrix.Scratch(2 * len(x.Grad))
	defer done()
	projected, half := matrix.Of(m, n, scratch), matrix.Of(m, n, scratch[len(x.Grad):])
	s.project(x.Grad, projected.Data, half.Data, m, n, false)
	for i, g := range x.Grad {
		s.S[i] += (1 - h.Beta1) * (g - s.S[i])
		s.V[i] += (1 - h.Beta2) * (projected.Data[i]*projected.Data[i] - s.V[i])
	}
	s.project(s.S, projected.Data, half.Data, m, n, false)
	for i, v := range s.V {
		projected.Data[i] /= h.Eps + math.Sqrt(v)
	}
	s.project(projected.Data, x.Update, half.Data, m, n, true)
	k := float64(x.K - 1)
	lr, decay := h.LR*math.Sqrt(1-math.Pow(h.Beta2, k))/(1-math.Pow(h.Beta1, k)), h.LR*h.WeightDecay
	for i, u := range x.Update {
		x.Update[i] = -lr*u - decay*(x.Weights[i]-lr*u)
	}
	s.moments(h, x, m, n)
	if (x.K-1)%h.Frequency == 0 {
		turn(s.Left, s.V, m, n, false)
		turn(s.Right, s.V, m, n, true)
	}
}

// begin takes the first gradient into the moments, and their eigenvectors for the basis.
func (s *state) begin(h hyper, x sdk.Tensor, m, n int) {
	if _, _, ok := x.Matrix(); ok {
		for side, size := range map[*side]int{&s.Left: m, &s.Right: n} {
			if size <= h.MaxSize {
				side.Moment = make([]float64, size*size)
			}
		}
	}
	s.moments(h, x, m, n)
	for side, size := range map[*side]int{&s.Left: m, &s.Right: n} {
		if side.Moment != nil {
			side.Basis = slices.Clone(side.Moment)
			matrix.Eigen(side.Basis, size)
		}
	}
	for i, g := range x.Grad {
		x.Update[i] = 0 * g // NaN shows
	}
}

func (s *state) moments(h hyper, x sdk.Tensor, m, n int) {
	if s.Left.Moment != nil {
		matrix.Average(s.Left.Moment, m, h.ShampooBeta, false, matrix.Of(m, n, x.Grad), 1-h.ShampooBeta)
	}
	if s.Right.Moment != nil {
		matrix.Average(s.Right.Moment, n, h.ShampooBeta, true, matrix.Of(m, n, x.Grad), 1-h.ShampooBeta)
	}
}

// project makes to what a matrix is in the basis, or, back, what one in the basis is.
func (s *state) project(a, to, half []float64, m, n int, back bool) {
	if s.Left.Basis != nil {
		matrix.Multiply(!back, matrix.Of(m, m, s.Left.Basis), false, matrix.Of(m, n, a), matrix.Of(m, n, half))
		a = half
	}
	if s.Right.Basis != nil {
		matrix.Multiply(false, matrix.Of(m, n, a), back, matrix.Of(n, n, s.Right.Basis), matrix.Of(m, n, to))
	} else {
		copy(to, a)
	}
}

// turn brings a basis nearer to its moment's eigenvectors, the largest eigenvalue first, and sorts v, of m rows and n columns, along.
func turn(s side, v []float64, m, n int, columns bool) {
	if s.Basis == nil || len(v) == 0 {
		return
	}
	size := m
	if columns {
		size = n
	}
	scratch, done := matrix.Scratch(size*size + size + len(v))
	defer done()
	product, values, old := scratch[:size*size], scratch[size*size:size*size+size], scratch[size*size+size:]
	matrix.Multiply(false, matrix.Of(size, size, s.Moment), false, matrix.Of(size, size, s.Basis), matrix.Of(size, size, product))
	clear(values)
	for i, q := range s.Basis {
		values[i%size] += q * product[i]
	}
	order := make([]int, size)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return 0
	})
	for i := range s.Basis {
		s.Basis[i] = product[i-i%size+order[i%size]]
	}
	matrix.Orthogonal(s.Basis, size)
	copy(old, v)
	for i := range m {
		for j := range n {
			if columns {
				v[i*n+j] = old[i*n+order[j]]
			} else {
				v[i*n+j] = old[order[i]*n+j]
			}
		}
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("soap", step,
	sdk.Family("matrix"),
	sdk.Summary("Adam in the eigenbasis of Shampoo's second moments"),
	sdk.Reference("Vyas et al. 2025, algorithm 3 (arXiv:2409.11321)"),
	sdk.KernelIf(matrix.Kernel != "", matrix.Kernel, step), // of products
	sdk.NeedsWeights())
