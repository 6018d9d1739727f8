// Package problem has what optimizers minimise: analytic functions, a file each, and models fitted to data.
package problem

import (
	"github.com/steepest/steepest/host/internal/dataset"
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
	// Gradient returns the loss of batch k (from 0) at the weights and writes its gradient. It depends on nothing else.
	Gradient(k int, weights, gradient []float64) (loss float64)
	// Evaluate measures the weights on all examples of a part of the data.
	Evaluate(part Part, weights []float64) Evaluation
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
