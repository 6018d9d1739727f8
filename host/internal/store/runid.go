package store

import (
	"cmp"
	"encoding/json"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/regular"
)

// RunID tells a run from all others, whatever program, folder or project they are of: by what was drawn once for its experiment, or, of
// results of an earlier version, for the program that began it, and by the beginning of its identity. It stays when the run is gone on with,
// moved or renamed. Runs of one experiment that are asked for the very same under two names share it.
func RunID(experiment, identity, execution string) string {
	return cmp.Or(experiment, execution) + "-" + identity[:min(len(identity), IdentityDigits)]
}

// ExperimentID is what was drawn for the first experiment in a results folder; empty if nothing was.
func ExperimentID(dir string) string {
	var file struct{ ID string }
	text, err := regular.ReadFile(filepath.Join(dir, ExperimentFile), mostJSON)
	if err != nil || json.Unmarshal(text, &file) != nil {
		return ""
	}
	return file.ID
}

// OptimizersOf are those of the experiment that was asked for last in a results folder, in its order, as far as its file names them.
func OptimizersOf(dir string) (all []*config.Optimizer) {
	text, _, _, err := lastBegun(dir)
	if err != nil {
		return nil
	}
	var e struct {
		Workloads []struct{ Optimizers []*config.Optimizer }
	}
	if json.Unmarshal(text, &e) != nil {
		return nil
	}
	for _, w := range e.Workloads {
		all = append(all, w.Optimizers...)
	}
	return all
}
