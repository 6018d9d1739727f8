package plan

import (
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/config"
)

// Work is a number of runs, and what they take if none ends sooner.
type Work struct {
	Runs  int
	Steps int           // of those whose budget can be counted
	Time  time.Duration // of the steps of the others
}

// Outline is what an experiment takes at most, whatever comes out on the way.
type Outline struct {
	Trials Work // without sets and their trials, all runs
	Chosen Work // runs that are made once more of what was chosen, beside those of the trials
}

// Total is all of it.
func (o Outline) Total() Work {
	a, b := o.Trials, o.Chosen
	return Work{a.Runs + b.Runs, a.Steps + b.Steps, a.Time + b.Time}
}

// Staged tells whether it is decided on the way which runs are made, or how far they go.
func (p Plan) Staged() bool {
	return p.Halves() != nil || p.Search.External != nil || p.Tune != nil && p.Tune.Protocol == config.DeepOBS
}

// Outline counts what an experiment takes at most.
func (p Plan) Outline() (o Outline) {
	for _, w := range p.Workloads {
		for _, x := range searches(w) {
			n := len(x.trials)
			if x.space != nil {
				n = w.Trials(*x.space)
			}
			switch {
			case p.Tune == nil:
				o.Trials.add(w, n, len(p.Seeds))
			case p.Tune.Protocol == config.AlgoPerf:
				for i := range p.Seeds {
					o.Trials.add(w, len(x.study(i+1)), 1)
				}
			default:
				o.Trials.add(w, n, len(p.Tune.Seeds))
				o.Chosen.add(w, 1, len(p.More()))
			}
		}
	}
	return o
}

// More are the seeds of the evaluation with which tuning makes no runs.
func (p Plan) More() []uint64 {
	if p.Tune == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Seeds), func(s uint64) bool { return slices.Contains(p.Tune.Seeds, s) })
}

// add takes in the trials of a search, each with so many seeds. At each rung as many of them go on as may.
func (k *Work) add(w *config.Workload, trials, seeds int) {
	k.Runs += trials * seeds
	if w.Budget.Time > 0 {
		k.Time += time.Duration(trials*seeds) * w.Budget.Time
		return
	}
	at, alive := 0, trials
	for _, rung := range w.Rungs() {
		k.Steps += alive * seeds * (rung - at)
		at, alive = rung, goOn(alive, w.Halves().Eta)
	}
	k.Steps += alive * seeds * (w.Steps - at)
}

// goOn is how many of some trials go on from a rung.
func goOn(trials, eta int) int { return min(trials, max(trials/eta, 1)) }
