package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

// Folder has the results of an experiment. Other programs may work on the same experiment meanwhile.
type Folder struct {
	Dir   string
	Notes []string // what is worth to know before it is gone on with
	// Written is the experiment that was begun in it last, as its files had it; nil if it is the very one that is asked for, or if there is none.
	Written map[string]any

	asked    plan.Plan
	place    Place
	hash     string // of the experiment
	worker   Worker // this program
	began    time.Time
	file     string // of the experiment that began in it
	met      []Numerics
	now      Numerics
	readOnly bool     // it is only looked at
	made     bool     // by this program
	kept     []string // the files of experiments that this program wrote

	entering  sync.Mutex
	pulse     *pulse        // nil as long as there is nothing to do
	stopped   chan struct{} // is closed when this program is asked to stop
	watcher   *watcher
	publisher *publisher

	mu    sync.Mutex
	runs  []state        // of the jobs, in their order
	index map[string]int // of a run, by its ID
}

// state is what a folder knows of the run of a job. It is small: of most runs there is nothing to know until their records are read at the end.
type state struct {
	plan.Job
	there  *Run            // as it was found, or changed since; nil if nothing was
	failed *record.Outcome // for want of a record
	tried  bool            // this program ended an attempt
}

// over tells whether nothing is to be done any more.
func (s *state) over() bool { return s.there != nil && s.there.over }

func newFolder(dir string, asked plan.Plan, p Place) *Folder {
	f := &Folder{Dir: dir, asked: asked, place: p, hash: ConfigHash(asked.Experiment), worker: newWorker(NewExecution()), index: map[string]int{}, began: time.Now().UTC(), file: asked.File,
		watcher: newWatcher(dir), publisher: newPublisher(dir), stopped: make(chan struct{})}
	f.add(asked.Jobs)
	return f
}

func (f *Folder) add(jobs []plan.Job) {
	f.runs = slices.Grow(f.runs, len(jobs))
	for _, j := range jobs {
		f.index[j.ID] = len(f.runs)
		f.runs = append(f.runs, state{Job: j})
	}
}

// run is the run of a job that was told.
func (f *Folder) run(s *state) Run {
	if s.there == nil {
		return Run{Job: s.Job, Dir: filepath.Join(f.Dir, FolderOf(s.Job)), Execution: f.worker.ID, Outcome: unknown()}
	}
	r := *s.there
	r.Job = s.Job
	return r
}

// change changes what is known of the run of a job.
func (f *Folder) change(j plan.Job, by func(*Run)) {
	s := f.state(j)
	r := f.run(s)
	by(&r)
	s.there = &r
}

func (f *Folder) state(j plan.Job) *state { return &f.runs[f.index[j.ID]] }

// Extend takes more jobs of the experiment, of a next stage, and finds out how their runs stand. Those that it knows may pause elsewhere now.
func (f *Folder) Extend(ctx context.Context, jobs []plan.Job) error {
	f.mu.Lock()
	from := len(f.runs)
	var more []plan.Job
	for _, j := range jobs {
		i, known := f.index[j.ID]
		if !known {
			more = append(more, j)
			continue
		}
		if f.runs[i].Until != j.Until {
			f.runs[i].tried = false
		}
		f.runs[i].Job = j
	}
	f.add(more)
	f.mu.Unlock()
	if len(more) == 0 {
		return nil
	}
	return f.lookFrom(ctx, from, f.now, true)
}

// MakeAgain lets runs be made from the start of which there is what another search made, that cannot be gone on with. Their records are kept.
func (f *Folder) MakeAgain(jobs []plan.Job) error {
	f.mu.Lock()
	for _, j := range jobs {
		f.change(j, (*Run).makeAgain)
		f.state(j).tried = false
	}
	f.mu.Unlock()
	if f.readOnly {
		return nil
	}
	return f.join(nil)
}

// Jobs are all that it was told of.
func (f *Folder) Jobs() []plan.Job {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.jobs(0)
}

// jobs are those from one on.
func (f *Folder) jobs(from int) []plan.Job {
	jobs := make([]plan.Job, 0, len(f.runs)-from)
	for _, s := range f.runs[from:] {
		jobs = append(jobs, s.Job)
	}
	return jobs
}

