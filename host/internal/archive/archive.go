// Package archive is about results as a whole: which there are, which of their runs a condition holds of, and what becomes of them.
package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/store"
)

// Found are results, how many of the runs were looked at, and those that were looked for.
type Found struct {
	*store.Results
	States map[string]int // how many runs have a status
	Faults []error        // of runs whose records are damaged
	Chosen []*store.Record
	part   bool // only a run of them was looked at, or only some were looked for and there is none
}

// Count is how many runs there are whose records are not damaged.
func (f Found) Count() (runs int) {
	for _, n := range f.States {
		runs += n
	}
	return runs
}

// Whole tells whether all runs in some results were chosen, so that these go as a whole.
func (f Found) Whole() bool { return !f.part && len(f.Chosen) == f.Count() && len(f.Faults) == 0 }

// Find looks for runs in folders: results, the folder of one run, or folders that have results in them. A run is chosen if the condition
// holds of it. A condition that can hold of no run, whatever these are, is an error. If none is chosen, the hint says what may have been
// meant; it may be empty.
func Find(ctx context.Context, folders []string, q query.Query) (all []Found, hint string, err error) {
	places, err := look(ctx, folders)
	if err != nil {
		return nil, "", err
	}
	met := newSense(q)
	any := false
	for _, p := range places {
		f, err := p.read(ctx, func(r *store.Record) bool {
			known := fields(p.Results, r)
			met.take(known)
			return q.Match(known)
		})
		if err != nil {
			return nil, "", err
		}
		f.part = f.part || len(q.Names()) > 0 && len(f.Chosen) == 0
		all, any = append(all, f), any || len(f.Chosen) > 0
	}
	if !any {
		hint = met.hint()
	}
	return all, hint, met.judge(ctx, places)
}

// Count is Find without the runs, of which no more is kept than how many there are.
func Count(ctx context.Context, folders []string) (all []Found, err error) {
	places, err := look(ctx, folders)
	for _, p := range places {
		f, err := p.read(ctx, func(*store.Record) bool { return false })
		if err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, err
}

// Folders are the results in folders, of which the runs are not read.
func Folders(ctx context.Context, folders []string) (all []*store.Results, err error) {
	places, err := look(ctx, folders)
	for _, p := range places {
		all = append(all, p.Results)
	}
	return all, err
}

// place is where runs are looked for.
type place struct {
	*store.Results
	run string // the folder of the only one that is looked at; empty for all
}

// look finds the results in folders.
func look(ctx context.Context, folders []string) (places []place, err error) {
	seen := map[string]bool{}
	add := func(dir, run string) error {
		if seen[dir] && run == "" {
			return nil
		}
		results, err := store.OpenResults(ctx, dir)
		if err == nil {
			places, seen[dir] = append(places, place{results, run}), true
		}
		return err
	}
	for _, folder := range folders {
		folder = filepath.Clean(folder)
		inside, err := os.ReadDir(folder)
		if err != nil {
			return nil, fmt.Errorf("there is no folder %s; name results, such as runs/quickstart, or a folder that has some", folder)
		}
		if isRun(inside) {
			if err := add(filepath.Dir(folder), filepath.Base(folder)); err != nil {
				return nil, err
			}
			continue
		}
		if err := add(folder, ""); err == nil || !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return nil, err
			}
			continue
		}
		any := false
		for _, f := range inside {
			if !f.IsDir() || strings.HasPrefix(f.Name(), ".") {
				continue
			}
			switch err := add(filepath.Join(folder, f.Name()), ""); {
			case err == nil:
				any = true
			case !errors.Is(err, fs.ErrNotExist):
				return nil, err
			}
		}
		if !any {
			return nil, fmt.Errorf("%s has no results in it", folder)
		}
	}
	return places, nil
}

// runs are all that are looked at.
func (p place) runs(ctx context.Context) iter.Seq2[*store.Record, error] {
	if p.run == "" {
		return p.Runs(ctx)
	}
	return func(yield func(*store.Record, error) bool) {
		if r, err := p.Run(p.run); !errors.Is(err, fs.ErrNotExist) { // it has just begun
			yield(r, err)
		}
	}
}

// read goes through the runs of some results, and keeps the chosen.
func (p place) read(ctx context.Context, chosen func(*store.Record) bool) (Found, error) {
	f := Found{Results: p.Results, States: map[string]int{}, part: p.run != ""}
	for r, err := range p.runs(ctx) {
		if _, damaged := errors.AsType[*store.Damaged](err); damaged {
			f.Faults = append(f.Faults, err)
			continue
		}
		if err != nil {
			return f, err
		}
		f.States[Status(r)]++
		if chosen(r) {
			f.Chosen = append(f.Chosen, r)
		}
	}
	return f, nil
}

// isRun tells whether a folder is that of a run.
func isRun(files []fs.DirEntry) bool {
	return slices.ContainsFunc(files, func(f fs.DirEntry) bool {
		return f.Name() == store.RunFile || f.Name() == store.ManifestFile || strings.HasPrefix(f.Name(), "attempt-")
	})
}
