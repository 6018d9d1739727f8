package conduct

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// known is what the store has of the runs.
type known struct {
	folder *store.Folder
	plan   plan.Plan
	values map[key]measure.Value
	err    error // of reading a record

	mu    sync.Mutex
	ended map[string]record.Outcome // in this program, by the job's ID
}

// note takes in how a run ended.
func (k *known) note(j plan.Job, o record.Outcome) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended[j.ID] = o
}

// stands tells how a job's run stands, and whether it is over: it ended, be it that it failed. Where this program left it, another may have
// gone on since.
func (k *known) stands(j plan.Job) (o record.Outcome, over bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, _ := k.folder.Find(j)
	o, ended := k.ended[j.ID]
	if !ended || o.Status == record.Paused && (r.Over() || r.Outcome.Status == record.Paused && r.Outcome.Steps > o.Steps) {
		return r.Outcome, r.Over()
	}
	return o, o.Status.Over() || o.Status == record.Failed
}

// key is a job: of a run, up to where it pauses.
type key struct {
	id    string
	until int
}

var _ plan.Known = (*known)(nil)

// left are the jobs of which something is left to do.
func (k *known) left(jobs []plan.Job) (left []plan.Job) {
	for _, j := range jobs {
		if !k.Ended(j) {
			left = append(left, j)
		}
	}
	return left
}

// waiting are the jobs whose runs are not over.
func (k *known) waiting(jobs []plan.Job) (waiting []plan.Job) {
	for _, j := range jobs {
		if _, over := k.stands(j); !over {
			waiting = append(waiting, j)
		}
	}
	return waiting
}

// forget makes the store say how the runs of jobs stand.
func (k *known) forget(jobs []plan.Job) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, j := range jobs {
		delete(k.ended, j.ID)
	}
}

// Ended implements plan.Known. A run that failed in this program has ended; another program may make it again.
func (k *known) Ended(j plan.Job) bool {
	o, over := k.stands(j)
	if over || j.Until == 0 {
		return over
	}
	r, _ := k.folder.Find(j)
	there := func(o record.Outcome) bool { return o.Status == record.Paused && o.Steps >= j.Until }
	return there(o) || slices.ContainsFunc(r.Rungs, there) // it may have been cut off on the way to the next rung
}

// Pruned implements plan.Known.
func (k *known) Pruned(j plan.Job) bool {
	o, _ := k.stands(j)
	return o.Status == record.Pruned && (j.Until == 0 || o.Steps <= j.Until)
}

// Value implements plan.Known.
func (k *known) Value(j plan.Job) measure.Value {
	at := key{j.ID, j.Until}
	if v, seen := k.values[at]; seen {
		return v
	}
	v, err := k.read(j)
	k.err = errors.Join(k.err, err)
	k.values[at] = v
	return v
}

// read finds the measure of a run, as it was where the job pauses. There the run has not ended, but what was measured counts.
func (k *known) read(j plan.Job) (v measure.Value, err error) {
	m, err := measure.Parse(k.plan.Judge())
	if err != nil {
		return v, err
	}
	o, _ := k.stands(j)
	r, _ := k.folder.Find(j)
	points := &points{folder: k.folder, job: j, last: j.Pause()}
	if at := slices.IndexFunc(r.Rungs, func(o record.Outcome) bool { return o.Steps == j.Pause() }); at >= 0 && j.Until > 0 {
		o = r.Rungs[at]
	}
	switch {
	case o.Steps > j.Pause(): // it was made by an experiment that does not halve: what was measured last counts
		if o = (record.Outcome{Status: record.Finished, StepsToTarget: o.StepsToTarget}); m.When == measure.Final {
			m.When, m.N = measure.MeanOverLast, 1
		}
	case o.Status == record.Paused || o.Status == record.Pruned:
		o.Status = record.Finished
	}
	return m.Of(j.Workload.Schema(j.Optimizer), o, points)
}

// points are those on record of a run, which is opened if somebody asks for them.
type points struct {
	folder *store.Folder
	job    plan.Job
	last   int // the step of the last
}

// Column implements measure.Columns.
func (p *points) Column(name string, visit func(step int, wall time.Duration, x float64, measured bool) error) error {
	r, err := p.folder.Record(p.job)
	if err != nil {
		return err
	}
	return r.Column(name, func(step int, wall time.Duration, x float64, measured bool) error {
		if step > p.last {
			return nil
		}
		return visit(step, wall, x, measured)
	})
}
