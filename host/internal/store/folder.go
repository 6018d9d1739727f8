package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// ExperimentFile says of which experiment the results in a folder are. It is there before the first run begins.
const ExperimentFile = "experiment.json"

// Folder has the results of an experiment. As long as this program holds it no other writes there.
type Folder struct {
	Dir    string
	File   string // the experiment's that began in it
	lock   *lock
	unheld error // why it can only be looked at
	made   bool  // by this program
}

// Claim makes a new folder for the results of an experiment. If path is taken it tries path-2, path-3, ..., so that nothing
// recorded is ever overwritten and two programs never share a folder.
func Claim(path string, e *config.Experiment) (*Folder, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, noFolder(err)
	}
	dir := path
	for i := 2; ; i++ {
		err := os.Mkdir(dir, 0o755)
		if err == nil {
			f, err := Use(dir, e, nil)
			if err != nil {
				_ = os.Remove(dir) // if nothing is in it
				return nil, err
			}
			f.made = true
			return f, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, noFolder(err)
		}
		dir = fmt.Sprintf("%s-%d", path, i)
	}
}

// Use takes a folder for runs that are to begin, none of which may have results there, and says there of which experiment they are.
func Use(dir string, e *config.Experiment, runs []plan.Job) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, noFolder(err)
	}
	l, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir, File: e.File, lock: l}
	if err := tidy(dir); err != nil {
		return nil, errors.Join(noFolder(err), f.Close())
	}
	for _, r := range runs {
		if _, err := os.Lstat(filepath.Join(dir, r.Folder)); err == nil {
			return nil, errors.Join(fmt.Errorf("%s holds results already; they are never overwritten: "+
				"choose another --out, or go on with them with --resume", filepath.Join(dir, r.Folder)), f.Close())
		}
	}
	path := filepath.Join(dir, ExperimentFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := atomicfile.WriteJSON(path, begun{time.Now().UTC(), ConfigHash(e), e}); err != nil {
			return nil, errors.Join(noFolder(err), f.Close())
		}
	}
	return f, nil
}

func noFolder(err error) error {
	return fmt.Errorf("cannot make a folder for the results: %w; choose another with --out", err)
}

// Resume takes a folder with results to go on with. If it cannot be held, runs that ended can be looked at all the same.
func Resume(dir string) (*Folder, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("there is nothing to resume: there is no folder %s; leave --resume away, or say where with --out", dir)
	}
	l, err := takeLock(dir)
	f := &Folder{Dir: dir, lock: l, unheld: err}
	if b, ok := readBegun(dir); ok {
		f.File = b.Experiment.File
	}
	if l != nil {
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

// Discard is Close before anything was begun: of a new folder nothing is left.
func (f *Folder) Discard() error {
	if !f.made {
		return f.Close()
	}
	return errors.Join(os.Remove(filepath.Join(f.Dir, ExperimentFile)), f.Close(), os.Remove(f.Dir))
}

// Begin opens the folder of a run, a new one or one to go on with. layout is the problem's.
func (f *Folder) Begin(e *config.Experiment, r plan.Job, p *plugin.Process, offer optimizer.Plane, env Environment,
	layout []*v1.Tensor) (*Recorder, error) {
	plane, err := p.Plane(offer)
	if err != nil {
		return nil, err
	}
	m := NewManifest(e, r, p, plane, env)
	if m.Identity != r.Identity {
		return nil, fmt.Errorf("plugin %q: its program changed since the experiment was checked: start again", r.Optimizer.Plugin)
	}
	extra := Extra{Schema: e.Schema(r.Optimizer)}
	if e.Record.Parameters {
		extra.Weights = layout
	}
	dir := filepath.Join(f.Dir, r.Folder)
	switch begun, err := readManifest(dir); {
	case err == nil:
		return reopen(dir, begun, m, extra)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	recorder, err := Create(dir, m, extra)
	if err != nil {
		return nil, fmt.Errorf("cannot make the run's folder: %w", err)
	}
	return recorder, nil
}
