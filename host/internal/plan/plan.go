// Package plan says which jobs an experiment asks for, and what makes two the same. It touches no disk.
package plan

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/problem"
)

// Plan is an experiment and the jobs that it asks for.
type Plan struct {
	*config.Experiment
	Jobs []Job
}

// Job is one run that is asked for: an optimizer with a seed.
type Job struct {
	ID        string // unique within the experiment
	Optimizer config.Optimizer
	Seed      uint64
	Steps     int
	Asked     Asked
	Identity  string // of what is asked
}

// Of lists the jobs of an experiment: all optimizers with the first seed, then all with the second, ... program returns
// the SHA-256 of a plugin's program, in hexadecimal.
func Of(e *config.Experiment, p problem.Problem, program func(plugin string) string) Plan {
	steps := e.Budget.Steps
	if e.Budget.Epochs > 0 {
		steps = problem.Steps(p, e.Budget.Epochs)
	}
	var jobs []Job
	for _, s := range e.Seeds {
		for _, o := range e.Optimizers {
			asked := Asked{Problem: e.Problem, Plugin: o.Plugin, Program: program(o.Plugin), Hyperparameters: o.Hyperparameters,
				Gradient: o.Gradient, Seed: s, Steps: steps}
			jobs = append(jobs, Job{ID: fmt.Sprintf("%s-seed%d", o.Folder(), s), Optimizer: o, Seed: s, Steps: steps, Asked: asked,
				Identity: asked.Identity()})
		}
	}
	return Plan{e, jobs}
}
