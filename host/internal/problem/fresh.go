package problem

import (
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/seed"
)

// Fresh opens a problem for what is asked beside the steps of a run: its batches are others, of the same training examples, and so is its
// noise. They are drawn from the branch fresh. What has neither batches nor noise is as it is.
func Fresh(p Problem, tree seed.Tree) Objective {
	if r, is := p.(Renewed); is {
		return r.Fresh(tree)
	}
	return p.Objective(tree)
}

// Renewed is a problem whose batches are drawn.
type Renewed interface {
	Fresh(tree seed.Tree) Objective
}

var (
	_ Renewed = (*Supervised)(nil)
	_ Renewed = (*stochastic)(nil)
	_ Renewed = (*noisyProblem)(nil)
	_ Renewed = (*randomMatrix)(nil)
	_ Renewed = (*nonstationary)(nil)

	_ Moving = (*nonstationaryRun)(nil)
)

// Moving is an objective that also depends on the step: what is asked beside a step is of the function as it is then.
type Moving interface {
	// Move says at which step the next batches are met.
	Move(step int)
}

// Fresh implements [Renewed]. Batches and what layers draw are others.
func (s *Supervised) Fresh(tree seed.Tree) Objective {
	o := s.dealt(tree, redealt(s.Batching), tree.Branch("fresh").Branch("batch"))
	o.training = s.Network.NewPass(tree.Branch("fresh").Branch("dropout"))
	return o
}

// Fresh implements [Renewed].
func (s *stochastic) Fresh(tree seed.Tree) Objective {
	other := *s
	other.batching = redealt(s.batching)
	return other.Objective(tree.Branch("fresh"))
}

// redealt has batches of the same sizes, and draws them: no other order that was given.
func redealt(how dataset.Batching) dataset.Batching {
	how.TensorFlow, how.Order, how.Reshuffle = nil, nil, true
	return how
}

// Fresh implements [Renewed].
func (p *noisyProblem) Fresh(tree seed.Tree) Objective {
	return p.over(Fresh(p.Problem, tree), tree.Branch("fresh"))
}

// Fresh implements [Renewed]. Each batch is one of the same matrices, drawn with replacement.
func (p *randomMatrix) Fresh(tree seed.Tree) Objective {
	o := p.Objective(tree).(*randomMatrixRun)
	o.pick = func(k int) int { return tree.Branch("fresh").Index(k).Rand().IntN(p.samples) }
	return o
}

// Fresh implements [Renewed]: it has no batches, but moves.
func (p *nonstationary) Fresh(tree seed.Tree) Objective {
	o := p.Objective(tree).(*nonstationaryRun)
	o.fresh = true
	return o
}

// Move implements [Moving].
func (o *nonstationaryRun) Move(step int) { o.step = step }
