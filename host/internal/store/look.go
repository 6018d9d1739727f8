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

// look finds out which runs have ended, and that all were begun as this experiment's. A run is known by its identity, whatever its
// folder is called. What this program meets must be what the runs met last, unless other numerics are accepted or nothing is
// left to do.
func (f *Folder) look(ctx context.Context, now Numerics, accept bool) error {
	return f.lookFrom(ctx, 0, now, accept)
}

// lookFrom looks at the runs from one on.
func (f *Folder) lookFrom(ctx context.Context, from int, now Numerics, accept bool) error {
	found, faults, err := manifests(f.Dir)
	if err != nil {
		return err
	}
	names, err := assign(f.Dir, f.asked.Jobs[from:], found)
	if err != nil {
		return err
	}
	if from == 0 && len(found) > 0 && !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		return fmt.Errorf("there is nothing to resume: %s has results, but none of %s; leave --resume away, or say where with --out",
			f.Dir, f.asked.File)
	}
	other, left := "", false
	for i := range f.runs[from:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := &f.runs[from+i]
		if m := found[names[i]]; m != nil {
			r.Dir, r.Execution = filepath.Join(f.Dir, names[i]), m.Execution
			if err := fits(r.Dir, m, r.Workload); err != nil {
				return err
			}
			last := f.meetAll(m)
			if change := last.Difference(now); change != "" && other == "" {
				other = fmt.Sprintf("%s was computed with another %s", r.Dir, change)
			}
			r.look(m)
		} else if fault := faults[r.ID]; fault != nil {
			r.damage(fault)
		}
		if r.over && r.Status != record.Failed && f.lock != nil { // it was killed after its summary, before it removed these
			_ = errors.Join(remove(filepath.Join(r.Dir, CheckpointFile)), tidy(r.Dir))
		}
		left = left || !r.over
	}
	switch {
	case !left:
		return nil
	case f.unheld != nil:
		return f.unheld
	case other != "" && !accept:
		return errors.New(other + "; bits computed here would differ: go on where and as it was begun, " +
			"or accept that with --accept-numerics, which is recorded")
	}
	f.meet(now)
	if err := f.keepEarlier(found); err != nil {
		return err
	}
	return f.keepAsked()
}

// meetAll notes what a run met, and returns the last of it.
func (f *Folder) meetAll(m *Manifest) (last Numerics) {
	for _, last = range m.Met() {
		f.meet(last)
	}
	return last
}

func (f *Folder) meet(n Numerics) {
	if !slices.Contains(f.met, n) {
		f.met = append(f.met, n)
	}
}

// manifests reads those of all runs in a folder, by the names of their folders, and why others cannot be read.
func manifests(dir string) (found map[string]*Manifest, faults map[string]error, err error) {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	found, faults = map[string]*Manifest{}, map[string]error{}
	whole := map[string]bool{}
	for _, folder := range folders {
		if m, err := readManifest(filepath.Join(dir, folder.Name())); err == nil {
			if found[folder.Name()] = m; whole[m.ConfigHash] {
				m.whole = nil // one of each is enough
			}
			whole[m.ConfigHash] = true
		} else if !errors.Is(err, fs.ErrNotExist) {
			faults[folder.Name()] = err
		}
	}
	return found, faults, nil
}

// assign finds the folder of each run that was begun: the one with its name if that has its identity, else another that has.
func assign(dir string, jobs []plan.Job, found map[string]*Manifest) ([]string, error) {
	names, taken, identities := make([]string, len(jobs)), map[string]bool{}, map[string][]string{}
	for name, m := range found {
		identities[m.Identity] = append(identities[m.Identity], name)
	}
	for i, j := range jobs {
		if slices.Contains(identities[j.Identity], j.ID) {
			names[i], taken[j.ID] = j.ID, true
		}
	}
	for i, j := range jobs {
		if names[i] != "" {
			continue
		}
		slices.Sort(identities[j.Identity])
		for _, name := range identities[j.Identity] {
			if !taken[name] && names[i] == "" {
				names[i], taken[name] = name, true
			}
		}
	}
	for i, j := range jobs {
		if m := found[j.ID]; names[i] == "" && m != nil {
			part, change := m.Asked().Difference(j.Asked)
			return nil, misfit(filepath.Join(dir, j.ID), part, change)
		}
	}
	return names, nil
}

// fits refuses a run beside which those of an experiment would not compare, though they are asked the same.
func fits(dir string, m *Manifest, w *config.Workload) error {
	for _, part := range []struct {
		name       string
		begun, now any
	}{{"recorded columns", m.Record, w.Record}, {"target", m.Target, w.Target}} {
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
	if s.Status == record.Finished && s.Steps != m.Steps && s.Reason == "" || s.Steps > m.Steps {
		return o, true, &Damaged{dir, fmt.Sprintf("%s says that the run was %s with step %d, and %s that it has %d steps", SummaryFile,
			s.Status, s.Steps, ManifestFile, m.Steps)}
	}
	return s.outcome(), true, verify(dir, s)
}