// Record opens the record of a job's run, as far as there is one.
func (f *Folder) Record(j plan.Job) (*Record, error) {
	f.publisher.flush()
	dir := filepath.Join(f.Dir, j.ID) // of an imported run
	if _, ours := f.index[j.ID]; ours {
		dir = f.Run(j).Dir
	}
	r, err := ReadRecord(dir)
	return r, missing(dir, err)
}

// missing says which record is not there.
func missing(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no record of a run in %s (%w); if it was moved away, put it back, and run again to go on", dir, err)
	}
	return err
}

// FolderOf is the name of the folder of a run: a name for people, and what it is known by.
func FolderOf(j plan.Job) string {
	if len(j.Identity) < IdentityDigits {
		return j.ID
	}
	return j.ID + "-" + j.Identity[:IdentityDigits]
}

// IdentityDigits are as many of a run's identity as its folder's name ends with.
const IdentityDigits = 12

// begin makes a new folder for the results of an experiment. If path is taken by another it tries path-2, path-3, ... The folder appears with
// its experiment in it: of two programs that begin one at once, one makes the folder and the other finds it.
func begin(path string, asked plan.Plan, p Place) (f *Folder, err error) {
	parent := filepath.Dir(path)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return nil, noFolder(err)
	}
	half := filepath.Join(parent, fmt.Sprintf(".%s.%016x", filepath.Base(path), rand.Uint64()))
	if err := os.Mkdir(half, 0o777); err != nil {
		return nil, noFolder(err)
	}
	defer func() { _ = os.RemoveAll(half) }() // it is gone if all went well
	f = newFolder(half, asked, p)
	if err := f.keepAsked(); err != nil {
		return nil, noFolder(err)
	}
	dir := path
	for i := 2; ; i++ {
		if !exists(dir) {
			if err = os.Rename(half, dir); err == nil {
				break
			}
		}
		if !exists(dir) {
			return nil, noFolder(err)
		}
		if found, err := find(parent, asked); found != "" || err != nil {
			return use(found, asked, p)
		}
		dir = fmt.Sprintf("%s-%d", path, i)
	}
	f = newFolder(dir, asked, p)
	f.made, f.kept = true, []string{filepath.Join(dir, ExperimentFile)}
	return f, nil
}

// use takes a folder for the results of an experiment, and makes it if it is not there.
func use(dir string, asked plan.Plan, p Place) (*Folder, error) {
	made := os.MkdirAll(filepath.Dir(dir), 0o777) == nil && os.Mkdir(dir, 0o777) == nil
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, noFolder(err)
	}
	f := newFolder(dir, asked, p)
	f.made = made
	if o, ok := originOf(dir); ok {
		f.began, f.file = o.Began, o.Experiment.File
	}
	return f, nil
}

func noFolder(err error) error {
	return fmt.Errorf("cannot make a folder for the results: %w; choose another with --out", err)
}

// enter makes this program one of those that work on the experiment.
func (f *Folder) enter() (err error) {
	f.entering.Lock()
	defer f.entering.Unlock()
	if f.pulse != nil {
		return nil
	}
	if f.pulse, err = newPulse(f.Dir, f.worker, func() { close(f.stopped) }); err != nil {
		f.pulse = nil
		return fmt.Errorf("%s cannot be written to: %w; choose another folder with --out", f.Dir, err)
	}
	if f.watcher.alone(f.worker) {
		err := tidy(filepath.Join(f.Dir, plugin.CopiesDir))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return errors.Join(err, tidy(f.Dir))
	}
	return nil
}

// Gone tells whether the folder was moved or removed.
func (f *Folder) Gone() bool { return !exists(f.Dir) }

// Close publishes what this program made, and leaves the experiment to others.
func (f *Folder) Close() error {
	if f == nil || f.pulse == nil {
		return nil
	}
	err := f.publisher.close()
	f.pulse.end()
	f.pulse = nil
	if f.Gone() {
		return fmt.Errorf("%s is gone: it was moved or removed while runs in it were made; put it back, and run again to go on with it", f.Dir)
	}
	return err
}

