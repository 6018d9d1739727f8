package problem

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Supervised fits a network to a data set by the mean loss over examples and a penalty on the weights.
type Supervised struct {
	Data        *dataset.Dataset
	Network     *model.Network
	Loss        model.Loss
	Reconstruct bool // the target is the input: an autoencoder
	Splitting   dataset.Splitting
	Batching    dataset.Batching
	Start       []float64 // where every run begins; nil if that is drawn
}

var (
	_ Problem  = (*Supervised)(nil)
	_ Calendar = (*Supervised)(nil)
	_ Batched  = (*Supervised)(nil)
)

// Layout is the network's.
func (s *Supervised) Layout() []*v1.Tensor { return s.Network.Layout() }

// StepsPerEpoch is the number of batches in the first epoch.
func (s *Supervised) StepsPerEpoch() int { return s.Steps(1) }

// Steps implements [Calendar].
func (s *Supervised) Steps(epochs int) int { return s.Batching.Steps(s.trainSize(), epochs) }

// Epoch implements [Calendar].
func (s *Supervised) Epoch(step int) (epoch, index int) { return s.Batching.Epoch(s.trainSize(), step) }

func (s *Supervised) trainSize() int {
	n, _, _, _ := s.Splitting.Sizes(s.Data) // checked when the problem was made
	return n
}

// ExampleGradients implements [Calendar].
func (s *Supervised) ExampleGradients(steps int) int {
	return s.Batching.Examples(s.trainSize(), steps)
}

// Within implements [Calendar].
func (s *Supervised) Within(examples int) int { return s.Batching.Within(s.trainSize(), examples) }

// Examples implements [Batched].
func (s *Supervised) Examples() int { return s.Data.Examples() }

// Rows implements [Batched]. The split is drawn from the branch data.
func (s *Supervised) Rows(tree seed.Tree) (train, validation, test []int) {
	return s.Splitting.Rows(s.Data, tree.Branch("data"))
}

// Batches implements [Batched]. The order is drawn from the branch batch.
func (s *Supervised) Batches(tree seed.Tree) *dataset.Batches {
	train, _, _ := s.Rows(tree)
	return dataset.NewBatches(train, s.Batching, tree.Branch("batch"))
}

// Objective draws the split from the branch data, the batch order from batch, the weights from init and what layers draw
// at each step from dropout.
func (s *Supervised) Objective(tree seed.Tree) Objective {
	return s.dealt(tree, s.Batching, tree.Branch("batch"))
}

// Dealt is [Supervised.Objective] with other batches, of one size, that are drawn from another branch; of 0 each has all examples.
func (s *Supervised) Dealt(tree seed.Tree, size int, replace bool, order seed.Tree) Objective {
	return s.dealt(tree, dataset.Batching{Sizes: []int{size}, Replace: replace, Reshuffle: true}, order)
}

func (s *Supervised) dealt(tree seed.Tree, how dataset.Batching, order seed.Tree) *supervised {
	split := dataset.NewSplit(s.Data, s.Splitting, tree.Branch("data"))
	batches := dataset.NewBatches(split.Train, how, order)
	return &supervised{
		Supervised: s, split: split, batches: batches, init: tree.Branch("init"),
		training: s.Network.NewPass(tree.Branch("dropout")), evaluation: s.Network.NewPass(tree.Branch("dropout")),
		parts: map[Part]*examples{},
	}
}

// Unseen is what the training examples of the first of some seeds did not show, for which that is anything; see
// [dataset.Split.Unseen]. Of large data sets with a scaling, only the first seeds are looked at.
func (s *Supervised) Unseen(seeds []uint64) (uint64, dataset.Unseen) {
	if scaling := s.Data.ScalingOf(s.Splitting.Scaling); scaling == dataset.Unscaled || scaling == dataset.Pixels {
		return 0, dataset.Unseen{}
	}
	left := 100_000_000 // values to look at
	for _, n := range seeds {
		b := dataset.NewSplit(s.Data, s.Splitting, seed.New(n).Branch("data")).Unseen()
		if b.Values > 0 || len(b.Constant) > 0 {
			return n, b
		}
		if left -= s.Data.Examples() * s.Data.Features(); left < 0 {
			break
		}
	}
	return 0, dataset.Unseen{}
}

