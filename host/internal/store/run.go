package store

import (
	"slices"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// Run is a job and what the disk has of it.
type Run struct {
	plan.Job
	Dir            string // of its record, which is there or is to be made
	Execution      string // that began it, or is to; see [NewExecution]
	record.Outcome        // its status is empty if it did not end; a run whose record is damaged has failed

	over bool // nothing is to be done any more
}

// unknown is the outcome of a run that did not end.
func unknown() record.Outcome { return record.Outcome{StepsToTarget: -1} }

// read finds out how a run ended.
func (r *Run) read() {
	s, err := readSummary(r.Dir)
	switch {
	case err != nil:
		r.damage(err)
	case s != nil:
		r.Outcome = s.outcome()
	}
}

func (r *Run) damage(err error) {
	r.Outcome = unknown()
	r.Status, r.Err, r.over = record.Failed, err, true
}

// look finds out how a run that was begun stands.
func (r *Run) look(m *Manifest) {
	o, over, err := state(r.Dir, m)
	switch {
	case err != nil:
		r.damage(err)
	case over:
		r.Outcome, r.over = o, true
	}
}

// Run is that of a job.
func (f *Folder) Run(j plan.Job) Run { return f.runs[f.index[j.ID]] }

// Todo are the jobs to begin or to go on with.
func (f *Folder) Todo() []plan.Job {
	var jobs []plan.Job
	for _, r := range f.runs {
		if !r.over {
			jobs = append(jobs, r.Job)
		}
	}
	return jobs
}

// Before are the runs that were over before this program began.
func (f *Folder) Before() []Run {
	return slices.DeleteFunc(slices.Clone(f.runs), func(r Run) bool { return !r.over })
}

// Ended tells how a job ended, for want of a record: it may have failed before it could begin, or for want of a disk.
func (f *Folder) Ended(j plan.Job, o record.Outcome) {
	if o.Status == record.Failed {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.failed[j.ID] = o
	}
}

// Runs reads how the runs of all jobs ended, in their order. What failed without a record of that is as it was told.
func (f *Folder) Runs() []Run {
	runs := slices.Clone(f.runs)
	for i := range runs {
		r := &runs[i]
		if r.over {
			continue // it was read, and this program holds the folder
		}
		r.read()
		if o, is := f.failed[r.ID]; is && (r.Status != record.Failed || r.Err.Error() != o.Err.Error()) {
			r.Outcome = o
		}
	}
	return runs
}

// Find is the run of a job; ok tells whether the folder was told of the job.
func (f *Folder) Find(j plan.Job) (r Run, ok bool) {
	i, ok := f.index[j.ID]
	if ok {
		r = f.runs[i]
	}
	return r, ok
}

// Over tells whether nothing was left to do of a run when it was looked at.
func (r Run) Over() bool { return r.over }
