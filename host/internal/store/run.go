package store

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// Run is a job and what the disk has of it.
type Run struct {
	plan.Job
	Dir            string // of its record, which is there or is to be made
	Execution      string // that began it, or is to; see [NewExecution]
	record.Outcome        // its status is empty if it did not end; a run whose record is damaged has failed

	// Lacks names what is asked of the run now that its record does not have: it is to be measured again. It is empty if it has all, or if
	// it is not over.
	Lacks string
	// Rungs are how it stood where it paused, before it was gone on with.
	Rungs []record.Outcome

	over     bool    // nothing is to be done any more
	again    attempt // up to which one failed attempts are made again
	anew     bool    // the record that is there is to be replaced
	outdated string  // the execution whose record is to be replaced: it is what another search made
}

// unknown is the outcome of a run that did not end.
func unknown() record.Outcome { return record.Outcome{StepsToTarget: -1} }

// rests tells whether nothing is to be done of a run that was not published: it failed, and that is not to be tried again.
func (r *Run) rests(s *standing) bool {
	return s.ended() && s.record.Summary.Status == record.Failed && s.n > r.again
}

// waits tells whether the run paused as far as its job goes.
func (r *Run) waits(s *standing) bool {
	return s.ended() && s.record.Summary.Status == record.Paused && r.Until > 0 && s.record.Summary.Steps >= r.Until
}

// Reached tells whether the run came to a step at which it was to pause, or further: be it that it paused, was pruned, or never paused.
func (r Run) Reached(step int) bool {
	there := func(o record.Outcome) bool {
		return step > 0 && o.Steps >= step && (o.Status.Over() || o.Status == record.Paused)
	}
	return there(r.Outcome) || slices.ContainsFunc(r.Rungs, there)
}

// makeAgain lets a run be made from the start that is not what another search made of it.
func (r *Run) makeAgain() {
	r.outdated, r.over, r.Outcome, r.Rungs = r.Execution, false, unknown(), nil
}

// isOutdated tells whether what another search made of a run is still there to be replaced. What another program made since is not.
func (r *Run) isOutdated(s *standing) bool {
	return r.outdated != "" && (s.published || s.ended()) && s.begun != nil && s.begun.Execution == r.outdated
}

// toMeasure tells whether a run that is over is to be made once more, to measure what its record lacks.
func (r *Run) toMeasure() bool {
	return r.Lacks != "" && (r.Status == record.Finished || r.Status == record.Diverged || r.Status == record.Stopped)
}

func (r *Run) damage(err error) {
	r.Outcome = unknown()
	r.Status, r.Err, r.over = record.Failed, err, true
}

// look finds out how a run stands that was begun.
func (r *Run) look(s *standing) {
	if s.published {
		if err := s.verify(); err != nil {
			if now, e := stand(r.Dir); e == nil && now.published && now.record.Checksum != s.record.Checksum { // it was measured again meanwhile
				r.look(now)
				return
			}
			r.damage(err)
			return
		}
	}
	r.Outcome, r.Rungs = s.outcome(), s.rungs()
	r.over = s.published && !r.anew && !r.toMeasure() || r.rests(s)
	if r.over && r.Status == record.Pruned && !r.Reached(r.Until) { // by another search
		r.makeAgain()
	}
}

// read finds out how a run ended, if it did.
func (r *Run) read() {
	s, err := stand(r.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		r.damage(err)
	default:
		if r.Outcome, r.Rungs = s.outcome(), s.rungs(); s.begun != nil {
			r.Execution = s.begun.Execution
		}
	}
}

// Again lets a run that failed just now be gone on with.
func (f *Folder) Again(j plan.Job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(j, func(r *Run) {
		if s, err := stand(r.Dir); err == nil {
			r.again = s.n
		}
	})
}

// Run is that of a job.
func (f *Folder) Run(j plan.Job) Run {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.run(f.state(j))
}

// Todo are the jobs to begin or to go on with.
func (f *Folder) Todo() []plan.Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	var jobs []plan.Job
	for i := range f.runs {
		if s := &f.runs[i]; !s.over() && !s.tried {
			jobs = append(jobs, s.Job)
		}
	}
	return jobs
}

