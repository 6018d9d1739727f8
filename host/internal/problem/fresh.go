package problem

import "github.com/steepest/steepest/host/internal/seed"

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
)

// Fresh implements [Renewed]. Batches and what layers draw are others.
func (s *Supervised) Fresh(tree seed.Tree) Objective {
	o := s.dealt(tree, s.Batching, tree.Branch("fresh").Branch("batch"))
	o.training = s.Network.NewPass(tree.Branch("fresh").Branch("dropout"))
	return o
}

// Fresh implements [Renewed].
func (s *stochastic) Fresh(tree seed.Tree) Objective { return s.Objective(tree.Branch("fresh")) }

// Fresh implements [Renewed].
func (p *noisyProblem) Fresh(tree seed.Tree) Objective {
	return p.over(Fresh(p.Problem, tree), tree.Branch("fresh"))
}
