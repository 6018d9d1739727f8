package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// Imported says where the record of a run is from that another program made. Nothing can replay such a run: what was asked of it is not
// known, only what its owner says.
type Imported struct {
	Format string            `json:"format"` // csv, tensorboard or recording
	Source string            `json:"source"` // absolute path
	Bytes  int64             `json:"bytes"`
	SHA256 string            `json:"sha256"`
	Names  map[string]string `json:"names,omitempty"` // of quantities, by what they were called there
	Time   time.Time         `json:"time"`            // when it was imported
	// Of a recording: the program of the plugin that made the steps, and in what.
	Plugin *ForeignPlugin `json:"plugin,omitempty"`
	Within string         `json:"within,omitempty"`
}

// ForeignPlugin is a plugin that another program than this one drove.
type ForeignPlugin struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// RecordingsDir is the folder, in that with results, in which other programs record runs that are to come there.
const RecordingsDir = ".recordings"

// Foreign is a run of another program.
type Foreign struct {
	Imported
	Problem, Optimizer string
	Hyperparameters    map[string]any
	Seed               uint64
	Began              time.Time // zero if nobody knows
	Quantities         []string
	Points             []Point // at ascending steps; there is one at least
}

// identity is the SHA-256 of the content that a run was imported from and of what was said of it: imported again it is the same run, and it
// is never one that can be asked for.
func (i *Imported) identity(m *Manifest) string {
	said := map[string]any{"imported": i.SHA256, "problem": m.Problem.Kind, "optimizer": m.Optimizer.Name, "seed": m.Seed}
	if len(i.Names) > 0 {
		said["names"] = i.Names
	}
	if len(m.Optimizer.Hyperparameters) > 0 {
		said["hyperparameters"] = m.Optimizer.Hyperparameters
	}
	if i.Plugin != nil {
		said["plugin"] = i.Plugin.SHA256
	}
	b, err := json.Marshal(said)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// identity is what a run is known by.
func (m *Manifest) identity() string {
	if m.Imported != nil {
		return m.Imported.identity(m)
	}
	return m.Asked().Identity()
}

// Import adds a run of another program to the results in a folder, which is made if it is not there, and returns the run's folder. The
// error is [ErrDone] if it has the run.
func Import(dir string, f Foreign) (run string, err error) {
	m, err := f.manifest(dir)
	if err != nil {
		return "", err
	}
	if err := keepImported(dir, &m); err != nil {
		return "", err
	}
	run = filepath.Join(dir, m.Run+"-"+m.Identity[:IdentityDigits])
	if exists(run) {
		return run, ErrDone
	}
	half := fmt.Sprintf("%s.%016x", filepath.Join(dir, "."+filepath.Base(run)), rand.Uint64())
	if err := f.record(half, m); err != nil {
		return "", errors.Join(err, os.RemoveAll(half))
	}
	if err := os.Rename(half, run); err != nil {
		return "", errors.Join(err, os.RemoveAll(half))
	}
	return run, nil
}

// manifest is that of the run, in the results in a folder.
func (f *Foreign) manifest(dir string) (Manifest, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Manifest{}, err
	}
	now := time.Now().UTC()
	i := f.Imported
	i.Time = now
	m := Manifest{Execution: NewExecution(), Problem: &config.Problem{Kind: f.Problem}, Seed: f.Seed, Steps: f.Points[len(f.Points)-1].Step,
		Optimizer: config.Optimizer{Name: f.Optimizer, Settings: config.Settings{Hyperparameters: f.Hyperparameters}}, Started: now, Imported: &i}
	if !f.Began.IsZero() {
		m.Started = f.Began
	}
	if o, ok := originOf(dir); ok {
		m.Experiment, m.ConfigHash = o.Experiment, o.ConfigHash
	} else {
		m.Experiment = Reference{filepath.Base(dir), i.Source}
	}
	m.Run = fmt.Sprintf("%s-seed%d", m.Optimizer.Folder(), m.Seed)
	m.Identity = m.identity()
	return m, nil
}

// keepImported makes a folder for results, if it is not there, that says what they are.
func keepImported(dir string, m *Manifest) error {
	path := filepath.Join(dir, ExperimentFile)
	if exists(path) {
		return nil
	}
	switch entries, err := os.ReadDir(dir); {
	case err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != RecordingsDir }):
		if _, ok := originOf(dir); ok {
			return nil // of an earlier version
		}
		return fmt.Errorf("%s is no results folder, and not empty; name another with --out", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return noFolder(err)
	}
	f := &Folder{Dir: dir, began: time.Now().UTC()}
	e := map[string]any{"name": m.Experiment.Name, "file": m.Experiment.File, "imported": true}
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	m.ConfigHash = hashOf(b)
	return f.keep(begun{ConfigHash: m.ConfigHash, File: m.Experiment.File, Experiment: e})
}

