package dataset

import (
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/steepest/steepest/host/internal/seed"
)

// Batching says how training examples are dealt into batches. The zero value is the full batch.
type Batching struct {
	// Sizes are the examples in a batch; 0, or a number not below that of the training examples, is the full batch.
	// Sizes[i+1] takes over from Sizes[i] at the epoch Milestones[i], counted from 0.
	Sizes      []int `json:"sizes"`
	Milestones []int `json:"milestones,omitempty"`
	Replace    bool  `json:"replacement,omitempty"` // draw every example of a batch anew from all
	DropLast   bool  `json:"drop_last,omitempty"`   // leave out an epoch's last batch if it is smaller than the others
	Reshuffle  bool  `json:"reshuffle"`             // every epoch has an order of its own; without it, all have the first's
	// TensorFlow shuffles as its datasets do, in place of the seed tree; every epoch has the same order.
	TensorFlow *TensorFlowShuffle `json:"tensorflow,omitempty"`
	// Order lists the batches in place of drawing them. The other fields say how large they are and where epochs end.
	Order *Order `json:"order,omitempty"`
}

// size is the batch size of n examples in a stage.
func (b Batching) size(stage, n int) int {
	switch {
	case len(b.Sizes) == 0 || b.Sizes[stage] <= 0:
		return n
	case b.Replace:
		return b.Sizes[stage]
	}
	return min(b.Sizes[stage], n)
}

// perEpoch is the number of batches in an epoch of n examples.
func (b Batching) perEpoch(stage, n int) int {
	size := b.size(stage, n)
	if b.DropLast {
		return max(n/size, 1)
	}
	return (n + size - 1) / size
}

// Largest is the largest batch of n examples.
func (b Batching) Largest(n int) int {
	largest := 0
	for stage := range max(len(b.Sizes), 1) {
		largest = max(largest, b.size(stage, n))
	}
	return largest
}

// Steps is the number of batches in the first epochs of n examples.
func (b Batching) Steps(n, epochs int) int {
	steps, from := 0, 0
	for stage, until := range b.Milestones {
		if until >= epochs {
			return steps + (epochs-from)*b.perEpoch(stage, n)
		}
		steps += (until - from) * b.perEpoch(stage, n)
		from = until
	}
	return steps + (epochs-from)*b.perEpoch(len(b.Milestones), n)
}

// Epoch is the epoch of batch k of n examples, and how many batches of that epoch come before it.
func (b Batching) Epoch(n, k int) (epoch, index int) {
	epoch, index, _ = b.locate(n, k)
	return epoch, index
}

// Lists tells whether the order, if there is one, has the batches of so many steps.
func (b Batching) Lists(n, steps int) bool {
	return b.Order == nil || b.Order.Steps() >= steps || b.repeats(n)
}

// repeats tells whether the order is that of one epoch, which every epoch repeats.
func (b Batching) repeats(n int) bool {
	return !b.Reshuffle && len(b.Milestones) == 0 && b.Order.Steps() == b.perEpoch(0, n)
}

// Size is the number of examples in batch k of n examples.
func (b Batching) Size(n, k int) int {
	_, index, stage := b.locate(n, k)
	size := b.size(stage, n)
	if b.Replace {
		return size
	}
	return min(size, n-index*size)
}

// Examples is the number of examples in the first batches of n examples; one that is met twice counts twice.
func (b Batching) Examples(n, steps int) int {
	examples, from := 0, 0
	for stage := range len(b.Milestones) + 1 {
		size, per := b.size(stage, n), b.perEpoch(stage, n)
		epoch := size * per
		if !b.Replace {
			epoch = min(epoch, n)
		}
		if stage < len(b.Milestones) {
			until := b.Milestones[stage]
			if whole := (until - from) * per; steps >= whole {
				examples += (until - from) * epoch
				steps -= whole
				from = until
				continue
			}
		}
		return examples + steps/per*epoch + steps%per*size
	}
	return examples
}

// Within is the largest number of batches of n examples that have at most so many examples together.
func (b Batching) Within(n, examples int) int {
	return sort.Search(examples, func(steps int) bool { return b.Examples(n, steps+1) > examples }) // each batch has one at least
}

func (b Batching) locate(n, k int) (epoch, index, stage int) {
	from := 0
	for stage, until := range b.Milestones {
		per := b.perEpoch(stage, n)
		if steps := (until - from) * per; k >= steps {
			k -= steps
			from = until
			continue
		}
		return from + k/per, k % per, stage
	}
	stage = len(b.Milestones)
	per := b.perEpoch(stage, n)
	return from + k/per, k % per, stage
}

// Batches is the order in which training examples are met.
type Batches struct {
	Batching
	examples []int
	branch   seed.Tree
	source   *rand.ChaCha8
	random   *rand.Rand
	swap     func(i, j int)
	drawn    int // which epoch's order is drawn; -1 before the first
	order    []int
}

// NewBatches deals the examples, which are rows of a data set, out into batches.
func NewBatches(examples []int, how Batching, branch seed.Tree) *Batches {
	b := &Batches{Batching: how, examples: examples, branch: branch, drawn: -1, source: rand.NewChaCha8(branch.Node())}
	b.random = rand.New(b.source)
	b.swap = func(i, j int) { b.order[i], b.order[j] = b.order[j], b.order[i] }
	b.order = slices.Grow(b.order, max(len(examples), how.Largest(len(examples))))
	return b
}

// Batch returns the rows of batch k, from 0. It depends on the branch and k alone; the slice is valid until the next
// call. The full batch has the examples in their given order. After the end of an order comes its last batch: a run's last
// point is measured on the batch of a step that it does not take.
func (b *Batches) Batch(k int) []int {
	n := len(b.examples)
	epoch, index, stage := b.locate(n, k)
	size := b.size(stage, n)
	draw := k // of all draws with replacement
	if !b.Reshuffle {
		epoch, draw = 0, index
	}
	switch {
	case b.Order != nil:
		if b.repeats(n) {
			k = index
		}
		b.order = b.order[:0]
		for _, row := range b.Order.Step(min(k, b.Order.Steps()-1)) {
			b.order = append(b.order, int(row))
		}
		return b.order
	case b.Replace:
		b.source.Seed(b.branch.Index(draw).Node())
		b.order = b.order[:size]
		for i := range b.order {
			b.order[i] = b.examples[b.random.IntN(n)]
		}
		return b.order
	case size == n:
		return b.examples
	}
	if epoch != b.drawn {
		b.drawn = epoch
		b.order = append(b.order[:0], b.examples...)
		if b.TensorFlow != nil {
			slices.Sort(b.order)
			b.TensorFlow.shuffle(b.order, b.branch.Seed())
		} else {
			b.source.Seed(b.branch.Index(epoch).Node())
			b.random.Shuffle(n, b.swap)
		}
	}
	start := index * size
	return b.order[start:min(start+size, n)]
}
