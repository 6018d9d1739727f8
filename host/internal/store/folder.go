package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Folder has the results of an experiment. As long as this program holds it no other writes there.
type Folder struct {
	Dir   string
	Notes []string // what is worth to know before it is gone on with

	asked     plan.Plan
	hash      string         // of the experiment
	execution string         // of what this program begins
	runs      []Run          // of the jobs, in their order
	index     map[string]int // of a run, by its ID
	began     time.Time
	file      string // of the experiment that began in it
	met       []Numerics
	lock      *lock
	unheld    error    // why it can only be looked at
	made      bool     // by this program
	kept      []string // the files of experiments that this program wrote

	mu     sync.Mutex
	failed map[string]record.Outcome // by the job's ID
}

func newFolder(dir string, asked plan.Plan) *Folder {
	f := &Folder{Dir: dir, asked: asked, hash: ConfigHash(asked.Experiment), execution: NewExecution(),
		index: map[string]int{}, failed: map[string]record.Outcome{}, began: time.Now().UTC(), file: asked.File}
	f.add(asked.Jobs)
	return f
}

func (f *Folder) add(jobs []plan.Job) {
	for _, j := range jobs {
		f.index[j.ID] = len(f.runs)
		f.runs = append(f.runs, Run{Job: j, Dir: filepath.Join(f.Dir, j.ID), Execution: f.execution, Outcome: unknown()})
	}
}

// Extend takes more jobs of the experiment, of a next stage, and finds out how their runs stand. Those that it knows may pause elsewhere now.
func (f *Folder) Extend(ctx context.Context, jobs []plan.Job) error {
	from := len(f.runs)
	var more []plan.Job
	for _, j := range jobs {
		if i, known := f.index[j.ID]; known {
			f.runs[i].Job = j
		} else {
			more = append(more, j)
		}
	}
	if len(more) == 0 {
		return nil
	}
	f.add(more)
	f.asked.Jobs = append(slices.Clip(f.asked.Jobs), more...)
	return f.lookFrom(ctx, from, NumericsMet(), true)
}

// Record opens the record of a job's run, as far as there is one.
func (f *Folder) Record(j plan.Job) (*Record, error) { return readRecord(f.Run(j).Dir) }

// begin makes a new folder for the results of an experiment. If path is taken it tries path-2, path-3, ..., so that nothing
// recorded is ever overwritten and two programs never share a folder.
func begin(path string, asked plan.Plan) (*Folder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, noFolder(err)
	}
	dir := path
	for i := 2; ; i++ {
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			return take(dir, true, asked)
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, noFolder(err)
		}
		dir = fmt.Sprintf("%s-%d", path, i)
	}
}

// use takes a folder that the user named for runs that are to begin, and makes it if it is not there.
func use(dir string, asked plan.Plan) (*Folder, error) {
	made := os.MkdirAll(filepath.Dir(dir), 0o755) == nil && os.Mkdir(dir, 0o755) == nil
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, noFolder(err)
	}
	return take(dir, made, asked)
}

// take takes a folder for runs that are to begin, none of which may have results there. If it cannot, nothing of a new one is left.
func take(dir string, made bool, asked plan.Plan) (f *Folder, err error) {
	f = newFolder(dir, asked)
	f.made = made
	defer func() {
		if err != nil {
			_ = f.Discard()
		}
	}()
	if f.lock, err = takeLock(dir); err != nil {
		return f, err
	}
	if err := tidy(dir); err != nil {
		return f, noFolder(err)
	}
	for _, r := range f.runs {
		if _, err := os.Lstat(r.Dir); err == nil {
			return f, fmt.Errorf("%s holds results already; they are never overwritten: "+
				"choose another --out, or go on with them with --resume", r.Dir)
		}
	}
	if err := f.keepAsked(); err != nil {
		return f, noFolder(err)
	}
	return f, nil
}

func noFolder(err error) error {
	return fmt.Errorf("cannot make a folder for the results: %w; choose another with --out", err)
}

// resume takes a folder with results to go on with. If it cannot be held, runs that ended can be looked at all the same.
func resume(dir string, asked plan.Plan) (*Folder, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("there is nothing to resume: there is no folder %s; leave --resume away, or say where with --out", dir)
	}
	f := newFolder(dir, asked)
	if o, ok := originOf(dir); ok {
		f.began, f.file = o.Began, o.Experiment.File
	}
	if f.lock, f.unheld = takeLock(dir); f.lock != nil {
		if err := tidy(dir); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
}

// Close lets other programs write there.
func (f *Folder) Close() error {
	if f == nil || f.lock == nil {
		return nil
	}
	l := f.lock
	f.lock = nil
	return l.release()
}

// Discard is Close before anything was begun: nothing is left that was not there.
func (f *Folder) Discard() error {
	var errs []error
	for _, file := range f.kept {
		errs = append(errs, remove(file))
	}
	errs = append(errs, f.Close())
	if f.made {
		errs = append(errs, os.Remove(f.Dir))
	}
	return errors.Join(errs...)
}

// ErrDone is the error of a job that is over: there is nothing to begin.
var ErrDone = errors.New("the run is over")

// Begin opens the folder of a run, a new one or one to go on with. layout is the problem's.
func (f *Folder) Begin(j plan.Job, p *plugin.Process, offer optimizer.Plane, env Environment, layout []*v1.Tensor) (*Recorder, error) {
	run := f.Run(j)
	if run.over {
		return nil, ErrDone
	}
	plane, err := p.Plane(offer)
	if err != nil {
		return nil, err
	}
	m := f.newManifest(j, p, plane, env)
	if m.Identity != j.Identity {
		return nil, fmt.Errorf("plugin %q: its program changed since the experiment was checked: start again", j.Optimizer.Plugin)
	}
	extra := Extra{Schema: j.Workload.Schema(j.Optimizer)}
	if m.Record.Parameters {
		extra.Weights = layout
	}
	switch begun, err := readManifest(run.Dir); {
	case err == nil:
		return reopen(run.Dir, begun, m, extra)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	recorder, err := Create(run.Dir, m, extra)
	if err != nil {
		return nil, fmt.Errorf("cannot make the run's folder: %w", err)
	}
	return recorder, nil
}