type supervised struct {
	*Supervised
	split                *dataset.Split
	batches              *dataset.Batches
	init                 seed.Tree
	training, evaluation *model.Pass
	batch                examples
	chunk                examples           // of a part that is too large to keep
	parts                map[Part]*examples // those that are not, gathered when first evaluated
	calibration          *examples
	own, along           []float64 // of a chunk: the gradient, and its derivative
	one                  examples  // a single one
	row                  [1]int
	until                context.Context // see [Interruptible]; nil without end
}

var (
	_ Curved      = (*supervised)(nil)
	_ GaussNewton = (*supervised)(nil)
	_ Sampled     = (*supervised)(nil)
	_ Layered     = (*supervised)(nil)
	_ Classified  = (*supervised)(nil)

	_ Interruptible = (*supervised)(nil)
)

// Until implements [Interruptible].
func (s *supervised) Until(ctx context.Context) { s.until = ctx }

func (s *supervised) interrupted() bool { return s.until != nil && s.until.Err() != nil }

func (s *supervised) Initialize(weights []float64) {
	if s.Start != nil {
		copy(weights, s.Start)
		return
	}
	s.Network.Initialize(s.init, weights)
}

func (s *supervised) Gradient(k int, weights, gradient []float64) (loss float64) {
	if k != All {
		e := s.examples(k)
		return s.training.Gradient(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), gradient)
	}
	clear(gradient)
	var own []float64
	if gradient != nil {
		s.own = slices.Grow(s.own[:0], len(gradient))[:len(gradient)]
		own = s.own
	}
	if whole := s.chunks(Training, weights, func(e *examples, share float64) {
		loss += share * s.evaluation.Gradient(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), own)
		floats.AddScaled(gradient, share, own)
	}); !whole {
		loss = math.NaN()
		copy(gradient, []float64{loss})
	}
	return loss
}

func (s *supervised) HessianVector(k int, weights, v, hv []float64) {
	s.own = slices.Grow(s.own[:0], len(v))[:len(v)]
	if k != All {
		e := s.examples(k)
		s.training.HessianVector(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), v, s.own, hv)
		return
	}
	clear(hv)
	s.along = slices.Grow(s.along[:0], len(v))[:len(v)]
	if whole := s.chunks(Training, weights, func(e *examples, share float64) {
		s.evaluation.HessianVector(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), v, s.own, s.along)
		floats.AddScaled(hv, share, s.along)
	}); !whole {
		hv[0] = math.NaN()
	}
}

func (s *supervised) GaussNewtonVector(k int, weights, v, hv []float64) {
	if k != All {
		e := s.examples(k)
		s.training.GaussNewtonVector(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), v, hv)
		return
	}
	clear(hv)
	s.along = slices.Grow(s.along[:0], len(v))[:len(v)]
	if whole := s.chunks(Training, weights, func(e *examples, share float64) {
		s.evaluation.GaussNewtonVector(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), v, s.along)
		floats.AddScaled(hv, share, s.along)
	}); !whole {
		hv[0] = math.NaN()
	}
}

func (s *supervised) ExampleGradients(k int, weights []float64, visit func(loss float64, gradient []float64)) {
	s.own = slices.Grow(s.own[:0], len(weights))[:len(weights)]
	for _, row := range s.batches.Batch(k) {
		if s.interrupted() {
			return
		}
		s.row[0] = row
		s.one.gather(s.split, s.row[:], s.Network.In.Size())
		visit(s.training.Gradient(s.Loss, k, weights, &s.one.view, s.one.target(s.Reconstruct), s.own), s.own)
	}
}

func (s *supervised) Activations(k int, weights []float64, visit func(layer int, f model.Activation, outputs, slopes []float64, units int)) {
	s.own = slices.Grow(s.own[:0], len(weights))[:len(weights)]
	e := s.examples(k)
	s.training.Gradient(s.Loss, k, weights, &e.view, e.target(s.Reconstruct), s.own)
	s.training.Activations(visit)
}

