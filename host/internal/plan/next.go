package plan

import (
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
)

// Known is what is known of the runs so far.
type Known interface {
	// Ended tells whether nothing is left to do of a job, up to where it pauses. A run that was pruned has ended where it paused, and
	// nowhere beyond: it may be that another search decided so.
	Ended(Job) bool
	// Steps are those made of a job so far.
	Steps(Job) int
	// Value is the measure by which is decided, of a job that ended, as it was where the job pauses.
	Value(Job) measure.Value
}

// nothing is what is known at the beginning.
type nothing struct{}

func (nothing) Ended(Job) bool          { return false }
func (nothing) Steps(Job) int           { return 0 }
func (nothing) Value(Job) measure.Value { return measure.Value{} }

// Stage is what comes next, and what was decided up to there.
type Stage struct {
	Jobs    []Job   // to begin or to go on with; empty if everything is decided
	Pruned  []Job   // whose runs do not go on, wherever they are
	Studies []Study // what is known of the trials, in the order of the file
	Asks    []Ask   // trials that another program is to choose, maybe while jobs go on
	Answers []Job   // whose runs are what the experiment asks for, as far as is decided which these are
	What    string  // what the jobs are for, such as "evaluation"; empty if the experiment has one stage
}

// Ask says that trials of an optimizer are wanted from another program.
type Ask struct {
	Workload  *config.Workload
	Optimizer config.Optimizer // with the Space of its trials
	Trials    int              // so many at once
}

// Next says what to do when something is known. It depends on nothing else, so that whoever asks again, or later, decides the same.
func (p Plan) Next(known Known) Stage {
	switch {
	case p.Tune != nil && p.Tune.Protocol == config.DeepOBS:
		return p.deepOBS(known)
	case p.Tune != nil && p.Tune.Protocol == config.AlgoPerf:
		return p.algoPerf(known)
	case p.Halves() != nil || p.Search.External != nil:
		return p.halving(known)
	}
	s := Stage{Answers: p.Jobs}
	if s.Answers == nil {
		s.Answers = p.all()
	}
	s.Jobs = open(s.Answers, known)
	return s
}

// all are the jobs of an experiment that has one stage.
func (p Plan) all() []Job {
	n := 0
	for _, w := range p.Workloads {
		n += len(p.Seeds) * len(w.Optimizers)
	}
	jobs := make([]Job, 0, n)
	for _, w := range p.Workloads {
		for _, seed := range p.Seeds {
			for i := range w.Optimizers {
				jobs = append(jobs, p.job(w, &w.Optimizers[i], seed, 0))
			}
		}
	}
	return jobs
}

// open are the jobs of which something is left to do, the very ones if that are all.
func open(jobs []Job, known Known) []Job {
	if !slices.ContainsFunc(jobs, known.Ended) {
		return slices.Clip(jobs)
	}
	var left []Job // which takes no more memory than it needs: it is kept until the end
	for _, j := range jobs {
		if !known.Ended(j) {
			left = append(left, j)
		}
	}
	return left
}

// halving makes the trials of each optimizer with all seeds, those of synchronous successive halving or those that another program chooses.
// All of them are what is asked for, those that did not go on as well.
func (p Plan) halving(known Known) Stage {
	s := Stage{What: "trials"}
	if p.Halves() != nil {
		s.What = "halving"
	}
	for _, w := range p.Workloads {
		for _, x := range searches(w) {
			s.add(p.study(w, x.trials, p.Seeds, known))
			s.ask(p, x)
		}
		all := points(w)
		for _, seed := range p.Seeds {
			for i := range all {
				s.Answers = append(s.Answers, p.job(w, &all[i], seed, 0))
			}
		}
	}
	s.Jobs = bySeed(s.Jobs)
	return s
}
