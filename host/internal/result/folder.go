package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/sweep"
	"github.com/steepest/steepest/host/internal/train"
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
		return nil, err
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
			return nil, err
		}
		dir = fmt.Sprintf("%s-%d", path, i)
	}
}

// Use takes a folder for runs that are to begin, none of which may have results there, and says there of which experiment they are.
func Use(dir string, e *config.Experiment, runs []sweep.Run) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	l, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	f := &Folder{Dir: dir, File: e.File, lock: l}
	for _, r := range runs {
		if _, err := os.Lstat(filepath.Join(dir, r.Folder)); err == nil {
			return nil, errors.Join(fmt.Errorf("%s holds results already; they are never overwritten: "+
				"choose another --out, or go on with them with --resume", filepath.Join(dir, r.Folder)), f.Close())
		}
	}
	path := filepath.Join(dir, ExperimentFile)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := atomicfile.WriteJSON(path, begun{time.Now().UTC(), ConfigHash(e), e}); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return f, nil
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

// Standing is how far the runs of an experiment have come.
type Standing struct {
	Before []sweep.Result // what ended; a run whose record is damaged is there as one that failed
	Todo   []sweep.Run    // to begin or to go on with
	Met    []Numerics     // of the runs that there are, each once
}

// Look finds out which runs have ended, and that all were begun as this experiment's. A run is known by its identity, whatever its
// folder is called. What this program meets must be what the runs met last, unless other numerics are accepted or nothing is
// left to do.
func (f *Folder) Look(e *config.Experiment, runs []sweep.Run, now Numerics, accept bool) (Standing, error) {
	var s Standing
	found, faults, err := manifests(f.Dir)
	if err != nil {
		return s, err
	}
	names, err := assign(f.Dir, runs, found)
	if err != nil {
		return s, err
	}
	if len(found) > 0 && !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		return s, fmt.Errorf("there is nothing to resume: %s has results, but none of %s; leave --resume away, or say where with --out",
			f.Dir, e.File)
	}
	other := ""
	for i, r := range runs {
		fault := faults[r.Folder]
		var outcome train.Outcome
		over := fault != nil
		if m := found[names[i]]; m != nil {
			r.Folder, r.Execution = names[i], m.Execution
			dir := filepath.Join(f.Dir, r.Folder)
			if err := fits(dir, m, e); err != nil {
				return s, err
			}
			last := s.met(m)
			if change := last.Difference(now); change != "" && other == "" {
				other = fmt.Sprintf("%s was computed with another %s", dir, change)
			}
			outcome, over, fault = state(dir, m)
		}
		switch {
		case fault != nil:
			s.Before = append(s.Before, sweep.Result{Run: r, Outcome: train.Outcome{Status: train.Failed, Err: fault, StepsToTarget: -1}})
		case over:
			s.Before = append(s.Before, sweep.Result{Run: r, Outcome: outcome})
		default:
			s.Todo = append(s.Todo, r)
		}
	}
	switch {
	case len(s.Todo) == 0:
		return s, nil
	case f.unheld != nil:
		return s, f.unheld
	case other != "" && !accept:
		return s, errors.New(other + "; bits computed here would differ: go on where and as it was begun, " +
			"or accept that with --accept-numerics, which is recorded")
	}
	s.meet(now)
	return s, nil
}

// met notes what a run met, and returns the last of it.
func (s *Standing) met(m *Manifest) (last Numerics) {
	for _, last = range m.Met() {
		s.meet(last)
	}
	return last
}

func (s *Standing) meet(n Numerics) {
	if !slices.Contains(s.Met, n) {
		s.Met = append(s.Met, n)
	}
}

// manifests reads those of all runs in a folder, by the names of their folders, and why others cannot be read.
func manifests(dir string) (found map[string]*Manifest, faults map[string]error, err error) {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	found, faults = map[string]*Manifest{}, map[string]error{}
	for _, folder := range folders {
		if m, err := readManifest(filepath.Join(dir, folder.Name())); err == nil {
			found[folder.Name()] = m
		} else if !errors.Is(err, fs.ErrNotExist) {
			faults[folder.Name()] = err
		}
	}
	return found, faults, nil
}

// assign finds the folder of each run that was begun: the one with its name if that has its identity, else another that has.
func assign(dir string, runs []sweep.Run, found map[string]*Manifest) ([]string, error) {
	names, taken, identities := make([]string, len(runs)), map[string]bool{}, map[string][]string{}
	for name, m := range found {
		identities[m.Identity] = append(identities[m.Identity], name)
	}
	for i, r := range runs {
		if slices.Contains(identities[r.Identity], r.Folder) {
			names[i], taken[r.Folder] = r.Folder, true
		}
	}
	for i, r := range runs {
		if names[i] != "" {
			continue
		}
		slices.Sort(identities[r.Identity])
		for _, name := range identities[r.Identity] {
			if !taken[name] && names[i] == "" {
				names[i], taken[name] = name, true
			}
		}
	}
	for i, r := range runs {
		if m := found[r.Folder]; names[i] == "" && m != nil {
			part, change := m.Asked().Difference(r.Asked)
			return nil, misfit(filepath.Join(dir, r.Folder), part, change)
		}
	}
	return names, nil
}

