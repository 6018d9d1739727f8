package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

// taken are the results of one experiment with one job.
func taken(t *testing.T, dir string, p Place, j plan.Job) *Folder {
	t.Helper()
	p.Out = dir
	folders, err := p.Claim(t.Context(), []plan.Plan{planned(t, small, j)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folders[0].Close() })
	return folders[0]
}

// TestRerun: what is made again by its status, and that what stood there is kept.
func TestRerun(t *testing.T) {
	m := begunWith("one")
	for _, c := range []struct {
		status record.Status
		rerun  Rerun
		todo   bool
		kept   int // attempts or records
	}{
		{record.Finished, RerunNone, false, 0}, {record.Finished, RerunFailed, false, 0}, {record.Finished, RerunDiverged, false, 0},
		{record.Finished, RerunAll, true, 1}, {record.Diverged, RerunFailed, false, 0}, {record.Diverged, RerunDiverged, true, 1},
		{record.Failed, RerunNone, false, 0}, {record.Failed, RerunDiverged, false, 0}, {record.Failed, RerunFailed, true, 0},
		{record.Interrupted, RerunNone, true, 0},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		j := plan.Job{ID: "r", Identity: m.Identity, Steps: 9}
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		run := filepath.Join(dir, FolderOf(j))
		r, err := claim(run, nil, m, newWorker("before"), Extra{})
		if err != nil {
			t.Fatal(err)
		}
		for k := range 10 {
			if err := r.Observe(point(k)); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.End(record.Outcome{Status: c.status, Steps: 9, StepsToTarget: -1}); err != nil {
			t.Fatal(err)
		}
		f := taken(t, dir, Place{Rerun: c.rerun, Accept: true}, j)
		if todo := f.Todo(); (len(todo) == 1) != c.todo {
			t.Errorf("%s, %q: %d to do", c.status, c.rerun, len(todo))
		}
		s, err := f.free(f.Run(j))
		if c.todo != (err == nil) || c.kept > 0 && s != nil {
			t.Errorf("%s, %q: %+v, %v", c.status, c.rerun, s, err)
		}
		kept, _ := filepath.Glob(filepath.Join(dir, ReplacedDir, "*", RunFile))
		if len(kept) != c.kept {
			t.Errorf("%s, %q: kept are %v", c.status, c.rerun, kept)
		}
	}
}

// TestPrune: a run that waits at a rung is ended there, once; its rows stay, its checkpoint goes.
func TestPrune(t *testing.T) {
	m := begunWith("one")
	dir := filepath.Join(t.TempDir(), "out")
	j := plan.Job{ID: "r", Workload: &config.Workload{Experiment: &config.Experiment{}}, Optimizer: &config.Optimizer{}, Identity: m.Identity, Steps: 9, Until: 4}
	f := taken(t, dir, Place{}, j)
	run := f.Run(j).Dir
	r, err := claim(run, nil, m, f.worker, Extra{})
	if err != nil {
		t.Fatal(err)
	}
	for k := range 4 {
		if err := r.Observe(point(k)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Save(&train.Checkpoint{Step: 4, Weights: []float64{1, 2}}); err != nil {
		t.Fatal(err)
	}
	if err := r.End(record.Outcome{Status: record.Paused, Steps: 4, StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.free(f.Run(j)); err != ErrDone {
		t.Errorf("it is not known to wait: %v", err)
	}
	longer := f.Run(j)
	longer.Until = 9
	if s, err := f.free(longer); err != nil || s.base() != 1 {
		t.Errorf("it cannot go on: %v", err)
	}
	for range 2 {
		if err := f.PruneRuns(t.Context(), []plan.Job{j}); err != nil {
			t.Fatal(err)
		}
	}
	if err := whole(run); err != nil {
		t.Error(err)
	}
	if got := f.Runs()[0]; got.Status != record.Pruned || got.Outcome.Steps != 4 || !got.Over() {
		t.Errorf("%+v", got)
	}
}

// TestMakeAgain: of two programs that make a run again which another search pruned, one puts its record aside, and never what the other has begun.
func TestMakeAgain(t *testing.T) {
	m := begunWith("one")
	m.Execution = "before"
	dir := filepath.Join(t.TempDir(), "out")
	j := plan.Job{ID: "r", Identity: m.Identity, Steps: 9}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r, err := claim(filepath.Join(dir, FolderOf(j)), nil, m, newWorker("before"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	for k := range 4 {
		if err := r.Observe(point(k)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(record.Outcome{Status: record.Pruned, Steps: 3, StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	one, other := taken(t, dir, Place{Accept: true}, j), taken(t, dir, Place{Accept: true}, j)
	for _, f := range []*Folder{one, other} {
		if todo := f.Todo(); len(todo) != 1 {
			t.Fatalf("%d to do", len(todo))
		}
	}
	late := other.Run(j) // it has looked, and not yet come to put the record aside
	if s, err := one.free(one.Run(j)); s != nil || err != nil {
		t.Fatal(s, err)
	}
	m.Execution = one.worker.ID
	r, err = claim(one.Run(j).Dir, nil, m, one.worker, Extra{})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.replace(late); err != ErrHeld {
		t.Errorf("what the other makes was put aside: %v", err)
	}
	if err := r.Observe(point(0)); err != nil {
		t.Fatal(err)
	}
	if err := r.End(record.Outcome{Status: record.Finished, Steps: 9, StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	if _, err := other.free(late); err != ErrDone {
		t.Errorf("it is made once more: %v", err)
	}
	kept, _ := filepath.Glob(filepath.Join(dir, ReplacedDir, "*", RunFile))
	if len(kept) != 1 {
		t.Errorf("kept are %v", kept)
	}
}
