package problem

import (
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Function is an analytic function with its exact derivatives and what is known of it. Each has a file of its own.
type Function struct {
	Name        string // as an experiment calls it
	Formula     string
	Domain      string       // where it is usually minimised
	Range       [][2]float64 // the same in numbers, of each variable, or one for all
	Source      string       // whom to cite
	StartSource string       // who chose the start
	Dimension   int          // number of variables, by default if Least is not 0
	Least       int          // the smallest dimension it exists for; 0 if it exists for the one alone

	Start    func(n int) []float64       // where a run of dimension n begins
	Critical func(n int) []CriticalPoint // those known, not always all

	Eval    func(x, gradient []float64) float64 // gradient may be nil
	Hessian func(x []float64, dst *mat.SymDense)
}

func (f *Function) String() string { return f.Name }

// CriticalPoint is a point where the gradient is zero.
type CriticalPoint struct {
	Nature Nature
	X      []float64
}

// Nature is what a critical point is.
type Nature string

// The natures of critical points.
const (
	Minimum      Nature = "minimum"       // the lowest; there may be several
	LocalMinimum Nature = "local minimum" // higher than the lowest
	Maximum      Nature = "maximum"       // local or not
	Saddle       Nature = "saddle"        // the Hessian has eigenvalues of both signs
	Valley       Nature = "minimum along a curve"
	Degenerate   Nature = "degenerate" // the Hessian is singular and does not tell
)

// Functions lists the analytic functions that are given by a formula alone, in the order of the manual.
var Functions = registry.List[*Function]{
	sphere, rosenbrock, beale, branin, himmelblau, booth, threeHumpCamel, styblinskiTang, rastrigin, saddle, monkeySaddle,
	plateau, cliff, ravine,
}

// Problem makes the problem of minimising f from start, which has as many elements as f shall have variables.
func (f *Function) Problem(start []float64) Problem { return &function{f, start} }

// function is an analytic function with a starting point.
type function struct {
	*Function
	start []float64
}

// functionRun gives a run a matrix of its own.
type functionRun struct {
	*function
	hessian product
}

var (
	_ Problem = (*function)(nil)
	_ Curved  = (*functionRun)(nil)
	_ Exact   = (*functionRun)(nil)
	_ Boxed   = (*function)(nil)
)

func (f *function) Layout() []*v1.Tensor {
	n := int64(len(f.start))
	return []*v1.Tensor{{Name: "x", Shape: []int64{n}, Role: v1.Role_ROLE_POINT, Length: n}}
}

// Box is where the function is usually minimised; nil if there is no such place.
func (f *function) Box() (low, high []float64) {
	if f.Function == nil {
		return nil, nil
	}
	for i := range f.start {
		r := f.Range[min(i, len(f.Range)-1)]
		low, high = append(low, r[0]), append(high, r[1])
	}
	return low, high
}

func (f *function) StepsPerEpoch() int            { return 0 }
func (f *function) Objective(seed.Tree) Objective { return &functionRun{function: f} }

func (f *functionRun) Initialize(weights []float64)                 { copy(weights, f.start) }
func (f *functionRun) Gradient(_ int, x, g []float64) float64       { return f.Eval(x, g) }
func (f *functionRun) Hessian(weights []float64, dst *mat.SymDense) { f.Function.Hessian(weights, dst) }
func (f *functionRun) HessianVector(_ int, x, v, hv []float64) {
	f.hessian.with(f.Function.Hessian, x, v, hv)
}

func (f *functionRun) Evaluate(part Part, x []float64) Evaluation {
	if part != Training {
		return Evaluation{}
	}
	return Evaluation{Loss: record.Measured(f.Eval(x, nil))}
}

// constant returns a starting point with the same value in each of n variables.
func constant(value float64) func(n int) []float64 {
	return func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = value
		}
		return x
	}
}

// fixed returns a starting point of a function that exists for one dimension alone.
func fixed(x ...float64) func(int) []float64 {
	return func(int) []float64 { return append([]float64(nil), x...) }
}

// points returns the critical points of a function that exists for one dimension alone.
func points(list ...CriticalPoint) func(int) []CriticalPoint {
	return func(int) []CriticalPoint { return list }
}

// setSym2 writes the matrix ((xx, xy), (xy, yy)).
func setSym2(dst *mat.SymDense, xx, xy, yy float64) {
	dst.SetSym(0, 0, xx)
	dst.SetSym(0, 1, xy)
	dst.SetSym(1, 1, yy)
}

// product multiplies exact Hessians by vectors. It keeps the matrix from one to the next.
type product struct{ h *mat.SymDense }

func (p *product) with(hessian func(x []float64, dst *mat.SymDense), x, v, hv []float64) {
	if p.h == nil {
		p.h = mat.NewSymDense(len(x), nil)
	}
	hessian(x, p.h)
	blas64.Symv(1, p.h.RawSymmetric(), blas64.Vector{N: len(v), Data: v, Inc: 1}, 0, blas64.Vector{N: len(hv), Data: hv, Inc: 1})
}
