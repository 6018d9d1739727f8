package main

import (
	"slices"

	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/sampler"
)

// checkTrials refuses experiments whose trials nobody chooses, and a program that is to choose none.
func (o runOptions) checkTrials(all []plan.Plan) error {
	for _, p := range all {
		switch external := p.Search.External != nil; {
		case external && o.trialsFrom == "":
			return usage("%s: another program chooses the trials, as [search] says; name it with --trials-from COMMAND, or write another kind of search",
				p.File)
		case !external && o.trialsFrom != "":
			return usage("%s: --trials-from chooses nothing here; write [search] with kind = %q and trials = 20, or add --set search.kind=%[2]s "+
				"--set search.trials=20", p.File, config.ExternalKind)
		}
	}
	return nil
}

// sampler starts the program that chooses the trials of an experiment; nil if there is nothing to choose. end ends it.
func (o runOptions) sampler(p plan.Plan) (by conduct.Sampler, end func(), err error) {
	if !slices.ContainsFunc(p.Workloads, func(w *config.Workload) bool {
		return slices.ContainsFunc(w.Optimizers, func(o config.Optimizer) bool { return o.Space != nil })
	}) {
		return nil, func() {}, nil
	}
	c, err := sampler.Start(o.trialsFrom, p, sampler.Settings{Dir: o.path("."), Stderr: o.stderr, Timeout: o.trialsTimeout})
	if err != nil {
		return nil, nil, err
	}
	return c, c.Close, nil
}
