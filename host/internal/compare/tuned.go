package compare

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/store"
)

// tuned are the runs of a folder in which tuning chose.
type tuned struct {
	answers map[string]bool // by the names of their folders
	trials  []store.Study
}

// tunedOf is nil if there was no tuning.
func tunedOf(ctx context.Context, r *store.Results) (*tuned, error) {
	studies, err := store.ReadStudies(r.Dir)
	if err != nil || studies == nil {
		return nil, err
	}
	asked, there, err := store.Restore(ctx, r.Dir)
	if err != nil {
		return nil, err
	}
	last, _, err := conduct.Look(ctx, asked, there)
	if err != nil {
		return nil, err
	}
	t := &tuned{map[string]bool{}, studies}
	for _, run := range conduct.Answers(last, there.Folder().Standing()) {
		t.answers[filepath.Base(run.Dir)] = true
	}
	return t, nil
}

// has tells whether tuning chose by a run.
func (t *tuned) has(r *store.Record) bool {
	for _, s := range t.trials {
		if s.Problem != r.Called {
			continue
		}
		for _, trial := range s.Trials {
			if trial.Optimizer == r.Optimizer.Name && slices.Contains(trial.Seeds, r.Seed) {
				return true
			}
		}
	}
	return false
}
