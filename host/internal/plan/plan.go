// Package plan says which jobs an experiment asks for, and what makes two the same. It touches no disk.
package plan

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/config"
)

// Plan is an experiment and the jobs that it asks for.
type Plan struct {
	*config.Experiment
	Jobs []Job
}

// Job is one run that is asked for: an optimizer with a seed on a problem.
type Job struct {
	ID        string // unique within the experiment
	Workload  *config.Workload
	Problem   string // the name of its problem; empty if the experiment has one without
	Optimizer config.Optimizer
	Seed      uint64
	Steps     int
	Asked     Asked
	Identity  string // of what is asked
}

// Of lists the jobs of an experiment, problem by problem: all optimizers with the first seed, then all with the second, ... program
// returns the SHA-256 of a plugin's program, in hexadecimal.
func Of(e *config.Experiment, program func(plugin string) string) Plan {
	var jobs []Job
	for _, w := range e.Workloads {
		for _, s := range e.Seeds {
			for _, o := range w.Optimizers {
				asked := Asked{Problem: w.Problem, Plugin: o.Plugin, Program: program(o.Plugin), Hyperparameters: o.Configuration(),
					Gradient: o.Gradient, Seed: s, Steps: w.Steps, Time: w.Budget.Time, Stop: w.Stop}
				if w.Stop.Target {
					asked.Target = w.Target
				}
				jobs = append(jobs, Job{ID: fmt.Sprintf("%s-seed%d", o.Folder(), s), Workload: w, Problem: w.Name, Optimizer: o, Seed: s, Steps: w.Steps,
					Asked: asked, Identity: asked.Identity()})
			}
		}
	}
	return Plan{e, jobs}
}