func (s *supervised) ClassLosses(weights []float64, visit func(class int, loss float64)) {
	outputs := s.Network.Out.Size()
	s.chunks(Training, weights, func(e *examples, _ float64) {
		z := s.evaluation.Forward(weights, &e.view)
		for i := range e.n {
			y := e.y[i : i+1]
			visit(int(y[0]), s.evaluation.Loss(s.Loss, z[i*outputs:(i+1)*outputs], y))
		}
	})
}

// examples are those of a batch.
func (s *supervised) examples(k int) *examples {
	s.batch.gather(s.split, s.batches.Batch(k), s.Network.In.Size())
	return &s.batch
}

// chunkValues is how many values the layers may hold while a part of the data is evaluated, all in all: 32 MiB.
const chunkValues = 4 << 20

// calibrationSize is how many training examples tell batch normalisation the means and variances for evaluation.
const calibrationSize = 1000

func (s *supervised) rows(part Part) []int {
	return [...][]int{Training: s.split.Train, Validation: s.split.Validation, Test: s.split.Test}[part]
}

// Evaluate measures the whole part. The penalty on the weights counts in training alone.
func (s *supervised) Evaluate(part Part, weights []float64) Evaluation {
	n := len(s.rows(part))
	if n == 0 {
		return Evaluation{}
	}
	loss, right, classifies := 0.0, 0.0, s.Loss.Accuracy != nil && !s.Reconstruct
	if whole := s.chunks(part, weights, func(e *examples, share float64) {
		z, y := s.evaluation.Forward(weights, &e.view), e.target(s.Reconstruct)
		loss += share * s.evaluation.Loss(s.Loss, z, y)
		if classifies {
			right += math.Round(float64(e.n) * s.Loss.Accuracy(z, y, s.Network.Out.Size()))
		}
	}); !whole {
		loss, right = math.NaN(), math.NaN()
	}
	if part == Training {
		loss += s.Network.Penalty(weights, nil)
	}
	e := Evaluation{Loss: record.Measured(loss)}
	if classifies {
		e.Accuracy = record.Measured(right / float64(n))
	}
	return e
}

// chunks visits a part of the data by chunks, each with its share of the examples, when batch normalisation has seen what it evaluates by. It
// tells whether it visited the whole part.
func (s *supervised) chunks(part Part, weights []float64, visit func(e *examples, share float64)) (whole bool) {
	rows, size := s.rows(part), max(chunkValues/s.Network.Width(), 1)
	if s.Network.Calibrates() {
		s.calibrate(weights, min(calibrationSize, max(8*size, 1), len(s.split.Train)))
	}
	for lo := 0; lo < len(rows); lo += size {
		if s.interrupted() {
			return false
		}
		hi := min(lo+size, len(rows))
		e := &s.chunk
		if len(rows) <= size {
			if s.parts[part] == nil {
				s.parts[part] = &examples{}
				s.parts[part].gather(s.split, rows, s.Network.In.Size())
			}
			e = s.parts[part]
		} else {
			e.gather(s.split, rows[lo:hi], s.Network.In.Size())
		}
		visit(e, float64(hi-lo)/float64(len(rows)))
	}
	return true
}

// calibrate shows the first n training examples, which are in an order drawn at random, to batch normalisation.
func (s *supervised) calibrate(weights []float64, n int) {
	if s.calibration == nil {
		s.calibration = &examples{}
		s.calibration.gather(s.split, s.split.Train[:n], s.Network.In.Size())
	}
	s.evaluation.Calibrate(weights, &s.calibration.view)
}

// examples are gathered rows of the data. The buffers grow to the largest number seen.
type examples struct {
	x, y []float64
	view mat.Dense // of x: examples x features
	n    int
}

func (e *examples) gather(split *dataset.Split, rows []int, features int) {
	if e.n = len(rows); cap(e.y) < e.n {
		e.x, e.y = make([]float64, e.n*features), make([]float64, e.n)
	}
	e.view.SetRawMatrix(blas64.General{Rows: e.n, Cols: features, Stride: features, Data: e.x[:e.n*features]})
	split.Gather(rows, &e.view, e.y[:e.n])
}

// target is what the outputs are compared with.
func (e *examples) target(reconstruct bool) []float64 {
	if reconstruct {
		return e.view.RawMatrix().Data
	}
	return e.y[:e.n]
}
