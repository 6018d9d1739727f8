package config

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/registry"
)

// checkSeeds warns, once, of several seeds of problems in which nothing follows from the seed of a run.
func (e *Experiment) checkSeeds() {
	var same []string
	for _, w := range e.Workloads {
		if w.Built != nil && !w.Random {
			same = append(same, fmt.Sprintf("%q", w.Name))
		}
	}
	if len(e.Seeds) < 2 || len(same) == 0 {
		return
	}
	which, remedy := "this problem", "write count = 1"
	if n := len(same); len(e.Workloads) > 1 {
		which, remedy = "the problem ", "write count = 1, or give such problems an experiment of their own"
		const most = 3
		if n > 1 {
			which = "the problems "
		}
		if n > most+1 {
			same = append(same[:most], fmt.Sprintf("%d more", n-most))
		}
		which += registry.Sentence(same, "and")
	}
	e.Warn("seeds.count", fmt.Sprintf("nothing in %s is random: the %d runs of an optimizer are the same, unless it draws numbers itself",
		which, len(e.Seeds)), remedy)
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
