package config

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/dataset"
)

// checkSeeds finds out whether anything follows from the seed of a run, and warns of several seeds where nothing does. Some examples
// train; random tells whether the model draws numbers.
func (w *Workload) checkSeeds(train int, random bool) {
	w.Random = random || w.Problem.random(train)
	if n := len(w.Seeds); n > 1 && !w.Random {
		which, remedy := "this problem", "write count = 1"
		if len(w.Workloads) > 1 {
			which, remedy = fmt.Sprintf("the problem %q", w.Name), "write count = 1, or give such problems an experiment of their own"
		}
		w.Warn("seeds.count", fmt.Sprintf("nothing in %s is random: the %d runs of an optimizer are the same, unless it draws numbers itself",
			which, n), remedy)
	}
}

// random tells whether anything in the problem but its model, of which some examples train, follows from the seed of a run.
func (p Problem) random(train int) bool {
	if p.GradientNoise > 0 || p.Batching != nil && batchesAreRandom(*p.Batching, train) {
		return true
	}
	if p.Data != nil {
		s, none := p.Splitting, dataset.Portion{}
		if !s.OnTest && s.Validation != none || s.Test != none || s.Subset != none || s.LabelNoise > 0 {
			return true
		}
	}
	return false
}

// batchesAreRandom tells whether some batch is neither full nor listed.
func batchesAreRandom(b dataset.Batching, train int) bool {
	return b.Order == nil && (b.Replace || slices.ContainsFunc(b.Sizes, func(size int) bool { return size > 0 && size < train }))
}
