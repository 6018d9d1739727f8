package problem

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

// RandomFunction is a sum of m waves of random direction, length and phase,
//
//	f(x) = √(2/m) Σ cos(wᵢᵀx + φᵢ),   w ~ N(0, I),  φ ~ U[0, 2π)
//
// the same for the same seed. With many waves it is a Gaussian field of mean 0 and covariance exp(−|x − y|² / 2): Rahimi and Recht,
// NIPS 2007, Random features for large-scale kernel machines. Where the field has the value f, its Hessian is −f I and a random symmetric
// matrix, as of [RandomMatrix]; the share of negative eigenvalues, the index, grows with f from 0 at f = −2√n to 1 at 2√n:
//
//	½ + (u √(1 − u²) + arcsin u) / π,   u = f / (2√n)
//
// for large n. Bray and Dean, Physical Review Letters 98 (2007), Statistics of critical points of Gaussian fields on large-dimensional spaces.
func RandomFunction(start []float64, waves int, functionSeed uint64) Problem {
	n := len(start)
	r := seed.New(functionSeed).Branch("random-function").Rand()
	p := &randomFunction{function: function{start: start}, phases: make([]float64, waves),
		waves: blas64.General{Rows: waves, Cols: n, Stride: n, Data: make([]float64, waves*n)}}
	for i := range p.waves.Data {
		p.waves.Data[i] = r.NormFloat64()
	}
	for i := range p.phases {
		p.phases[i] = 2 * math.Pi * r.Float64()
	}
	return p
}

type randomFunction struct {
	function
	waves  blas64.General // a row each
	phases []float64
}

// Box is many waves wide: the function is much the same everywhere.
func (p *randomFunction) Box() (low, high []float64) {
	n := len(p.start)
	return slices.Repeat([]float64{-5}, n), slices.Repeat([]float64{5}, n)
}

func (p *randomFunction) Objective(seed.Tree) Objective {
	m := len(p.phases)
	o := &randomFunctionRun{waves: p.waves, phases: p.phases, angles: make([]float64, m), along: make([]float64, m)}
	o.functionRun = functionRun{function: &function{&Function{Eval: o.eval, Hessian: o.hessian}, p.start}}
	return o
}

type randomFunctionRun struct {
	functionRun
	waves         blas64.General
	phases        []float64
	angles, along []float64 // of each wave
}

var (
	_ Problem = (*randomFunction)(nil)
	_ Curved  = (*randomFunctionRun)(nil)
	_ Exact   = (*randomFunctionRun)(nil)
)

func vector(x []float64) blas64.Vector { return blas64.Vector{N: len(x), Data: x, Inc: 1} }

// height is √(2/m).
func (o *randomFunctionRun) height() float64 { return math.Sqrt(2 / float64(len(o.phases))) }

// at computes the angles of the waves at x.
func (o *randomFunctionRun) at(x []float64) {
	copy(o.angles, o.phases)
	blas64.Gemv(blas.NoTrans, 1, o.waves, vector(x), 1, vector(o.angles))
}

func (o *randomFunctionRun) eval(x, g []float64) float64 {
	o.at(x)
	sum := 0.0
	for i, a := range o.angles {
		sin, cos := math.Sincos(a)
		sum += cos
		o.along[i] = sin
	}
	if g != nil {
		blas64.Gemv(blas.Trans, -o.height(), o.waves, vector(o.along), 0, vector(g))
	}
	return o.height() * sum
}

func (o *randomFunctionRun) hessian(x []float64, dst *mat.SymDense) {
	o.at(x)
	dst.Zero()
	for i, a := range o.angles {
		row := o.waves.Data[i*o.waves.Stride:][:o.waves.Cols]
		blas64.Syr(-o.height()*math.Cos(a), vector(row), dst.RawSymmetric())
	}
}

// HessianVector takes the time of two gradients, without the matrix.
func (o *randomFunctionRun) HessianVector(_ int, x, v, hv []float64) {
	o.at(x)
	blas64.Gemv(blas.NoTrans, 1, o.waves, vector(v), 0, vector(o.along))
	for i, a := range o.angles {
		o.along[i] *= math.Cos(a)
	}
	blas64.Gemv(blas.Trans, 1, o.waves, vector(o.along), 0, vector(hv))
	floats.Scale(-o.height(), hv)
}

// LowestWaves is a bound below which no sum of so many waves is.
func LowestWaves(waves int) float64 { return -math.Sqrt(2 * float64(waves)) }
