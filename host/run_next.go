package main

import (
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// next is a command that goes on from here: with the runs, where they were interrupted or their results are to be put back, or else with what came of them.
func (o runOptions) next(e ready, runs []store.Run, unfinished bool) string {
	if !unfinished {
		for _, r := range runs {
			if log := store.LogOf(r.Dir); r.Status == record.Failed && log != "" { // what the plugin said
				return terminal.Command([]string{"cat"}, log)
			}
		}
		if !o.report {
			return terminal.Command([]string{"steepest", "report"}, e.folder.Dir)
		}
		return terminal.Command([]string{"steepest", "runs", "show"}, e.folder.Dir)
	}
	words := []string{"steepest", "run"}
	if o.out != "" {
		words = append(words, "--out", e.folder.Dir)
	}
	for _, setting := range o.set {
		words = append(words, "--set", setting)
	}
	for _, dir := range o.pluginDirs {
		words = append(words, "--plugin-dir", dir)
	}
	if o.trialsFrom != "" {
		words = append(words, "--trials-from", o.trialsFrom)
	}
	if o.blas.choice != "auto" { // else it may be another one, with other bits
		words = append(words, "--blas", o.blas.choice)
	}
	return terminal.Command(words, e.File)
}
