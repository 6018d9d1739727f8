package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// Standing is how far the runs of an experiment have come.
type Standing struct {
	Before []plan.Result // what ended; a run whose record is damaged is there as one that failed
	Todo   []plan.Job    // to begin or to go on with
	Met    []Numerics    // of the runs that there are, each once
}

// Look finds out which runs have ended, and that all were begun as this experiment's. A run is known by its identity, whatever its
// folder is called. What this program meets must be what the runs met last, unless other numerics are accepted or nothing is
// left to do.
func (f *Folder) Look(ctx context.Context, e *config.Experiment, runs []plan.Job, now Numerics, accept bool) (Standing, error) {
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
		if err := ctx.Err(); err != nil {
			return s, err
		}
		fault := faults[r.Folder]
		var outcome record.Outcome
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
			s.Before = append(s.Before, plan.Result{Job: r, Outcome: record.Outcome{Status: record.Failed, Err: fault, StepsToTarget: -1}})
		case over:
			if dir := filepath.Join(f.Dir, r.Folder); f.lock != nil { // it was killed after its summary, before it removed these
				_ = errors.Join(remove(filepath.Join(dir, CheckpointFile)), tidy(dir))
			}
			s.Before = append(s.Before, plan.Result{Job: r, Outcome: outcome})
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
func assign(dir string, runs []plan.Job, found map[string]*Manifest) ([]string, error) {
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
		if change := plan.Change(part.begun, part.now); change != "" {
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
func state(dir string, m *Manifest) (o record.Outcome, over bool, err error) {
	s, err := readSummary(dir)
	if err != nil || s == nil {
		return o, false, err
	}
	if !s.over() {
		return s.outcome(), false, nil
	}
	if s.Status == record.Finished && s.Steps != m.Steps || s.Steps > m.Steps {
		return o, true, &Damaged{dir, fmt.Sprintf("%s says that the run was %s with step %d, and %s that it has %d steps", SummaryFile,
			s.Status, s.Steps, ManifestFile, m.Steps)}
	}
	return s.outcome(), true, verify(dir, s)
}
