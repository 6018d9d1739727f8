// Package plan says which jobs an experiment asks for, and what makes two the same. It touches no disk.
package plan

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// Job is one run that is asked for: an optimizer with a seed.
type Job struct {
	ID        string // unique within the experiment
	Folder    string // its name; the ID, unless the run was begun under another
	Optimizer config.Optimizer
	Seed      uint64
	Steps     int
	Asked     Asked
	Identity  string // of what is asked
	Execution string // the name of the program's execution that begins it, or began it
}

// Jobs lists the runs of an experiment: all optimizers with the first seed, then all with the second, ... program returns
// the SHA-256 of a plugin's program, in hexadecimal.
func Jobs(e *config.Experiment, p problem.Problem, program func(plugin string) string) []Job {
	steps := e.Budget.Steps
	if e.Budget.Epochs > 0 {
		steps = problem.Steps(p, e.Budget.Epochs)
	}
	var runs []Job
	for _, s := range e.Seeds {
		for _, o := range e.Optimizers {
			id := fmt.Sprintf("%s-seed%d", o.Folder(), s)
			asked := Asked{Problem: e.Problem, Plugin: o.Plugin, Program: program(o.Plugin), Hyperparameters: o.Hyperparameters,
				Gradient: o.Gradient, Seed: s, Steps: steps}
			runs = append(runs, Job{ID: id, Folder: id, Optimizer: o, Seed: s, Steps: steps, Asked: asked, Identity: asked.Identity()})
		}
	}
	return runs
}

// Result is a job with its outcome.
type Result struct {
	Job
	record.Outcome
}
