package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

// AgainDir has the folders of runs that are over and are made once more, since something is asked of them now that was not measured then:
// as long as they go on, the records that they are to take the places of stay there.
const AgainDir = ".again"

// exchangeRole begins the name of the role of the program that puts a run in the place of its record; that of its folder follows.
const exchangeRole = "exchange-"

// lacks names what is asked of a run now that its record does not have; empty if it has all.
func (m *Manifest) lacks(w *config.Workload, schema record.Schema) string {
	if m.Imported != nil {
		return "" // nothing can make it again
	}
	for _, name := range measured(schema) {
		if !slices.Contains(m.Quantities, name) {
			return name
		}
	}
	was, now := m.Record, w.Record
	switch {
	case now.Parameters && !was.Parameters:
		return "parameters"
	case now.Layers && !was.Layers:
		return "layers"
	case !covers(was.Points, now.Points, m.Steps):
		return "rows"
	case plan.Change(was.Validation, now.Validation) != "":
		return "validation"
	case now.Weights.End && !was.Weights.End, slices.ContainsFunc(now.Weights.Steps, func(k int) bool { return !was.Weights.Has(k) }):
		return "weights"
	case w.Target != nil && plan.Change(m.Target, w.Target) != "":
		return "target"
	}
	return ""
}

// measured are the quantities of a schema, beyond the standard ones and the hyperparameters, which follow from what is asked.
func measured(s record.Schema) (names []string) {
	for _, q := range s[len(record.Standard()):] {
		if !strings.HasPrefix(q.Name, record.HyperparameterPrefix) {
			names = append(names, q.Name)
		}
	}
	return names
}

// covers tells whether all of some points of a run are among others.
func covers(was, now record.Points, steps int) bool {
	if was.All() {
		return true
	}
	if now.All() {
		return false
	}
	for k := 0; k < steps; k = now.Next(k) {
		if k > 0 && !was.Has(k) {
			return false
		}
	}
	return true
}

// aside is where a run is made once more.
func (f *Folder) aside(r Run) string { return filepath.Join(f.Dir, AgainDir, filepath.Base(r.Dir)) }

// replayOf is the run on record that is made once more under other numerics, or the same.
func replayOf(r Run, now Numerics) *train.Replay {
	s, err := stand(r.Dir)
	if err != nil || s.begun == nil {
		return &train.Replay{}
	}
	met := s.begun.Met()
	replay := &train.Replay{Weights: r.Outcome.Weights, Numerics: met[len(met)-1].Difference(now)}
	if r.Status == record.Finished {
		replay.Steps = r.Outcome.Steps
	}
	return replay
}

// again finds out how a run that is measured again stands where it is made, as free does of others: nil if this program may begin, ErrDone
// once it has the place of its record.
func (f *Folder) again(run Run) (*standing, error) {
	aside := run
	aside.Dir = f.aside(run)
	if s, err := stand(aside.Dir); err == nil && run.rests(s) { // the last time it failed
		if err := os.RemoveAll(aside.Dir); err != nil {
			return nil, err
		}
	}
	s, err := f.free(aside)
	if err == nil && s == nil && !f.lacks(run, run.Dir) {
		return nil, ErrDone // another program made it
	}
	if !errors.Is(err, ErrDone) {
		return s, err
	}
	if taken, err := f.takeOver(run); err != nil {
		return nil, err
	} else if !taken {
		return nil, ErrHeld
	}
	if f.lacks(run, run.Dir) { // what was made was for an earlier version of the experiment
		return nil, nil
	}
	return nil, ErrDone
}

// lacks tells whether the record of a run in a folder has not all that is asked.
func (f *Folder) lacks(r Run, dir string) bool {
	s, err := stand(dir)
	return err == nil && s.begun != nil && s.begun.lacks(r.Workload, r.Workload.Schema(*r.Optimizer)) != ""
}

// takeOver is takePlace for a program that is gone. It tells whether there was something to do.
func (f *Folder) takeOver(r Run) (bool, error) {
	if s, err := stand(f.aside(r)); err == nil && s.published && f.watcher.expired(s.record.Worker, "") {
		err := f.takePlace(r)
		if errors.Is(err, ErrHeld) {
			return false, nil
		}
		return true, err
	}
	return false, nil // what cannot be read is not put anywhere; whoever looks at the run says so
}

// takePlace puts a run that was made once more, and is published, in the place of its record. That is kept too. A program that was killed
// over it may have come to exchange the two. Two that did so at once would exchange them twice: the error is ErrHeld for all but one.
func (f *Folder) takePlace(r Run) error {
	release, _, err := f.role(exchangeRole + filepath.Base(r.Dir))
	if err != nil {
		return err
	}
	defer release()
	from := f.aside(r)
	if !exists(filepath.Join(from, RunFile)) {
		return nil
	}
	if err := os.MkdirAll(filepath.Join(f.Dir, ReplacedDir), 0o777); err != nil {
		return err
	}
	if f.lacks(r, r.Dir) && !f.lacks(r, from) {
		if err := exchange(from, r.Dir); err != nil {
			return err
		}
		takeLandscapes(from, r.Dir)
	}
	if err := f.keepReplaced(from, r, func() bool { return true }); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(f.Dir, AgainDir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil // others are being made
	}
	return nil
}

// exchangeSlowly lets two folders have each other's names. If it is killed over that, the first name is free, and the folder that had it
// has the second: nothing is lost.
func exchangeSlowly(a, b string) error {
	half := a + halfEnd
	if err := os.Rename(b, half); err != nil {
		return err
	}
	if err := os.Rename(a, b); err != nil {
		return errors.Join(err, os.Rename(half, b))
	}
	return os.Rename(half, a)
}
