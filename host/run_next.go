package main

import (
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// next is a command that goes on from here.
func (o runOptions) next(e ready, runs []store.Run, interrupted bool) string {
	if !interrupted && len(runs) == 0 { // no trial was chosen
		return terminal.Command([]string{"cat"}, filepath.Join(e.folder.Dir, store.ExperimentFile))
	}
	if !interrupted {
		// A run that could not begin has no record.
		show := slices.IndexFunc(runs, func(r store.Run) bool { return r.Status.Over() })
		if show < 0 {
			show = max(slices.IndexFunc(runs, func(r store.Run) bool { return r.Outcome.Steps > 0 }), 0)
		}
		return terminal.Command([]string{"head"}, filepath.Join(runs[show].Dir, store.StepsFile))
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
