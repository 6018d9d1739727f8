// Package problem has what optimizers minimise: analytic functions, a file each, and models fitted to data.
package problem

import (
	"context"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Problem is an objective function with its data, shared by all runs of an experiment. It is immutable.
type Problem interface {
	// Layout names the tensors of the weight vector, without gaps.
	Layout() []*v1.Tensor
	// StepsPerEpoch is the number of batches in a pass over the training data; 0 for functions without data.
	StepsPerEpoch() int
	// Objective opens the problem for one run. Everything random in it follows from the tree.
	Objective(tree seed.Tree) Objective
}

// Objective is a problem as one run meets it. It is for one goroutine.
type Objective interface {
	// Initialize writes the starting point.
	Initialize(weights []float64)
	// Gradient returns the loss of batch k (from 0) at the weights and writes its gradient. It depends on nothing else. k may be [All]. The
	// gradient may be nil: then the loss alone is computed, the same to the last bit.
	Gradient(k int, weights, gradient []float64) (loss float64)
	// Evaluate measures the weights on all examples of a part of the data.
	Evaluate(part Part, weights []float64) Evaluation
}

// All, in the place of a batch, are all training examples, without noise, and with layers as they evaluate: nothing is dropped, and the means
// and variances of batch normalisation count as constants.
const All = model.Evaluation

// Curved is an objective that knows its curvature. All those of this package are, behind [As].
type Curved interface {
	Objective
	// HessianVector writes the product of the Hessian with v into hv: the derivative of the gradient of batch k along v. The noise of a
	// gradient does not depend on the weights and has no part in it. k may be [All].
	HessianVector(k int, weights, v, hv []float64)
}

// Exact is an objective that has its whole Hessian at less than what as many products as it has columns would take.
type Exact interface {
	// Hessian writes the Hessian of the training loss, over all data, into dst (n x n).
	Hessian(weights []float64, dst *mat.SymDense)
}

// Boxed is a problem that has a domain, of which it is usual to search the whole.
type Boxed interface {
	// Box are the ends of the domain in each variable.
	Box() (low, high []float64)
}

// AsBoxed finds the domain of a problem, or of one below its noise.
func AsBoxed(p Problem) (Boxed, bool) {
	if n, is := p.(*noisyProblem); is {
		p = n.Problem
	}
	b, is := p.(Boxed)
	if is {
		low, _ := b.Box()
		is = low != nil
	}
	return b, is
}

// Ensemble is an objective that is the mean of several functions.
type Ensemble interface {
	// Hessians visits the Hessian of each of them. It is valid during a visit alone.
	Hessians(weights []float64, visit func(h *mat.SymDense))
}

// Sampled is an objective whose batches are means over examples.
type Sampled interface {
	// ExampleGradients visits the loss of each example of batch k and its gradient, whose means are those of the batch. The gradient is valid
	// during a visit alone. The time is that of as many gradients of one example.
	ExampleGradients(k int, weights []float64, visit func(loss float64, gradient []float64))
}

// Layered is an objective with a network.
type Layered interface {
	// Activations visits the layers that have an activation for the examples of batch k; see [model.Pass.Activations].
	Activations(k int, weights []float64, visit func(layer int, f model.Activation, outputs, slopes []float64, units int))
}

// Classified is an objective whose examples have classes.
type Classified interface {
	// ClassLosses visits the class and the loss of each training example, without the penalty on weights and with layers as they evaluate.
	ClassLosses(weights []float64, visit func(class int, loss float64))
}

// Interruptible is an objective that can take long over all its data.
type Interruptible interface {
	// Until has that end soon after the context does, also if it is in the middle of it. What is asked of all data is then NaN, and of
	// examples and of functions some are not visited.
	Until(context.Context)
}

// GaussNewton is an objective that is the loss of a model's outputs.
type GaussNewton interface {
	// GaussNewtonVector writes the product of the generalised Gauss-Newton matrix of batch k with v into hv.
	GaussNewtonVector(k int, weights, v, hv []float64)
}

// As finds what an objective, or one below its noise, can do beyond the interface.
func As[T any](o Objective) (able T, ok bool) {
	if n, is := o.(*noisy); is {
		o = n.Objective
	}
	able, ok = o.(T)
	return able, ok
}

// Hessian writes the whole Hessian over all data into dst (n x n): the exact one, or its columns by products, made symmetric.
func Hessian(o Curved, weights []float64, dst *mat.SymDense) {
	if exact, is := o.(Exact); is {
		exact.Hessian(weights, dst)
		return
	}
	Columns(func(v, hv []float64) { o.HessianVector(All, weights, v, hv) }, dst)
}

// Columns writes a symmetric matrix into dst by the products that are its columns, made symmetric.
func Columns(product func(v, into []float64), dst *mat.SymDense) {
	n := dst.SymmetricDim()
	v, columns := make([]float64, n), make([]float64, n*n)
	for i := range n {
		v[i] = 1
		product(v, columns[i*n:(i+1)*n])
		v[i] = 0
	}
	for i := range n {
		for j := i; j < n; j++ {
			dst.SetSym(i, j, (columns[i*n+j]+columns[j*n+i])/2)
		}
	}
}

// Part is a part of the data.
type Part int

// The parts. A function without data has only Training, which is the function itself.
const (
	Training Part = iota
	Validation
	Test // evaluated once, at the end of a run
)

// Evaluation is how good the weights are. What the problem does not have is not measured.
type Evaluation struct {
	Loss     record.Value
	Accuracy record.Value // share of examples classified correctly
}

// Batched is implemented by problems that are fitted to rows of data.
type Batched interface {
	// Examples is the number of rows, test part included.
	Examples() int
	// Rows are the rows that train, validate and test in the run of a tree; rows that do neither are in no part.
	Rows(tree seed.Tree) (train, validation, test []int)
	// Batches are the training rows as the steps of that run meet them.
	Batches(tree seed.Tree) *dataset.Batches
}

// Size is the number of parameters of a layout.
func Size(layout []*v1.Tensor) int {
	n := 0
	for _, t := range layout {
		n += int(t.Length)
	}
	return n
}