// record writes the record of the run into a new folder.
func (f *Foreign) record(dir string, m Manifest) error {
	schema := record.Standard()
	places := make([]int, len(f.Quantities))
	for i, name := range f.Quantities {
		if places[i] = schema.Index(name); places[i] < 0 || !schema[places[i]].Column {
			places[i] = len(schema)
			schema = append(schema, record.Quantity{Name: name, Column: true})
		}
	}
	r, err := Create(dir, m, Extra{Schema: schema})
	if err != nil {
		return err
	}
	last := f.Points[len(f.Points)-1]
	o := unknown()
	o.Status, o.Steps, o.Wall, o.Used = record.Finished, last.Step, last.Wall, last.Wall // no other time is known
	final, best := map[string]record.Value{}, map[string]record.Best{}
	for _, point := range f.Points {
		p := record.Sample{Step: point.Step, Wall: point.Wall, Epoch: -1, Row: true, Values: make([]record.Value, len(schema))}
		if x, known := point.Epoch.Get(); known {
			p.Epoch = int(x)
		}
		for i, v := range point.Values {
			x, measured := v.Get()
			if !measured {
				continue
			}
			name, better := f.Quantities[i], schema[places[i]].Better
			p.Values[places[i]], final[name] = v, v
			if better != record.Neither {
				best[name] = best[name].With(better, point.Step, x)
			}
		}
		if err := r.Observe(&p); err != nil {
			return errors.Join(err, r.abandon())
		}
	}
	for name, v := range final { // the last value of each, but of what runs have no value at the end
		if at := schema.Index(name); !schema[at].Final {
			delete(final, name)
		} else if x, _ := v.Get(); name == schema[record.TrainLoss].Name && (math.IsNaN(x) || math.IsInf(x, 0)) {
			o.Status, o.Reason = record.Diverged, fmt.Sprintf("the last %s is %v", name, x)
		}
	}
	o.Final, o.Best = record.Named(final), record.Named(best)
	return r.End(o)
}

// Imported are the runs of other programs in the folder, by the names of their optimizers, on the problems of the experiment: those of
// its name, or else of its kind; on any problem where there is no experiment. Each met the target of the experiment where the first of its points did. Those whose records are
// damaged are left out, and their errors are faults.
func (f *Folder) Imported() (runs []Run, faults []error) {
	ours := map[string]bool{} // of those whose names do not say which run they are
	for i := range f.runs {
		if s := &f.runs[i]; s.there != nil && filepath.Base(s.there.Dir) != FolderOf(s.Job) {
			ours[filepath.Base(s.there.Dir)] = true
		}
	}
	alone := map[string]*config.Workload{}
	folders, err := os.ReadDir(f.Dir)
	if err != nil {
		return nil, nil // who looks for runs of ours says why
	}
	for _, folder := range folders {
		if strings.HasPrefix(folder.Name(), ".") || ours[folder.Name()] || f.isOurs(folder.Name()) {
			continue
		}
		m, err := readRun(filepath.Join(f.Dir, folder.Name()), RunFile)
		if err != nil || m.Imported == nil {
			continue // of an earlier version of the experiment, or no run
		}
		w := f.workload(m.Problem.Kind)
		if w == nil && len(f.asked.Jobs) == 0 { // there are no others in the folder
			if w = alone[m.Problem.Kind]; w == nil {
				w = &config.Workload{Experiment: f.asked.Experiment, Name: m.Problem.Kind, Problem: *m.Problem}
				alone[w.Name] = w
			}
		}
		if w == nil {
			continue
		}
		r, err := ReadRecord(filepath.Join(f.Dir, folder.Name()))
		if err == nil {
			err = r.Reach(w.Target)
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		o := r.Optimizer
		o.Name += " (imported)"
		runs = append(runs, Run{Job: plan.Job{ID: filepath.Base(r.Dir), Workload: w, Problem: w.Name, Optimizer: &o, Seed: r.Seed, Steps: r.Steps,
			Identity: r.Identity}, Dir: r.Dir, Execution: r.Execution, Outcome: r.Outcome, over: true})
	}
	return runs, faults
}

// isOurs tells whether the name of a folder is that of a run of the experiment.
func (f *Folder) isOurs(name string) bool {
	for _, id := range []string{name, named.ReplaceAllString(name, "")} {
		if i, known := f.index[id]; known && FolderOf(f.runs[i].Job) == name {
			return true
		}
	}
	return false
}

// workload is that of the experiment on a problem, nil if it has none.
func (f *Folder) workload(problem string) *config.Workload {
	var w *config.Workload
	for _, j := range f.asked.Jobs {
		if j.Workload.Name == problem {
			return j.Workload
		}
		if w == nil && j.Workload.Problem.Kind == problem {
			w = j.Workload
		}
	}
	return w
}

// Reach finds the first point that meets a target.
func (r *Record) Reach(target *measure.Target) error {
	if target == nil {
		return nil
	}
	schema := record.Standard()
	places := make([]int, len(r.Quantities()))
	for i, name := range r.Quantities() {
		if places[i] = schema.Index(name); places[i] < 0 {
			places[i] = len(schema)
			schema = append(schema, record.Quantity{Name: name, Column: true})
		}
	}
	watch := measure.NewWatch(schema, target, measure.Stop{})
	return r.Points(func(p *Point) error {
		s := record.Sample{Step: p.Step, Wall: p.Wall, Row: true, Values: make([]record.Value, len(schema))}
		for i, v := range p.Values {
			s.Values[places[i]] = v
		}
		if reached, _, _ := watch.Judge(&s); reached && r.Outcome.StepsToTarget < 0 {
			r.Outcome.StepsToTarget, r.Outcome.ToTarget = p.Step, record.Effort{Used: p.Wall}
		}
		return nil
	})
}
