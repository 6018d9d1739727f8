// Package plan says which jobs an experiment asks for, what makes two the same, and what follows from their outcomes. It touches no disk.
package plan

import (
	"cmp"
	"fmt"
	"time"

	"github.com/steepest/steepest/host/internal/config"
)

// Plan is an experiment and the jobs that it asks for.
type Plan struct {
	*config.Experiment
	Jobs []Job // those that do not depend on how others end; see [Plan.Next]

	program func(plugin string) string
}

// Job is one run that is asked for: an optimizer with a seed on a problem.
type Job struct {
	ID        string // unique within the experiment
	Workload  *config.Workload
	Problem   string            // the name of its problem; empty if the experiment has one without
	Optimizer *config.Optimizer // its variant, which all seeds share
	Seed      uint64
	Steps     int    // of the whole run
	Until     int    // after so many steps it pauses for a decision; 0 if it goes on to its end
	Identity  string // of what is asked; see [Asked]
}

// Pause is the step at which the job ends or pauses.
func (j Job) Pause() int { return cmp.Or(j.Until, j.Steps) }

// Limit is the time that its steps may take; 0 if their number is given.
func (j Job) Limit() time.Duration {
	if j.Workload == nil {
		return 0
	}
	return j.Workload.Budget.Time
}

// Of lists the jobs of an experiment, problem by problem: all optimizers with the first seed, then all with the second, ... program
// returns the SHA-256 of a plugin's program, in hexadecimal.
func Of(e *config.Experiment, program func(plugin string) string) Plan {
	p := Plan{Experiment: e, program: program}
	p.Jobs = p.Next(nothing{}).Jobs
	return p
}

// Asked is what is asked of the run of an optimizer with a seed.
func (p Plan) Asked(w *config.Workload, o *config.Optimizer, seed uint64) Asked {
	return Asked{Problem: w.Problem, Plugin: o.Plugin, Program: p.program(o.Plugin), Others: OfGroups(o, p.program), Hyperparameters: o.Configuration(),
		Gradient: o.Gradient, Initialization: o.Initialization, Seed: seed, Steps: w.Steps, Time: w.Budget.Time, MaxAsks: o.OwnMaxAsks()}.
		StoppedBy(w.Stop, w.Target, w.Record.Validation)
}

// Job is the run of an optimizer with a seed, to its end.
func (p Plan) Job(w *config.Workload, o *config.Optimizer, seed uint64) Job {
	return p.job(w, o, seed, 0)
}

// job is the run of an optimizer with a seed, up to where it pauses.
func (p Plan) job(w *config.Workload, o *config.Optimizer, seed uint64, until int) Job {
	return Job{ID: fmt.Sprintf("%s-seed%d", o.Folder(), seed), Workload: w, Problem: w.Name, Optimizer: o, Seed: seed, Steps: w.Steps,
		Until: until, Identity: p.Asked(w, o, seed).Identity()}
}
