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
	values map[key]value
	err    error // of reading a record

	mu    sync.Mutex
	ended map[string]*record.Outcome        // in this program, by the job's ID
	alike map[record.Status]*record.Outcome // how runs ended, where nothing is decided by what was measured
}

// note takes in how a run ended. More than its status is kept only where something is decided by it.
func (k *known) note(j plan.Job, o record.Outcome) {
	k.mu.Lock()
	defer k.mu.Unlock()
	ended := &o
	if k.plan.Judge() == "" {
		if k.alike[o.Status] == nil {
			k.alike[o.Status] = &record.Outcome{Status: o.Status, StepsToTarget: -1}
		}
		ended = k.alike[o.Status]
	}
	k.ended[j.ID] = ended
}

// stands tells how a job's run stands, and whether it is over: it ended, be it that it failed. Where this program left it, another may have
// gone on since.
func (k *known) stands(j plan.Job) (o record.Outcome, over bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, _ := k.folder.Find(j)
	ended := k.ended[j.ID]
	if ended == nil {
		return r.Outcome, r.Over()
	}
	if o = *ended; o.Status == record.Paused && (r.Over() || r.Outcome.Status == record.Paused && r.Outcome.Steps > o.Steps) {
		return r.Outcome, r.Over()
	}
	return o, o.Status.Over() || o.Status == record.Failed
}

// key is a job: of a run, up to where it pauses.
type key struct {
	id    string
	until int
}

// value is the measure of a run where its job pauses.
type value struct {
	measure.Value
	known bool // whether its record says what it was there
}

var _ plan.Known = (*known)(nil)

// left are the jobs of which something is left to do, the very ones if that are all.
func (k *known) left(jobs []plan.Job) (left []plan.Job) {
	if !slices.ContainsFunc(jobs, k.Ended) {
		return jobs
	}
	for _, j := range jobs {
		if !k.Ended(j) {
			left = append(left, j)
		}
	}
	return left
}

// anew are those of the jobs, of which something is left to do, whose runs cannot be gone on with: another search pruned them, or made them
// without measuring what is decided by here.
func (k *known) anew(left []plan.Job) (jobs []plan.Job) {
	for _, j := range left {
		if _, over := k.stands(j); over || k.reached(j) {
			jobs = append(jobs, j)
		}
	}
	return jobs
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
		delete(k.values, key{j.ID, j.Until})
	}
}

// Ended implements plan.Known. A run that failed in this program has ended; another program may make it again.
func (k *known) Ended(j plan.Job) bool {
	o, over := k.stands(j)
	switch {
	case o.Status == record.Failed && over:
		return true
	case j.Until == 0 || o.Status.Ended() && o.Steps <= j.Until:
		return over && o.Status != record.Pruned
	}
	return k.reached(j) && k.value(j).known
}

// reached tells whether a job's run came to where it pauses, or further.
func (k *known) reached(j plan.Job) bool {
	o, _ := k.stands(j)
	r, _ := k.folder.Find(j)
	return r.Reached(j.Until) || store.Run{Outcome: o}.Reached(j.Until)
}

// Steps implements plan.Known.
func (k *known) Steps(j plan.Job) int {
	o, _ := k.stands(j)
	r, _ := k.folder.Find(j)
	most := o.Steps
	for _, rung := range r.Rungs { // it may have been cut off on the way from there
		most = max(most, rung.Steps)
	}
	return min(most, j.Pause())
}

// Value implements plan.Known.
func (k *known) Value(j plan.Job) measure.Value { return k.value(j).Value }

func (k *known) value(j plan.Job) value {
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
func (k *known) read(j plan.Job) (value, error) {
	m, err := measure.Parse(k.plan.Judge())
	if err != nil {
		return value{}, err
	}
	o, _ := k.stands(j)
	r, _ := k.folder.Find(j)
	points := &points{folder: k.folder, job: j, last: j.Pause()}
	there := func(o record.Outcome) bool {
		return j.Until > 0 && o.Steps == j.Until && (o.Status == record.Paused || o.Status == record.Pruned)
	}
	stood := append(slices.Clone(r.Rungs), o)
	if at := slices.IndexFunc(stood, there); at >= 0 {
		o = stood[at]
		o.Status = record.Finished
	} else if k.reached(j) {
		return k.passed(j, m, o, points)
	}
	v, err := m.Of(j.Workload.Schema(*j.Optimizer), o, points)
	return value{v, true}, err
}

// passed finds the measure, as it was where the job pauses, of a run that another search made, and that did not pause there. It is as if it
// had, if the record has what would have been measured.
func (k *known) passed(j plan.Job, m measure.Measure, o record.Outcome, points *points) (value, error) {
	schema := j.Workload.Schema(*j.Optimizer)
	then := record.Outcome{Status: record.Finished, Steps: j.Until, StepsToTarget: o.StepsToTarget}
	if then.StepsToTarget > j.Until {
		then.StepsToTarget = -1
	}
	switch place := schema.Index(m.Quantity); {
	case place < 0: // of the derived ones one follows from the target
		v, err := m.Of(schema, then, points)
		return value{v, m.Quantity == measure.StepsToTarget}, err
	case m.When == measure.Final && place == record.TrainLoss && j.Workload.Problem.HasEpochs():
		return value{}, nil // a row has that of a batch
	case m.When == measure.Final && place == record.TrainLoss && elsewhere(o):
		return value{}, nil // or of the weights that are trained
	case m.When == measure.Final:
		m.When, m.N = measure.AtStep, j.Until
	}
	at := m.When == measure.AtStep && m.N != j.Until
	err := points.Column(m.Quantity, func(step int, _ time.Duration, _ float64, measured bool) error {
		at = at || step == j.Until && measured
		return nil
	})
	if err != nil || !at {
		return value{}, err
	}
	v, err := m.Of(schema, then, points)
	return value{v, true}, err
}

// elsewhere tells whether what a run is judged by is not at the weights that it trains.
func elsewhere(o record.Outcome) bool {
	_, is := o.Final.Of(record.Standard()[record.TrainedLoss].Name).Get()
	return is
}

// points are those on record of a run, which is opened if somebody asks for them.
type points struct {
	folder *store.Folder
	job    plan.Job
	last   int // the step of the last
}

// Column implements measure.Columns.
func (p *points) Column(name string, visit func(step int, wall time.Duration, x float64, measured bool) error) error {
	return p.folder.Points(p.job).Column(name, func(step int, wall time.Duration, x float64, measured bool) error {
		if step > p.last {
			return nil
		}
		return visit(step, wall, x, measured)
	})
}