// pollEvery is how often programs that wait for others look what these have done.
const pollEvery = time.Second

// Await waits for the runs of jobs that other programs are making. It returns jobs as soon as there are some that this program can begin after
// all, since another program was interrupted or is gone, and none when nothing is left to wait for.
func (f *Folder) Await(ctx context.Context, jobs []plan.Job, waiting func(runs int, maker Worker)) []plan.Job {
	for first := true; ctx.Err() == nil; first = false {
		f.publisher.flush()
		var free []plan.Job
		held, holder := 0, Worker{}
		for _, j := range jobs {
			if f.settled(j) {
				continue
			}
			_, err := f.free(f.Run(j))
			switch {
			case errors.Is(err, ErrHeld):
				held++
				run := f.Run(j)
				if run.toMeasure() {
					run.Dir = f.aside(run)
				}
				if s, err := stand(run.Dir); err == nil && s.record != nil {
					holder = s.record.Worker
				}
			case errors.Is(err, ErrDone):
				f.done(j)
			case err != nil:
				f.Ended(j, record.Outcome{Status: record.Failed, Err: err, StepsToTarget: -1})
			default:
				free = append(free, j)
			}
		}
		if len(free) > 0 || held == 0 {
			return free
		}
		if first {
			waiting(held, holder)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pollEvery):
		}
	}
	return nil
}

// settled tells whether nothing of a job is left that this program could do.
func (f *Folder) settled(j plan.Job) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state(j)
	return s.over() || s.tried
}

// done notes that another program made a run, up to where its job goes.
func (f *Folder) done(j plan.Job) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(j, func(r *Run) {
		r.read()
		r.over = r.Status != record.Paused
	})
	f.state(j).tried = true
}

// Before are the runs that were over before this program began.
func (f *Folder) Before() (runs []Run) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.runs {
		if s := &f.runs[i]; s.over() {
			runs = append(runs, f.run(s))
		}
	}
	return runs
}

// Ended tells how a job ended, for want of a record: it may have failed before it could begin, or for want of a disk.
func (f *Folder) Ended(j plan.Job, o record.Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if errors.Is(o.Err, ErrLost) {
		return // it is waited for
	}
	s := f.state(j)
	if s.tried = true; o.Status == record.Failed {
		s.failed = &o
	}
}

// Runs reads how the runs of all jobs ended, in their order. What failed without a record of that is as it was told.
func (f *Folder) Runs() []Run {
	f.publisher.flush()
	f.mu.Lock()
	defer f.mu.Unlock()
	runs := make([]Run, len(f.runs))
	for i := range runs {
		r, s := &runs[i], &f.runs[i]
		if *r = f.run(s); r.over {
			continue // it was read
		}
		r.read()
		if o := s.failed; o != nil && (r.Status != record.Failed || r.Err.Error() != o.Err.Error()) {
			r.Outcome = *o
		}
	}
	return runs
}

// Find is the run of a job; ok tells whether the folder was told of the job.
func (f *Folder) Find(j plan.Job) (r Run, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, ok := f.index[j.ID]
	if ok {
		r = f.run(&f.runs[i])
	}
	return r, ok
}

// Over tells whether nothing was left to do of a run when it was looked at.
func (r Run) Over() bool { return r.over }

// Standing are the runs of a folder that is only looked at. One that is to be made again, since something else is asked of it now, counts as
// one that did not end.
func (f *Folder) Standing() []Run {
	runs := f.Runs()
	for i, r := range runs {
		if r.toMeasure() || r.anew {
			runs[i].Outcome = unknown()
		}
	}
	return runs
}

// Points are those on record of a job's run, which is opened when they are read.
func (f *Folder) Points(j plan.Job) Points { return Points{f, j} }

// Points are those of one run.
type Points struct {
	folder *Folder
	job    plan.Job
}

// Column is [Record.Column].
func (p Points) Column(name string, visit func(step int, wall time.Duration, x float64, measured bool) error) error {
	r, err := p.folder.Record(p.job)
	if err != nil {
		return err
	}
	return r.Column(name, visit)
}
