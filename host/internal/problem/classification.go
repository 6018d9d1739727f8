package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Classification fits a perceptron to a data set of two classes by mean binary cross-entropy.
type Classification struct {
	Data      *dataset.Dataset
	Model     *model.MLP
	Splitting dataset.Splitting
	Batching  dataset.Batching
}

var (
	_ Problem  = (*Classification)(nil)
	_ Calendar = (*Classification)(nil)
)

// Layout is the model's.
func (c *Classification) Layout() []*v1.Tensor { return c.Model.Layout() }

// StepsPerEpoch is the number of batches in the first epoch.
func (c *Classification) StepsPerEpoch() int { return c.Steps(1) }

// Steps implements [Calendar].
func (c *Classification) Steps(epochs int) int { return c.Batching.Steps(c.trainSize(), epochs) }

// Epoch implements [Calendar].
func (c *Classification) Epoch(step int) (epoch, index int) {
	return c.Batching.Epoch(c.trainSize(), step)
}

func (c *Classification) trainSize() int {
	n, _, _, _ := c.Splitting.Sizes(c.Data) // checked when the problem was made
	return n
}

// Objective draws the split from the branch data, the batch order from batch and the weights from init.
func (c *Classification) Objective(tree seed.Tree) Objective {
	split := dataset.NewSplit(c.Data, c.Splitting, tree.Branch("data"))
	batches := dataset.NewBatches(split.Train, c.Batching, tree.Branch("batch"))
	return &classification{
		model: c.Model, split: split, batches: batches, init: tree.Branch("init"),
		batch: newExamples(c.Model, c.Batching.Largest(len(split.Train)), c.Data.Features()),
		parts: map[Part]*examples{},
	}
}

type classification struct {
	model   *model.MLP
	split   *dataset.Split
	batches *dataset.Batches
	init    seed.Tree
	batch   *examples
	parts   map[Part]*examples // gathered when first evaluated
}

// examples are gathered rows with the buffers to pass them through the model.
type examples struct {
	x    *mat.Dense
	y    []float64
	pass *model.Pass
}

// newExamples makes room for n examples.
func newExamples(m *model.MLP, n, features int) *examples {
	return &examples{mat.NewDense(n, features, nil), make([]float64, n), m.NewPass(n)}
}

func (c *classification) Initialize(weights []float64) { c.model.Initialize(c.init, weights) }

func (c *classification) Gradient(k int, weights, gradient []float64) float64 {
	rows := c.batches.Batch(k)
	_, features := c.batch.x.Dims()
	x := c.batch.x.Slice(0, len(rows), 0, features).(*mat.Dense)
	y := c.batch.y[:len(rows)]
	c.split.Gather(rows, x, y)
	return c.batch.pass.Gradient(weights, x, y, gradient)
}

func (c *classification) Evaluate(part Part, weights []float64) Evaluation {
	rows := [...][]int{Training: c.split.Train, Validation: c.split.Validation, Test: c.split.Test}[part]
	if len(rows) == 0 {
		return Evaluation{math.NaN(), math.NaN()}
	}
	e := c.parts[part]
	if e == nil {
		_, features := c.batch.x.Dims()
		e = newExamples(c.model, len(rows), features)
		c.split.Gather(rows, e.x, e.y)
		c.parts[part] = e
	}
	logits := e.pass.Forward(weights, e.x)
	return Evaluation{Loss: model.BinaryCrossEntropy(logits, e.y, nil), Accuracy: model.Accuracy(logits, e.y)}
}
