package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
)

// The stochastic functions of DeepOBS (Schneider, Balles, Hennig: DeepOBS: A Deep Learning Optimizer Benchmark Suite, ICLR
// 2019). Functions and data are those published, number by number, whatever the seed of a run, and so are the sizes and, for
// each seed, the order of the rows.
const trainingSeed, testSeed = 42, 43

// StochasticBatching is how the published runs met the rows of a stochastic function: whole batches, in one order for each
// seed that every epoch repeats.
func StochasticBatching(name string) dataset.Batching {
	tensors := 2 // x and y
	if name == "quadratic-deep" {
		tensors = 1
	}
	return dataset.Batching{Sizes: []int{128}, DropLast: true, TensorFlow: PublishedShuffle(tensors)}
}

// PublishedShuffle is how the published runs shuffled data that are held in a number of tensors, each of which is an
// operation of TensorFlow's graph, as is the size of the buffer.
func PublishedShuffle(tensors int) *dataset.TensorFlowShuffle {
	return &dataset.TensorFlowShuffle{Buffer: 20_000, OpSeed: uint64(tensors) + 1}
}

// StochasticFunctions lists the names that Stochastic knows.
var StochasticFunctions = []string{"quadratic-deep", "deepobs-rosenbrock", "deepobs-beale", "deepobs-branin"}

// StochasticRows is the number of training rows of a stochastic function.
func StochasticRows(name string) int {
	if name == "quadratic-deep" {
		return quadraticRows
	}
	return tiltRows
}

// Stochastic returns one of StochasticFunctions, whose rows are met as the batching says.
func Stochastic(name string, how dataset.Batching) Problem {
	switch name {
	case "quadratic-deep":
		return quadraticDeep(how)
	case "deepobs-rosenbrock":
		return tilted(rosenbrock, []float64{-0.5, 1.5}, how)
	case "deepobs-beale":
		return tilted(beale, []float64{-4.5, 4.5}, how)
	case "deepobs-branin":
		return tilted(branin, []float64{2.5, 12.5}, how)
	}
	return nil
}

const tiltRows = 10_000

// tilted is a function of two variables with the plane of a data row added,
//
//	f(u, v; x, y) = f(u, v) + u x + v y
//
// where x and y ~ N(0, 1) are drawn for 10,000 training rows, first all x and then all y. The test row is x = y = 0.
// DeepOBS calls these problems two_d_rosenbrock, two_d_beale and two_d_branin.
func tilted(f *Function, start []float64, how dataset.Batching) Problem {
	random := newRandomState(trainingSeed)
	rows := make([][]float64, tiltRows)
	for j := range 2 {
		for i := range rows {
			if j == 0 {
				rows[i] = make([]float64, 2)
			}
			rows[i][j] = random.normal()
		}
	}
	eval := func(theta, mean []float64, _ float64, g []float64) float64 {
		loss := f.Eval(theta, g) + theta[0]*mean[0] + theta[1]*mean[1]
		for i := range g {
			g[i] += mean[i]
		}
		return loss
	}
	return &stochastic{start: start, batching: how,
		training: newSample(rows, nil),
		test:     newSample([][]float64{{0, 0}}, nil), open: func() averaged { return averaged{eval, f.Hessian} }}
}

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
func quadraticDeep(how dataset.Batching) Problem {
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
