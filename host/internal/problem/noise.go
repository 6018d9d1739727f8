package problem

import (
	"math/rand/v2"

	"github.com/steepest/steepest/host/internal/seed"
)

// WithNoise is p with inexact gradients: every component of the gradient of step k carries an error of its own, drawn
// from N(0, sigma²). The loss stays exact. The errors are drawn from the branch noise; those of step k depend on it and k
// alone, so all optimizers meet the same.
func WithNoise(p Problem, sigma float64) Problem { return &noisyProblem{p, sigma} }

type noisyProblem struct {
	Problem
	sigma float64
}

func (p *noisyProblem) Objective(tree seed.Tree) Objective {
	return p.over(p.Problem.Objective(tree), tree)
}

func (p *noisyProblem) over(inner Objective, tree seed.Tree) Objective {
	source := rand.NewChaCha8(tree.Node())
	return &noisy{inner, p.sigma, tree.Branch("noise"), source, rand.New(source)}
}

type noisy struct {
	Objective
	sigma  float64
	branch seed.Tree
	source *rand.ChaCha8 // seeded anew at each step
	random *rand.Rand
}

var (
	_ Problem   = (*noisyProblem)(nil)
	_ Objective = (*noisy)(nil)
)

func (n *noisy) Gradient(k int, x, g []float64) float64 {
	loss := n.Objective.Gradient(k, x, g)
	if k == All {
		return loss
	}
	n.source.Seed(n.branch.Index(k).Node())
	for i := range g {
		g[i] += n.sigma * n.random.NormFloat64()
	}
	return loss
}
