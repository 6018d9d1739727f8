package config

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// asking are the plugins that ask, of the optimizers that are meant.
func (w *Workload) asking(meant func(*Optimizer) bool) (names []string) {
	for i := range w.Optimizers {
		for _, name := range w.Optimizers[i].Plugins() {
			if !meant(&w.Optimizers[i]) || !slices.Contains(w.judges.known, name) || slices.Contains(names, name) {
				continue
			}
			if about, err := w.judges.describe(name); err == nil && about.GetCapabilities().GetAsks() {
				names = append(names, name)
			}
		}
	}
	return names
}

// lasts tells whether there is a schedule that ends with as many steps.
func (s *Settings) lasts(steps int) bool {
	return slices.ContainsFunc(s.scheduled, func(name string) bool {
		filled, _ := s.Hyperparameters[name].(map[string]any)
		length, ends := filled["steps"].(int)
		warmup, _ := filled["warmup"].(int)
		return ends && warmup+length >= steps
	})
}

// checkAsking warns of what is at steps, as if each took one gradient, where the budget is what steps cost and plugins ask for more.
func (w *Workload) checkAsking() {
	if w.Budget.Costs() == (record.Spent{}) {
		return
	}
	if w.Search.Halving != nil {
		if names := w.asking(func(*Optimizer) bool { return true }); len(names) > 0 {
			w.Warn("search.kind", fmt.Sprintf("the rungs of %s are at steps, as if each took one gradient, and those that ask take more: there trials "+
				"have spent more than the file says, and maybe not the same", registry.Sentence(names, "and")),
				"search without halving for an equal number of gradients; the budget itself counts what is asked")
		}
	}
	scheduled := func(o *Optimizer) bool {
		return o.lasts(w.Steps) || slices.ContainsFunc(o.Groups, func(g Group) bool { return g.lasts(w.Steps) })
	}
	if names := w.asking(scheduled); len(names) > 0 {
		w.Warn("budget", fmt.Sprintf("the schedules of %s are for %d steps, as if each took one gradient: a run whose steps "+
			"ask ends before they do", registry.Sentence(names, "and"), w.Steps), "give the schedule its own length in steps, or the budget in steps")
	}
}
