package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
)

const (
	quadraticSize     = 100
	quadraticRows     = 1000
	quadraticTestRows = 896 // seven full batches of the 1,000 rows that are drawn
)

// quadraticDeep is a quadratic bowl around each data row,
//
//	f(θ; x) = ½ (θ − x)ᵀ Q (θ − x)
//
// with the eigenvalues of a network's Hessian: 90 between 0 and 1 and 10 between 30 and 60. From one generator come the
// eigenvalues and a rotation R, and Q = Rᵀ diag(eigenvalues) R; the rows are 0.6 N(0, 1) from generators of their own.
// DeepOBS calls it quadratic_deep; its published mean test loss at the start, θ = (1, ..., 1), is 353.446764.
//
// The mean over a batch is ½ (θ − x̄)ᵀ Q (θ − x̄) + c̄ − ½ x̄ᵀ Q x̄ with the mean row x̄ and c̄ the mean of ½ xᵀ Q x.
var quadraticDeep = &StochasticFunction{Name: "quadratic-deep", Rows: quadraticRows, tensors: 1, make: newQuadraticDeep,
	Lowest: func(Part) (float64, bool) { return 0, true }}

func newQuadraticDeep(how dataset.Batching) Problem {
	q := quadraticDeepMatrix()
	draw := func(seed uint32, rows int) sample {
		random := newRandomState(seed)
		x, c := make([][]float64, rows), make([]float64, rows)
		for i := range x {
			x[i] = make([]float64, quadraticSize)
			for j := range x[i] {
				x[i][j] = 0.6 * random.normal()
			}
			v := mat.NewVecDense(quadraticSize, x[i])
			c[i] = mat.Inner(v, q, v) / 2
		}
		return newSample(x, c)
	}
	open := func() averaged {
		d, qd := mat.NewVecDense(quadraticSize, nil), mat.NewVecDense(quadraticSize, nil)
		half := func() float64 { // ½ dᵀ Q d
			qd.MulVec(q, d)
			return mat.Dot(d, qd) / 2
		}
		eval := func(theta, mean []float64, c float64, g []float64) float64 {
			for i, m := range mean {
				d.SetVec(i, m)
			}
			spread := c - half()
			for i, m := range mean {
				d.SetVec(i, theta[i]-m)
			}
			loss := half() + spread
			copy(g, qd.RawVector().Data)
			return loss
		}
		return averaged{eval, func(_ []float64, dst *mat.SymDense) { dst.CopySym(q) }}
	}
	return &stochastic{start: constant(1)(quadraticSize), batching: how,
		training: draw(trainingSeed, quadraticRows), test: draw(testSeed, quadraticTestRows), open: open}
}

// quadraticDeepMatrix is Q.
func quadraticDeepMatrix() *mat.SymDense {
	random := newRandomState(trainingSeed)
	eigenvalues := make([]float64, quadraticSize)
	for i := range eigenvalues {
		if eigenvalues[i] = random.uniform(); i >= 90 {
			eigenvalues[i] = 30 + 30*eigenvalues[i]
		}
	}
	r := randomRotation(random, quadraticSize)
	var scaled, product mat.Dense
	scaled.Apply(func(i, _ int, v float64) float64 { return eigenvalues[i] * v }, r)
	product.Mul(r.T(), &scaled)
	q := mat.NewSymDense(quadraticSize, nil)
	for i := range quadraticSize {
		for j := i; j < quadraticSize; j++ {
			q.SetSym(i, j, product.At(i, j))
		}
	}
	return q
}

// randomRotation draws an n x n rotation by the subgroup algorithm of Diaconis and Shahshahani (Probability in the
// Engineering and Informational Sciences 1, 1987): from a rotation of the plane, each next dimension d adds the
// reflection of e₁ to a random direction v:
//
//	R ← D − 2 x (xᵀ D),   D = diag(1, R),   x = (e₁ − v) / ‖e₁ − v‖
func randomRotation(random *randomState, n int) *mat.Dense {
	sin, cos := math.Sincos(2 * math.Pi * random.uniform())
	r := mat.NewDense(2, 2, []float64{cos, sin, -sin, cos})
	for d := 3; d <= n; d++ {
		x := mat.NewVecDense(d, nil)
		for i := range d {
			x.SetVec(i, random.normal())
		}
		x.ScaleVec(-1/mat.Norm(x, 2), x)
		x.SetVec(0, 1+x.AtVec(0))
		x.ScaleVec(1/mat.Norm(x, 2), x)
		next := mat.NewDense(d, d, nil)
		next.Set(0, 0, 1)
		next.Slice(1, d, 1, d).(*mat.Dense).Copy(r)
		var xd mat.VecDense
		xd.MulVec(next.T(), x)
		next.RankOne(next, -2, x, &xd)
		r = next
	}
	r.Scale(-1, r)
	return r
}
