// Package psgdkron is PSGD with a Kronecker-factored preconditioner: Q_Lᵀ Q_L G Q_Rᵀ Q_R, of triangular factors that are fitted to the
// gradients by steps in their group.
//
//	M ← β M + (1 − β) G;   H = M / (1 − βᵏ);   V random normal
//	A ← Q_L H Q_Rᵀ;   B ← Q_L⁻ᵀ V Q_R⁻¹
//	Q_L ← Q_L − η triu(A Aᵀ − B Bᵀ) Q_L / ‖A Aᵀ + B Bᵀ‖;   Q_R ← Q_R − η triu(Aᵀ A − Bᵀ B) Q_R / ‖Aᵀ A + Bᵀ B‖
//	P ← Q_Lᵀ Q_L H Q_Rᵀ Q_R;   θ ← θ − μ (P · min(1, 1.1 / rms(P)) + λ θ of matrices)
//
// Li: Preconditioned Stochastic Gradient Descent, IEEE TNNLS 2018 (arXiv:1512.04202), and Black Box Lie Group Preconditioners for SGD,
// 2022 (arXiv:2211.04422); ‖·‖ is a lower bound of the spectral norm. Equal to pytorch_optimizer's Kron, a port of the authors'
// psgd-kron, but that a convolution's kernel is one matrix with a row for each output, not a factor for each dimension, and that
// tensors balance their factors each by its own chance. Vectors and sides above max_size have diagonal factors. The factors are fitted
// with probability 1 in the first update_flat steps, then by chance that falls to update_min, at even distances, as there.
package psgdkron

import (
	"math"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR          float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate μ"`
	Momentum    float64 `hyper:"momentum,0.9" in:"[0,1)" help:"decay β of the momentum"`
	WeightDecay float64 `hyper:"weight_decay,0" in:"[0,inf)" help:"decoupled weight decay λ of matrices"`
	FactorLR    float64 `hyper:"factor_lr,0.1" in:"[0,1]" help:"learning rate η of the factors"`
	UpdateMin   float64 `hyper:"update_min,0.03" in:"(0,1]" help:"least probability of a step that fits the factors"`
	UpdateDecay float64 `hyper:"update_decay,1e-3" in:"[0,inf)" help:"decay of that probability with a step"`
	UpdateFlat  int     `hyper:"update_flat,500" in:"[0,inf)" help:"steps until it begins to fall"`
	Balance     float64 `hyper:"balance,0.01" in:"[0,1]" help:"probability that a fit first makes a tensor's factors alike in size"`
	MaxSize     int     `hyper:"max_size,8192" in:"[1,inf)" help:"longest side of a matrix that has a triangular factor"`
}

type state struct {
	M           sdk.Vec   // momentum M
	Left, Right []float64 // the factors Q, or their diagonals; a vector has the left one alone
	Waited      int       // steps since the factors were fitted
}

// Init makes the factors the identity.
func (s *state) Init(h hyper, x sdk.Tensor) {
	m, n, ok := x.Matrix()
	if !ok {
		m, n = len(x.Grad), 1
	}
	factor := func(size int) []float64 {
		if !ok || size == 1 || size > h.MaxSize {
			ones := make([]float64, size)
			for i := range ones {
				ones[i] = 1
			}
			return ones
		}
		q := make([]float64, size*size)
		matrix.Identity(q, size, 1)
		return q
	}
	if s.Left = factor(m); ok {
		s.Right = factor(n)
	}
}

func step(h hyper, s *state, x sdk.Tensor) {
	m, n, ok := x.Matrix()
	if !ok {
		m, n = len(x.Grad), 1
	}
	if len(x.Grad) == 0 {
		return
	}
	scratch, done := matrix.Scratch(3 * len(x.Grad))
	defer done()
	debiased, a, b := matrix.Of(m, n, scratch), matrix.Of(m, n, scratch[len(x.Grad):]), matrix.Of(m, n, scratch[2*len(x.Grad):])
	for i, g := range x.Grad {
		s.M[i] = h.Momentum*s.M[i] + (1-h.Momentum)*g
		debiased.Data[i] = s.M[i] / (1 - math.Pow(h.Momentum, float64(x.K)))
	}
	s.Waited++
	probability := min(1, max(h.UpdateMin, math.Exp(-h.UpdateDecay*float64(x.K-1-h.UpdateFlat))))
	if float64(s.Waited) >= 1/probability {
		s.Waited = 0
		random := x.Rand()
		if random.Float64() < h.Balance && ok {
			balance(s.Left, s.Right)
		}
		matrix.Normal(random, b.Data)
		s.fit(h.FactorLR, debiased, a, b)
	}
	p := matrix.Of(m, n, x.Update)
	copy(p.Data, debiased.Data)
	for _, transposed := range []bool{false, true} {
		multiply(s.Left, transposed, p, a, true)
		multiply(s.Right, transposed, p, a, false)
	}
	clip := min(1, 1.1/(matrix.Norm(p.Data)/math.Sqrt(float64(len(p.Data)))+1e-6))
	decay := h.LR * h.WeightDecay
	if !ok {
		decay = 0
	}
	for i, u := range p.Data {
		x.Update[i] = -h.LR*clip*u - decay*x.Weights[i]
	}
}

