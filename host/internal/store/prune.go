package store

import (
	"context"
	"errors"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// PruneRuns ends the runs of jobs that paused: others were better. Their records have what was measured there. It returns when that is on the
// disk, so that whoever goes on with the others never finds them without. Those that another program has begun to end it waits for.
func (f *Folder) PruneRuns(ctx context.Context, jobs []plan.Job) error {
	var errs []error
	for left := jobs; len(left) > 0 && ctx.Err() == nil; {
		var held []plan.Job
		for _, j := range left {
			switch err := f.prune(j); {
			case errors.Is(err, ErrHeld):
				held = append(held, j)
			case err != nil && !errors.Is(err, ErrDone):
				errs = append(errs, err)
			}
		}
		if left = held; len(left) > 0 {
			f.publisher.flush() // another program may wait for what this one began
			select {
			case <-ctx.Done():
			case <-time.After(pollEvery / 10):
			}
		}
	}
	f.publisher.flush()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, j := range jobs {
		f.change(j, func(r *Run) {
			r.read()
			r.over = r.over || r.Status.Over()
		})
		if o := f.state(j).failed; o != nil {
			errs = append(errs, o.Err)
		}
	}
	return errors.Join(errs...)
}

func (f *Folder) prune(j plan.Job) error {
	run := f.Run(j)
	s, err := stand(run.Dir)
	if err != nil || s.published {
		return missing(run.Dir, err)
	}
	o := s.outcome()
	if o.Status.Over() { // its program did not come to publish it
		return f.finish(s)
	}
	if !s.ended() { // a program was killed over it
		if rungs := s.rungs(); len(rungs) > 0 {
			o = rungs[len(rungs)-1]
		}
		worker := Worker{}
		if s.record != nil {
			worker = s.record.Worker
		}
		if !f.watcher.expired(worker, s.n.file(s.dir, claimEnd)) {
			return ErrHeld
		}
	}
	if o.Status != record.Paused {
		return nil
	}
	extra := extraOf(j, s.begun.Record)
	extra.ends = true
	m, met := s.begun.Manifest, s.begun.Met()
	m.Numerics = met[len(met)-1]
	r, err := claim(run.Dir, s, m, f.worker, extra)
	if err != nil {
		return err
	}
	r.publisher, r.failed = f.publisher, func(err error) { f.unpublished(j, err) }
	o.Status = record.Pruned
	return r.End(o)
}

// rungs are how a run stood where it paused, before it was gone on with.
func (s *standing) rungs() (all []record.Outcome) {
	if s.begun == nil {
		return nil
	}
	for _, again := range s.begun.Resumed {
		if again.Paused != nil {
			all = append(all, again.Paused.outcome())
		}
	}
	if e := s.begun.Summary; s.begun != s.record && e != nil && e.Status == record.Paused { // whoever goes on came no further than the claim
		all = append(all, e.outcome())
	}
	return all
}
