package problem

import (
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// StochasticFunction is a function that is averaged over rows of data. Each has a file of its own.
type StochasticFunction struct {
	Name string // as an experiment calls it
	Rows int    // that train
	// Lowest is a bound below which the loss of a part of the data never is; ok is false if none is known.
	Lowest func(part Part) (bound float64, ok bool)

	tensors int // that hold the published data: x, or x and y
	make    func(how dataset.Batching) Problem
}

// StochasticFunctions lists the stochastic functions, in the order of the manual.
var StochasticFunctions = []*StochasticFunction{
	quadraticDeep, tilted(rosenbrock, -0.5, 1.5), tilted(beale, -4.5, 4.5), tilted(branin, 2.5, 12.5),
}

// Batching is how the published runs met the rows: whole batches, in one order for each seed that every epoch repeats.
func (f *StochasticFunction) Batching() dataset.Batching {
	return dataset.Batching{Sizes: []int{128}, DropLast: true, TensorFlow: PublishedShuffle(f.tensors)}
}

// Problem makes the problem whose rows are met as the batching says.
func (f *StochasticFunction) Problem(how dataset.Batching) Problem { return f.make(how) }

// stochastic is a function of the weights θ averaged over rows of data, where row x enters the gradient linearly. The
// mean over a batch then depends on the batch's mean row x̄ and mean constant c̄ alone:
//
//	f(θ; x̄, c̄) = mean over the batch of f(θ; x)
//
// Test rows count as validation.
type stochastic struct {
	start    []float64
	batching dataset.Batching
	training sample
	test     sample
	open     func() averaged
}

// averaged is f for one run, with buffers of its own: the value and, if gradient is not nil, the gradient.
type averaged struct {
	eval    func(theta, mean []float64, constant float64, gradient []float64) float64
	hessian func(theta []float64, dst *mat.SymDense)
}

// sample is data with its means.
type sample struct {
	rows      [][]float64
	constants []float64 // of each row; nil if they are 0
	mean      []float64
	constant  float64
}

var (
	_ Problem  = (*stochastic)(nil)
	_ Calendar = (*stochastic)(nil)
	_ Batched  = (*stochastic)(nil)
)

// newSample computes the means over the rows.
func newSample(rows [][]float64, constants []float64) sample {
	s := sample{rows: rows, constants: constants, mean: make([]float64, len(rows[0]))}
	for i, row := range rows {
		floats.Add(s.mean, row)
		if constants != nil {
			s.constant += constants[i] / float64(len(rows))
		}
	}
	floats.Scale(1/float64(len(rows)), s.mean)
	return s
}

func (s *stochastic) Layout() []*v1.Tensor {
	n := int64(len(s.start))
	return []*v1.Tensor{{Name: "x", Shape: []int64{n}, Role: v1.Role_ROLE_POINT, Length: n}}
}

// StepsPerEpoch is the number of batches in the first epoch.
func (s *stochastic) StepsPerEpoch() int { return s.Steps(1) }

// Steps implements [Calendar].
func (s *stochastic) Steps(epochs int) int { return s.batching.Steps(len(s.training.rows), epochs) }

// Epoch implements [Calendar].
func (s *stochastic) Epoch(step int) (epoch, index int) {
	return s.batching.Epoch(len(s.training.rows), step)
}

// ExampleGradients implements [Calendar].
func (s *stochastic) ExampleGradients(steps int) int {
	return s.batching.Examples(len(s.training.rows), steps)
}

// Within implements [Calendar].
func (s *stochastic) Within(examples int) int {
	return s.batching.Within(len(s.training.rows), examples)
}

// Examples implements [Batched]: the test rows are not among them.
func (s *stochastic) Examples() int { return len(s.training.rows) }

// Rows implements [Batched]: all train.
func (s *stochastic) Rows(seed.Tree) (train, validation, test []int) {
	rows := make([]int, len(s.training.rows))
	for i := range rows {
		rows[i] = i
	}
	return rows, nil, nil
}

// Batches implements [Batched]. The order of the rows is drawn from the branch batch.
func (s *stochastic) Batches(tree seed.Tree) *dataset.Batches {
	rows, _, _ := s.Rows(tree)
	return dataset.NewBatches(rows, s.batching, tree.Branch("batch"))
}

// Objective opens the problem with the batches that follow from the tree.
func (s *stochastic) Objective(tree seed.Tree) Objective {
	return &stochasticRun{stochastic: s, averaged: s.open(), mean: make([]float64, len(s.start)), batches: s.Batches(tree)}
}

type stochasticRun struct {
	*stochastic
	averaged
	batches *dataset.Batches
	mean    []float64 // of the batch
	product product
	example []float64 // the gradient of one
}

var (
	_ Curved  = (*stochasticRun)(nil)
	_ Exact   = (*stochasticRun)(nil)
	_ Sampled = (*stochasticRun)(nil)
)

func (o *stochasticRun) Initialize(weights []float64) { copy(weights, o.start) }

func (o *stochasticRun) Hessian(weights []float64, dst *mat.SymDense) { o.hessian(weights, dst) }

// HessianVector is the same for all batches, as their rows enter the gradient linearly.
func (o *stochasticRun) HessianVector(_ int, weights, v, hv []float64) {
	o.product.with(o.hessian, weights, v, hv)
}

func (o *stochasticRun) Gradient(k int, weights, gradient []float64) float64 {
	if k == All {
		return o.eval(weights, o.training.mean, o.training.constant, gradient)
	}
	constant := 0.0
	clear(o.mean)
	rows := o.batches.Batch(k)
	for _, row := range rows {
		floats.Add(o.mean, o.training.rows[row])
		if o.training.constants != nil {
			constant += o.training.constants[row]
		}
	}
	size := float64(len(rows))
	floats.Scale(1/size, o.mean)
	return o.eval(weights, o.mean, constant/size, gradient)
}

func (o *stochasticRun) ExampleGradients(k int, weights []float64, visit func(loss float64, gradient []float64)) {
	o.example = slices.Grow(o.example[:0], len(weights))[:len(weights)]
	for _, row := range o.batches.Batch(k) {
		constant := 0.0
		if o.training.constants != nil {
			constant = o.training.constants[row]
		}
		visit(o.eval(weights, o.training.rows[row], constant, o.example), o.example)
	}
}

func (o *stochasticRun) Evaluate(part Part, weights []float64) Evaluation {
	data := &o.training
	switch part {
	case Validation:
		data = &o.test
	case Test:
		return Evaluation{}
	}
	return Evaluation{Loss: record.Measured(o.eval(weights, data.mean, data.constant, nil))}
}