// fit moves the factors. b holds V, and a is for A.
func (s *state) fit(lr float64, debiased, a, b blas64.General) {
	copy(a.Data, debiased.Data)
	spare, done := matrix.Scratch(len(a.Data))
	defer done()
	half := matrix.Of(a.Rows, a.Cols, spare)
	multiply(s.Left, false, a, half, true)
	multiply(s.Right, false, a, half, false)
	divide(s.Left, b, half, true)
	divide(s.Right, b, half, false)
	move(lr, s.Left, a, b, false)
	move(lr, s.Right, a, b, true)
}

// multiply makes g, with its rows for the left factor, q g, or g qᵀ with its columns; transposed qᵀ g or g q. half is as large.
func multiply(q []float64, transposed bool, g, half blas64.General, left bool) {
	switch {
	case q == nil:
	case left && len(q) == g.Rows:
		scale(q, g, true, false)
	case left:
		matrix.Multiply(transposed, matrix.Of(g.Rows, g.Rows, q), false, g, half)
		copy(g.Data, half.Data)
	case len(q) == g.Cols:
		scale(q, g, false, false)
	default:
		matrix.Multiply(false, g, !transposed, matrix.Of(g.Cols, g.Cols, q), half)
		copy(g.Data, half.Data)
	}
}

// divide makes v q⁻ᵀ v, with its rows for the left factor, or v q⁻¹ with its columns.
func divide(q []float64, v, half blas64.General, left bool) {
	switch {
	case q == nil:
	case left && len(q) == v.Rows:
		scale(q, v, true, true)
	case left:
		matrix.Transpose(v.Data, v.Rows, v.Cols, half.Data)
		matrix.DivideUpper(matrix.Of(v.Cols, v.Rows, half.Data), q)
		matrix.Transpose(half.Data, v.Cols, v.Rows, v.Data)
	case len(q) == v.Cols:
		scale(q, v, false, true)
	default:
		matrix.DivideUpper(v, q)
	}
}

// scale multiplies, or divides, each row or each column by a number.
func scale(by []float64, g blas64.General, rows, divide bool) {
	for i := range g.Data {
		at := i % g.Cols
		if rows {
			at = i / g.Cols
		}
		if divide {
			g.Data[i] /= by[at]
		} else {
			g.Data[i] *= by[at]
		}
	}
}

// tiny keeps a norm of zero from being divided by.
const tiny = 0x1p-126

// move is a step of the factor q, of the rows of a and b or of their columns.
func move(lr float64, q []float64, a, b blas64.General, columns bool) {
	n := a.Rows
	if columns {
		n = a.Cols
	}
	switch len(q) {
	case 0:
		return
	case n:
		scratch, done := matrix.Scratch(2 * n)
		defer done()
		first, second := squares(a, columns, scratch[:n]), squares(b, columns, scratch[n:])
		largest := 0.0
		for i := range q {
			largest = max(largest, math.Abs(first[i]+second[i]))
		}
		for i := range q {
			q[i] -= lr * (first[i] - second[i]) * q[i] / (largest + tiny)
		}
		return
	}
	scratch, done := matrix.Scratch(3 * n * n)
	defer done()
	first, second, product := scratch[:n*n], scratch[n*n:2*n*n], scratch[2*n*n:]
	matrix.Average(first, n, 0, columns, a, 1)
	matrix.Average(second, n, 0, columns, b, 1)
	for i, f := range first {
		first[i], second[i] = f-second[i], f+second[i]
		if i%n < i/n {
			first[i] = 0
		}
	}
	size := lr / (lowerBound(second, n) + tiny)
	matrix.Multiply(false, matrix.Of(n, n, first), false, matrix.Of(n, n, q), matrix.Of(n, n, product))
	for i, p := range product {
		q[i] -= size * p
	}
}

// squares are the sums of the squares of each row, or each column.
func squares(a blas64.General, columns bool, sums []float64) []float64 {
	clear(sums)
	for i, x := range a.Data {
		if columns {
			sums[i%a.Cols] += x * x
		} else {
			sums[i/a.Cols] += x * x
		}
	}
	return sums
}

// lowerBound is one of the spectral norm of m, symmetric with n rows: of a power iteration from its longest column.
func lowerBound(m []float64, n int) float64 {
	largest := 0.0
	for _, x := range m {
		largest = max(largest, math.Abs(x))
	}
	if largest == 0 || largest != largest {
		return largest
	}
	longest, at := -1.0, 0
	for i := range n {
		if length := matrix.Norm(m[i*n : (i+1)*n]); length > longest {
			longest, at = length, i
		}
	}
	scratch, done := matrix.Scratch(2 * n)
	defer done()
	x, y := scratch[:n], scratch[n:]
	matrix.Apply(m, n, m[at*n:(at+1)*n], x)
	matrix.Apply(m, n, x, y)
	return matrix.Norm(y) / matrix.Norm(x)
}

// balance makes the largest elements of two factors their geometric mean.
func balance(left, right []float64) {
	norm := func(q []float64) (largest float64) {
		for _, x := range q {
			largest = max(largest, math.Abs(x))
		}
		return largest
	}
	l, r := norm(left), norm(right)
	mean := math.Sqrt(l * r)
	for i := range left {
		left[i] *= mean / l
	}
	for i := range right {
		right[i] *= mean / r
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("psgd-kron", step,
	sdk.Family("matrix"),
	sdk.Summary("preconditioned by triangular factors of rows and columns that are fitted to the gradients"),
	sdk.Reference("Li 2018 (arXiv:1512.04202) and 2022 (arXiv:2211.04422)"),
	sdk.KernelIf(matrix.Kernel != "", matrix.Kernel, step), // of products
	sdk.NeedsWeights())
