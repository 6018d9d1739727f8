package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/steepest/steepest/host/internal/record"
)

// look finds out which runs are over. What this program meets must be what runs met that it goes on with, unless other numerics are
// accepted.
func (f *Folder) look(ctx context.Context, now Numerics) error {
	f.now = now
	return f.lookFrom(ctx, 0, now, f.place.Accept)
}

// lookFrom looks at the runs from one on.
func (f *Folder) lookFrom(ctx context.Context, from int, now Numerics, accept bool) error {
	names, err := runsIn(f.Dir, f.jobs(from))
	if err != nil {
		return err
	}
	if from == 0 && f.place.Resume && !f.known() && !slices.ContainsFunc(names, func(name string) bool { return name != "" }) {
		return nothing(f.Dir, f.asked)
	}
	if from == 0 && !f.known() {
		f.Written = lastWritten(f.Dir)
	}
	looks, err := f.glances(ctx, from, names)
	if err != nil {
		return err
	}
	other, left := "", false
	earlier := map[string]*begun{}
	for i, g := range looks {
		s := &f.runs[from+i]
		for _, n := range g.met {
			f.meet(n)
		}
		if g.whole != nil {
			earlier[g.whole.ConfigHash] = g.whole
		}
		if !s.over() && g.partial && other == "" {
			if change := g.met[len(g.met)-1].Difference(now); change != "" {
				other = fmt.Sprintf("%s was computed with another %s", f.run(s).Dir, change)
			}
		}
		left = left || !s.over()
	}
	switch {
	case f.readOnly:
		return nil
	case !left:
		f.watcher.alone(f.worker) // the last program may have been killed before it could leave
		if from == 0 && (len(f.asked.Expect) > 0 || len(f.asked.Figures) > 0 || f.known()) {
			_ = f.keepAsked() // what is asked, claimed and shown now; if nothing can be written here, that is no fault
		}
		return nil
	case other != "" && !accept:
		return errors.New(other + "; bits computed here would differ: go on where and as it was begun, " +
			"or accept that with --accept-numerics, which is recorded")
	}
	return f.join(slices.Collect(maps.Values(earlier)))
}

// join makes this program one of those that make runs of the experiment, which is kept beside them, as are those of an earlier version.
func (f *Folder) join(earlier []*begun) error {
	f.meet(f.now)
	if err := f.enter(); err != nil {
		return err
	}
	if err := f.keepEarlier(earlier); err != nil {
		return noFolder(err)
	}
	if err := f.keepAsked(); err != nil {
		return noFolder(err)
	}
	return nil
}

// known tells whether the experiment was begun in the folder.
func (f *Folder) known() bool {
	o, ok := originOf(f.Dir)
	return ok && slices.Contains(o.hashes, f.hash)
}

// glance is what is worth to know of a run beside how it stands.
type glance struct {
	there   bool // it was begun, or what there is of it is damaged
	met     []Numerics
	partial bool   // there is something to go on with
	whole   *begun // the experiment, of an earlier version
}

// glances is glance of the runs from one on, in the folders of some names, and keeps how those stand that were begun.
func (f *Folder) glances(ctx context.Context, from int, names []string) ([]glance, error) {
	looks := make([]glance, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for i := range names {
		group.Go(func() (err error) {
			if err = ctx.Err(); err != nil {
				return err
			}
			r := f.run(&f.runs[from+i])
			if looks[i], err = f.glance(&r, names[i]); looks[i].there {
				f.runs[from+i].there = &r
			}
			return err
		})
	}
	return looks, group.Wait()
}

// glance finds out how a run stands whose folder has a name, empty if it was not begun.
func (f *Folder) glance(r *Run, name string) (g glance, err error) {
	if name != "" {
		r.Dir = filepath.Join(f.Dir, name)
	}
	s, err := stand(r.Dir)
	g.there = true
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if old := filepath.Join(f.Dir, r.ID); name == "" && r.ID != FolderOf(r.Job) {
			if _, err := stand(old); err != nil && !errors.Is(err, fs.ErrNotExist) { // there is no telling whether it is this one
				r.Dir = old
				r.damage(err)
			}
		}
		g.there = r.over
		return g, nil
	case err != nil:
		r.damage(err)
		return g, nil
	case s.begun == nil:
		return g, nil
	case s.begun.Identity != r.Identity:
		return g, fmt.Errorf("%s has another run than its name says, of the identity %s; move it away", r.Dir, s.begun.Identity)
	}
	if !f.readOnly {
		taken, err := f.takeOver(*r) // its program was killed before it could
		if err == nil && taken {
			s, err = stand(r.Dir)
		}
		if err != nil {
			return g, err
		}
	}
	r.Execution = s.begun.Execution
	g.met, g.whole, g.partial = s.begun.Met(), s.begun.whole, s.base() >= 0 && !s.published
	if s.ended() && s.record.Summary.Status == record.Failed && (f.place.Resume || f.place.Rerun == RerunFailed || f.place.Rerun == RerunAll) {
		r.again = s.n
	}
	if r.Lacks = s.begun.lacks(r.Workload, r.Workload.Schema(*r.Optimizer)); r.Lacks != "" && !s.published {
		r.Lacks, r.anew = "", true // what there is of it would not go on as is asked now
	}
	r.anew = r.anew || s.published && f.place.Rerun.replaces(s.record.Summary.Status)
	if r.look(s); r.over && s.published && r.Status != record.Failed && !f.readOnly {
		_ = s.recover() // its program was killed over its publication; if nothing can be written here that does no harm
	}
	return g, nil
}

func (f *Folder) meet(n Numerics) {
	if !slices.Contains(f.met, n) {
		f.met = append(f.met, n)
	}
}
