package conduct

import (
	"context"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/store"
)

// Look goes through the stages of an experiment as far as there are results, and changes none. It returns the stage that is next, whose jobs
// are those that are left, and all jobs up to there.
func Look(ctx context.Context, p plan.Plan, there store.Survey) (stage plan.Stage, all []plan.Job, err error) {
	f := there.Folder()
	if f == nil {
		return plan.Stage{Jobs: p.Jobs}, p.Jobs, nil
	}
	s := New(p, f, nil)
	if p.Judge() == "" { // there is nothing to decide
		return plan.Stage{Jobs: s.known.left(p.Jobs)}, p.Jobs, nil
	}
	if err := s.recall(); err != nil {
		return stage, nil, err
	}
	for {
		stage = p.Next(s.known)
		if s.known.err != nil {
			return stage, nil, s.undecided()
		}
		if err := f.Extend(ctx, stage.Jobs); err != nil {
			return stage, nil, err
		}
		left := s.known.left(stage.Jobs)
		if again := s.known.anew(left); len(again) > 0 {
			if err := f.MakeAgain(again); err != nil {
				return stage, nil, err
			}
			s.known.forget(again)
			continue
		}
		if len(left) > 0 || len(stage.Jobs) == 0 {
			stage.Jobs = left
			return stage, f.Jobs(), nil
		}
	}
}