// Discard is Close before anything was begun: nothing is left that was not there.
func (f *Folder) Discard() error {
	err := f.Close()
	errs := []error{err}
	for _, file := range f.kept {
		errs = append(errs, remove(file))
	}
	if f.made {
		errs = append(errs, os.Remove(f.Dir))
	}
	return errors.Join(errs...)
}

// ErrDone is the error of a job that is over: there is nothing to begin.
var ErrDone = errors.New("the run is over")

// Begin opens the folder of a run, a new one or one to go on with. The error is ErrDone if there is nothing to
// begin, and ErrHeld if another program has begun.
func (f *Folder) Begin(j plan.Job, processes []*plugin.Process, offer optimizer.Plane, env Environment) (*Recorder, error) {
	run := f.Run(j)
	if run.over {
		return nil, ErrDone
	}
	s, err := f.free(run)
	if err != nil {
		return nil, err
	}
	var replay *train.Replay
	if run.toMeasure() {
		replay = replayOf(run, f.now)
		run.Dir = f.aside(run)
		if err := os.MkdirAll(filepath.Dir(run.Dir), 0o777); err != nil {
			return nil, err
		}
	}
	var plugins []PluginProgram
	for _, p := range processes {
		about, err := newPlugin(p, offer)
		if err != nil {
			return nil, err
		}
		plugins = append(plugins, about)
	}
	m := f.newManifest(j, plugins, env)
	if m.Identity != j.Identity {
		return nil, fmt.Errorf("plugin %q: its program changed since the experiment was checked: start again", j.Optimizer.PluginNames())
	}
	recorder, err := claim(run.Dir, s, m, f.worker, extraOf(j, m.Record))
	if err != nil {
		if path, is := errors.AsType[*fs.PathError](err); is && s == nil {
			err = fmt.Errorf("cannot make the run's folder: %w", path)
		}
		return nil, err
	}
	recorder.publisher, recorder.failed = f.publisher, func(err error) { f.unpublished(j, err) }
	if recorder.replay = replay; replay != nil {
		recorder.published = func() error {
			if err := f.takePlace(f.Run(j)); !errors.Is(err, ErrHeld) {
				return err
			}
			return nil // another program does it
		}
	}
	return recorder, nil
}

// free finds out how a run stands that this program may begin, nil if nothing is there.
func (f *Folder) free(run Run) (*standing, error) {
	if run.toMeasure() && filepath.Dir(run.Dir) != filepath.Join(f.Dir, AgainDir) {
		return f.again(run)
	}
	s, err := stand(run.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case s.published && run.anew, run.isOutdated(s):
		return nil, f.replace(run)
	case s.published || run.rests(s) || run.waits(s):
		return nil, ErrDone
	case s.ended() && run.anew:
		return nil, f.replace(run)
	case s.ended():
		if s.record.Summary.over() { // its program did not come to publish it
			return nil, f.finish(s)
		}
		return s, nil
	}
	worker, key := Worker{}, s.n.file(s.dir, claimEnd)
	if s.record != nil {
		worker = s.record.Worker
	}
	if s.n > 0 && !f.watcher.expired(worker, key) {
		return nil, ErrHeld
	}
	if run.anew {
		return nil, f.replace(run)
	}
	return s, nil
}

// finish publishes a run that came to its end, if its program does not.
func (f *Folder) finish(s *standing) error {
	if !f.watcher.expired(s.record.Worker, "") {
		return ErrHeld
	}
	if err := s.verify(); err != nil {
		return err
	}
	if err := syncAll(f.Dir, []string{s.steps(), s.n.file(s.dir, endEnd)}); err != nil {
		return err
	}
	if err := publish(s.dir, s.n); err != nil && !errors.Is(err, ErrLost) {
		return err
	}
	return ErrDone
}

// unpublished notes that a run ended, but its record could not be made to last, or is another's.
func (f *Folder) unpublished(j plan.Job, err error) {
	if errors.Is(err, ErrLost) {
		return
	}
	o := unknown()
	o.Status, o.Err = record.Failed, err
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state(j).failed = &o
}