// fits refuses a run beside which those of an experiment would not compare, though they are asked the same.
func fits(dir string, m *Manifest, e *config.Experiment) error {
	for _, part := range []struct {
		name       string
		begun, now any
	}{{"recorded columns", m.Experiment.Record, e.Record}, {"target", m.Experiment.Target, e.Target}} {
		if change := sweep.Change(part.begun, part.now); change != "" {
			return misfit(dir, part.name, change)
		}
	}
	return nil
}

func misfit(dir, what, change string) error {
	return fmt.Errorf("%s was begun with another %s (%s); its steps would not fit together: run anew without --resume", dir, what,
		change)
}

// state returns how a run ended; over is false if it can be gone on with. The error is Damaged if its record cannot be.
func state(dir string, m *Manifest) (o train.Outcome, over bool, err error) {
	s, err := readSummary(dir)
	if err != nil || s == nil {
		return o, false, err
	}
	if !s.over() {
		return s.outcome(), false, nil
	}
	if s.Status == train.Finished && s.Steps != m.Steps || s.Steps > m.Steps {
		return o, true, &Damaged{dir, fmt.Sprintf("%s says that the run was %s with step %d, and %s that it has %d steps", SummaryFile,
			s.Status, s.Steps, ManifestFile, m.Steps)}
	}
	return s.outcome(), true, verify(dir, s)
}

// Begin opens the folder of a run, a new one or one to go on with. layout is the problem's.
func (f *Folder) Begin(e *config.Experiment, r sweep.Run, p *optimizer.Plugin, offer optimizer.Plane, env Environment,
	layout []*v1.Tensor) (*Recorder, error) {
	plane, err := p.Plane(offer)
	if err != nil {
		return nil, err
	}
	m := NewManifest(e, r, p, plane, env)
	if m.Identity != r.Identity {
		return nil, fmt.Errorf("plugin %q: its program changed since the experiment was checked: start again", r.Optimizer.Plugin)
	}
	extra := Extra{Scheduled: r.Optimizer.Scheduled()}
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

// begun is the content of ExperimentFile.
type begun struct {
	Began      time.Time          `json:"began"`
	ConfigHash string             `json:"config_hash"`
	Experiment *config.Experiment `json:"experiment"`
}

// readBegun reads of which experiment the results in a folder are; ok is false if it has none.
func readBegun(dir string) (b begun, ok bool) {
	text, err := os.ReadFile(filepath.Join(dir, ExperimentFile))
	if err == nil && json.Unmarshal(text, &b) == nil && b.Experiment != nil {
		return b, true
	}
	found, _, err := manifests(dir) // of an earlier version, or that file is damaged
	if err != nil {
		return b, false
	}
	for _, m := range found {
		if b.Experiment == nil || m.Started.Before(b.Began) {
			b = begun{m.Started, m.ConfigHash, m.Experiment}
		}
	}
	return b, b.Experiment != nil
}

// Find returns the folder, of those in parent, with the newest results of an experiment: of the same file, or of one that asks for
// the same. Results of an earlier version of the file count if they have one of its runs.
func Find(parent string, e *config.Experiment, runs []sweep.Run) (string, error) {
	type candidate struct {
		dir              string
		began            time.Time
		sameFile, sameIt bool
	}
	var all []candidate
	folders, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, folder := range folders {
		dir := filepath.Join(parent, folder.Name())
		if b, ok := readBegun(dir); ok {
			c := candidate{dir, b.Began, SamePath(b.Experiment.File, e.File), b.ConfigHash == ConfigHash(e)}
			if c.sameFile || c.sameIt {
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return "", fmt.Errorf("there is nothing to resume: %s has no results of %s; leave --resume away, or say where with --out",
			parent, e.File)
	}
	slices.SortFunc(all, func(a, b candidate) int { return b.began.Compare(a.began) })
	rank := func(c candidate) int {
		switch {
		case c.sameIt && c.sameFile:
			return 0
		case c.sameIt:
			return 1
		}
		return 2
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b candidate) int { return rank(a) - rank(b) })
	none := ""
	for _, c := range ranked {
		one, empty := shares(c.dir, runs)
		if one {
			return c.dir, nil
		}
		if empty && c.sameIt && none == "" {
			none = c.dir
		}
	}
	if none != "" {
		return none, nil
	}
	return all[0].dir, nil // Look says what changed since
}

// shares tells whether a folder has one of the runs, or none at all yet.
func shares(dir string, runs []sweep.Run) (one, empty bool) {
	found, faults, err := manifests(dir)
	if err != nil {
		return false, false
	}
	for _, m := range found {
		if slices.ContainsFunc(runs, func(r sweep.Run) bool { return r.Identity == m.Identity }) {
			return true, false
		}
	}
	return false, len(found) == 0 && len(faults) == 0
}

// SamePath tells whether two paths, as they were given in this folder, are one file's.
func SamePath(a, b string) bool {
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}
