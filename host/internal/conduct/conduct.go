// Package conduct goes through the stages of an experiment: it looks at what is on record, has made what the plan says is next, and so on
// until everything is decided. It decides nothing itself, and keeps nothing: whoever goes on later finds the same on record.
package conduct

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// Stages are those of one experiment.
type Stages struct {
	plan   plan.Plan
	folder *store.Folder
	known  *known
	asking asking
}

// New are the stages of an experiment whose results are in a folder. by chooses its trials, nil if they are in its file.
func New(p plan.Plan, f *store.Folder, by Sampler) *Stages {
	return &Stages{asking: asking{Sampler: by, told: map[key]bool{}}, plan: p, folder: f, known: &known{folder: f, plan: p, values: map[key]value{}, ended: map[string]*record.Outcome{}, alike: map[record.Status]*record.Outcome{}}}
}

// Ended tells how a run ended that this program made.
func (s *Stages) Ended(j plan.Job, o record.Outcome) { s.known.note(j, o) }

// Next is the stage that follows from what is on record. Its jobs are those of which something is left to do.
func (s *Stages) Next(ctx context.Context) (plan.Stage, error) {
	if s.asking.Sampler != nil && !s.asking.recalled {
		s.asking.recalled = true
		if err := s.recall(); err != nil {
			return plan.Stage{}, err
		}
	}
	for {
		stage := s.plan.Next(s.known)
		if s.known.err != nil {
			return stage, s.undecided()
		}
		if losers := s.known.waiting(stage.Pruned); len(losers) > 0 {
			if err := s.folder.PruneRuns(ctx, losers); err != nil {
				return stage, err
			}
			s.known.forget(losers)
		}
		s.tell(stage)
		if len(stage.Jobs)+len(stage.Asks) == 0 {
			return stage, nil
		}
		if err := s.folder.Extend(ctx, stage.Jobs); err != nil {
			return stage, err
		}
		left := s.known.left(stage.Jobs)
		if again := s.known.anew(left); len(again) > 0 {
			if err := s.folder.MakeAgain(again); err != nil {
				return stage, err
			}
			s.known.forget(again)
			continue
		}
		if len(stage.Asks) > 0 && len(left) == len(stage.Jobs) { // all that is on record was told
			if err := s.ask(ctx, stage.Asks); err != nil {
				return stage, err
			}
			continue
		}
		if stage.Jobs = left; len(left) > 0 && len(stage.Asks) == 0 {
			return stage, nil
		}
	}
}

// undecided is the error of a record that cannot be read.
func (s *Stages) undecided() error {
	return fmt.Errorf("reading what is on record to decide what comes next: %w", s.known.err)
}

// Run goes through all stages. run makes the runs of one, or goes on with them, up to where they pause, tells how they ended, and whether
// to go on. Run returns the last stage, which is not over if the context ended, or if a run did not end though it was to be made.
func (s *Stages) Run(ctx context.Context, run func(plan.Stage) bool) (plan.Stage, error) {
	defer func() {
		if s.asking.release != nil {
			s.asking.release()
		}
	}()
	for {
		stage, err := s.Next(ctx)
		if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
			err = nil // that is no fault
		}
		if err != nil || len(stage.Jobs) == 0 || ctx.Err() != nil {
			return stage, err
		}
		if !run(stage) || len(s.known.left(stage.Jobs)) > 0 || ctx.Err() != nil {
			return s.plan.Next(s.known), s.known.err
		}
	}
}

// Answers are the runs, of all, that a stage says the experiment asks for: as long as it says none, all of them. A run that does not go on
// is pruned, though another search may have made all of it.
func Answers(s plan.Stage, all []store.Run) (runs []store.Run) {
	if len(s.Answers) == 0 || len(s.Pruned) == 0 && slices.EqualFunc(s.Answers, all, func(j plan.Job, r store.Run) bool { return j == r.Job }) {
		return all
	}
	at := make(map[string]int, len(all))
	for i, r := range all {
		at[r.ID] = i
	}
	rungs := map[string]int{}
	for _, j := range s.Pruned {
		rungs[j.ID] = j.Until
	}
	runs = make([]store.Run, 0, len(s.Answers))
	for _, j := range s.Answers {
		if i, known := at[j.ID]; known {
			r := all[i]
			r.Job = j
			if rung, pruned := rungs[j.ID]; pruned && r.Outcome.Steps > rung {
				r.Status = record.Pruned
			}
			runs = append(runs, r)
		}
	}
	return runs
}
