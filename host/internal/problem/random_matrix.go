package problem

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

// RandomMatrix is the mean over some samples of
//
//	f(x; H) = ½ xᵀ H x
//
// with random symmetric matrices H of the Gaussian orthogonal ensemble: elements beside the diagonal ~ N(0, 1), those on it ~ N(0, 2),
// the same for the same seed. Step k meets sample k modulo their number. The probability that all eigenvalues of H are positive, so
// that 0 is a minimum and no saddle, is
//
//	n = 1: 1/2    n = 2: (2 − √2) / 4    n = 3: (π − 2√2) / 4π    n → ∞: exp(−n² (ln 3) / 4)
//
// (Dean, Majumdar: Large deviations of extreme eigenvalues of random matrices, Physical Review Letters 97 (2006); Extreme value statistics of
// eigenvalues of Gaussian random matrices, Physical Review E 77 (2008)).
func RandomMatrix(start []float64, samples int, matrixSeed uint64) Problem {
	p := &randomMatrix{function: function{start: start}, samples: samples, branch: seed.New(matrixSeed).Branch("random-matrix")}
	p.mean = sync.OnceValue(p.average)
	return p
}

type randomMatrix struct {
	function
	samples int
	branch  seed.Tree
	mean    func() *mat.SymDense
}

func (p *randomMatrix) Objective(seed.Tree) Objective {
	n := len(p.start)
	o := &randomMatrixRun{problem: p, pick: func(k int) int { return k % p.samples }, draws: newDraws(p.branch), h: mat.NewSymDense(n, nil), product: make([]float64, n)}
	o.functionRun = functionRun{function: &function{&Function{
		Eval:    func(x, g []float64) float64 { return o.eval(p.mean(), x, g) },
		Hessian: func(_ []float64, dst *mat.SymDense) { dst.CopySym(p.mean()) },
	}, p.start}}
	return o
}

type randomMatrixRun struct {
	functionRun
	problem *randomMatrix
	draws   draws
	h       *mat.SymDense   // of a sample
	product []float64       // with x
	pick    func(k int) int // the sample of a batch
	until   context.Context
}

var (
	_ Problem  = (*randomMatrix)(nil)
	_ Curved   = (*randomMatrixRun)(nil)
	_ Exact    = (*randomMatrixRun)(nil)
	_ Ensemble = (*randomMatrixRun)(nil)

	_ Interruptible = (*randomMatrixRun)(nil)
)

// Until implements [Interruptible].
func (o *randomMatrixRun) Until(ctx context.Context) { o.until = ctx }

// of is the matrix of step k.
func (o *randomMatrixRun) of(k int) *mat.SymDense {
	if k == All {
		return o.problem.mean()
	}
	o.draws.matrix(o.pick(k), o.h)
	return o.h
}

func (o *randomMatrixRun) eval(h *mat.SymDense, x, g []float64) float64 {
	blas64.Symv(1, h.RawSymmetric(), vector(x), 0, vector(o.product))
	copy(g, o.product)
	return floats.Dot(x, o.product) / 2
}

func (o *randomMatrixRun) Gradient(k int, x, g []float64) float64 { return o.eval(o.of(k), x, g) }

func (o *randomMatrixRun) HessianVector(k int, _, v, hv []float64) {
	blas64.Symv(1, o.of(k).RawSymmetric(), vector(v), 0, vector(hv))
}

func (o *randomMatrixRun) Hessians(_ []float64, visit func(h *mat.SymDense)) {
	for k := range o.problem.samples {
		if o.until != nil && o.until.Err() != nil {
			return
		}
		visit(o.of(k))
	}
}

// average is the mean of the matrices.
func (p *randomMatrix) average() *mat.SymDense {
	n := len(p.start)
	d, h, sum := newDraws(p.branch), mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)
	for i := range p.samples {
		d.matrix(i, h)
		sum.AddSym(sum, h)
	}
	sum.ScaleSym(1/float64(p.samples), sum)
	return sum
}

// draws draws the matrices, each from a twig of the branch.
type draws struct {
	branch seed.Tree
	source *rand.ChaCha8
	random *rand.Rand
}

func newDraws(branch seed.Tree) draws {
	source := rand.NewChaCha8(branch.Node())
	return draws{branch, source, rand.New(source)}
}

func (d *draws) matrix(i int, h *mat.SymDense) {
	d.source.Seed(d.branch.Index(i).Node())
	n := h.SymmetricDim()
	for row := range n {
		h.SetSym(row, row, math.Sqrt2*d.random.NormFloat64())
		for column := row + 1; column < n; column++ {
			h.SetSym(row, column, d.random.NormFloat64())
		}
	}
}
