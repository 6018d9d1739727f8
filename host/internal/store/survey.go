package store

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
)

// Survey is how the runs of an experiment stand, as far as there are results.
type Survey struct {
	Dir   string // where the results are, or will be
	There bool   // whether they are there
	// Written is the experiment that was begun there last, as its files had it; nil if that is the very one that is asked for now, or if
	// none was kept.
	Written map[string]any
	Notes   []string

	folder *Folder
}

// Standing is how a run stands.
type Standing int

// The ways to stand.
const (
	New     Standing = iota // nothing is recorded
	Partial                 // there is something to go on with
	Kept                    // it is over
	Again                   // it is over, and is made once more to measure what its record lacks
	Remade                  // another search pruned it, and it is made from the start
)

// Survey looks at the results of an experiment and changes nothing.
func (p Place) Survey(ctx context.Context, asked plan.Plan) (s Survey, err error) {
	if s.Dir = p.Out; s.Dir == "" {
		if s.Dir, err = find(p.Parent, asked); err != nil {
			return s, err
		}
	}
	if s.There = s.Dir != "" && exists(s.Dir); !s.There {
		if s.Dir == "" {
			s.Dir = filepath.Join(p.Parent, asked.Folder())
		}
		return s, nil
	}
	f := newFolder(s.Dir, asked, p)
	f.readOnly = true
	names, err := runsIn(f.Dir, asked.Jobs)
	if err != nil {
		return s, err
	}
	looks, err := f.glances(ctx, 0, names)
	if err != nil {
		return s, err
	}
	for _, g := range looks {
		for _, n := range g.met {
			f.meet(n)
		}
	}
	f.noteNumerics()
	f.noteOthers(NumericsMet(), looks)
	s.folder, s.Notes = f, f.Notes
	if !f.known() {
		s.Written = lastWritten(s.Dir)
	}
	return s, nil
}

// Folder has the results, only to be looked at; nil if there are none.
func (s Survey) Folder() *Folder { return s.folder }

// noteOthers notes that the runs that are left would meet other numerics than those that are there.
func (f *Folder) noteOthers(now Numerics, looks []glance) {
	left, partial := false, false
	for i, g := range looks {
		left = left || !f.runs[i].over()
		partial = partial || !f.runs[i].over() && g.partial
	}
	if !left || len(f.met) == 0 || slices.Contains(f.met, now) {
		return
	}
	note := fmt.Sprintf("the runs in %s met another %s than those that are left would", f.Dir, f.met[0].Difference(now))
	if partial {
		note += "; run goes on with those that were cut off only with --accept-numerics"
	}
	f.Notes = append(f.Notes, note)
}

// Stands tells how the run of a job stands.
func (s Survey) Stands(j plan.Job) Standing {
	if s.folder == nil {
		return New
	}
	r, known := s.folder.Find(j)
	switch {
	case !known:
		return New
	case r.over:
		return Kept
	case r.toMeasure():
		return Again
	case r.outdated != "":
		return Remade
	case exists(r.Dir):
		return Partial
	}
	return New
}

// lastWritten is the experiment that was asked for last in a folder, as its files had it.
func lastWritten(dir string) (written map[string]any) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var last time.Time
	for _, file := range files {
		if file.Name() != ExperimentFile && !another.MatchString(file.Name()) {
			continue
		}
		o, err := readOrigin(filepath.Join(dir, file.Name()))
		var e struct {
			Written map[string]any `json:"written"`
		}
		if err == nil && json.Unmarshal(o.whole, &e) == nil && e.Written != nil && !o.asked().Before(last) {
			last, written = o.asked(), e.Written
		}
	}
	return written
}
