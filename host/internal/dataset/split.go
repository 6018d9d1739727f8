package dataset

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/seed"
)

// Split is one division of a data set into training and validation examples, with the scaling that was fitted on the
// training examples alone.
type Split struct {
	Data              *Dataset
	Train, Validation []int     // row numbers
	Mean, Scale       []float64 // of each feature; a value enters as (x - Mean) / Scale
}

// TrainSize is how many of n examples are left for training when the given fraction validates.
func TrainSize(n int, validation float64) int { return n - int(math.Round(validation*float64(n))) }

// NewSplit draws the validation examples from the branch. Standardized features have mean 0 and standard deviation 1
// over the training examples; a feature that is constant there becomes 0.
func NewSplit(d *Dataset, validation float64, standardize bool, branch seed.Tree) *Split {
	n, features := d.X.Dims()
	order := branch.Rand().Perm(n)
	train := TrainSize(n, validation)
	s := &Split{Data: d, Train: order[:train], Validation: order[train:],
		Mean: make([]float64, features), Scale: make([]float64, features)}
	column := make([]float64, train)
	for j := range features {
		s.Scale[j] = 1
		if !standardize {
			continue
		}
		for i, row := range s.Train {
			column[i] = d.X.At(row, j)
		}
		mean, variance := stat.PopMeanVariance(column, nil)
		s.Mean[j] = mean
		if variance > 0 {
			s.Scale[j] = math.Sqrt(variance)
		}
	}
	return s
}

// Gather copies the scaled examples of the given rows into x (len(rows) x features) and their classes into y.
func (s *Split) Gather(rows []int, x *mat.Dense, y []float64) {
	for i, row := range rows {
		out := x.RawRowView(i)
		for j, value := range s.Data.X.RawRowView(row) {
			out[j] = (value - s.Mean[j]) / s.Scale[j]
		}
		y[i] = s.Data.Y[row]
	}
}

// Batches is the order in which training examples are met. Each epoch meets every example once, in an order of its own;
// its last batch may be smaller.
type Batches struct {
	examples []int
	size     int
	branch   seed.Tree
	epoch    int
	order    []int
}

// NewBatches orders the examples into batches of the given size; size 0, or one not below their number, is the full
// batch in the given order.
func NewBatches(examples []int, size int, branch seed.Tree) *Batches {
	return &Batches{examples: examples, size: size, branch: branch, epoch: -1}
}

// StepsPerEpoch is the number of batches of the given size in n examples; size 0 is the full batch.
func StepsPerEpoch(n, size int) int {
	if size <= 0 || size >= n {
		return 1
	}
	return (n + size - 1) / size
}

// Batch returns the rows of batch k, from 0. It depends on the branch and k alone; the slice is valid until the next call.
func (b *Batches) Batch(k int) []int {
	if b.size <= 0 || b.size >= len(b.examples) {
		return b.examples
	}
	per := StepsPerEpoch(len(b.examples), b.size)
	if epoch := k / per; epoch != b.epoch {
		b.epoch = epoch
		b.order = append(b.order[:0], b.examples...)
		b.branch.Index(epoch).Rand().Shuffle(len(b.order), func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] })
	}
	start := k % per * b.size
	return b.order[start:min(start+b.size, len(b.order))]
}
