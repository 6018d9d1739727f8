package store

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// TestLacks: a run is measured again if something is asked that its record does not have, and for nothing else.
func TestLacks(t *testing.T) {
	schema := append(record.Standard(), record.Quantity{Name: "sharpness", Column: true}, record.Hyperparameter("beta1"))
	points := func(every int, steps ...int) config.Record {
		return config.Record{Points: record.Points{Every: every, Steps: steps}}
	}
	for name, c := range map[string]struct {
		was, now config.Record
		measured []string
		imported bool
		want     string
	}{
		"same":             {measured: []string{"sharpness"}},
		"quantity":         {want: "sharpness"},
		"imported":         {imported: true},
		"parameters":       {measured: []string{"sharpness"}, now: config.Record{Parameters: true}, want: "parameters"},
		"fewer parameters": {measured: []string{"sharpness"}, was: config.Record{Parameters: true}},
		"layers":           {measured: []string{"sharpness"}, now: config.Record{Layers: true}, want: "layers"},
		"fewer rows":       {measured: []string{"sharpness"}, now: points(10)},
		"all rows":         {measured: []string{"sharpness"}, was: points(10), want: "rows"},
		"every second":     {measured: []string{"sharpness"}, was: points(10), now: points(20)},
		"between":          {measured: []string{"sharpness"}, was: points(10), now: points(15), want: "rows"},
		"listed":           {measured: []string{"sharpness"}, was: points(10), now: points(0, 20, 30, 100)},
		"not listed":       {measured: []string{"sharpness"}, was: points(0, 20, 30), now: points(0, 20, 31), want: "rows"},
		"validation": {measured: []string{"sharpness"}, now: config.Record{Validation: record.Cadence{Epochs: 2}},
			want: "validation"},
		"weights":       {measured: []string{"sharpness"}, now: config.Record{Weights: record.Weights{End: true}}, want: "weights"},
		"other weights": {measured: []string{"sharpness"}, was: config.Record{Weights: record.Weights{Steps: []int{3}}}, now: config.Record{Weights: record.Weights{Steps: []int{3, 4}}}, want: "weights"},
		"fewer weights": {measured: []string{"sharpness"}, was: config.Record{Weights: record.Weights{Steps: []int{3, 4}}}, now: config.Record{Weights: record.Weights{Steps: []int{3}}}},
	} {
		m := &Manifest{Record: c.was, Quantities: c.measured, Steps: 100}
		if c.imported {
			m.Imported = &Imported{}
		}
		if got := m.lacks(&config.Workload{Experiment: &config.Experiment{Record: c.now}}, schema); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	w := &config.Workload{Experiment: &config.Experiment{}, Target: &measure.Target{Value: 0.5}}
	if got := (&Manifest{Steps: 1}).lacks(w, record.Standard()); got != "target" {
		t.Errorf("target: %q", got)
	}
}

func TestExchange(t *testing.T) {
	for name, f := range map[string]func(a, b string) error{"at once": exchange, "slowly": exchangeSlowly} {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
		for _, path := range []string{a, b} {
			if err := os.MkdirAll(filepath.Join(path, "of-"+filepath.Base(path)), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := f(a, b); err != nil || !exists(filepath.Join(a, "of-b")) || !exists(filepath.Join(b, "of-a")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTakeOver: a run that was measured again, by a program that was killed before it could put it in the place of its record or over that, is put
// there once that program is known to be gone, and what was there is kept.
func TestTakeOver(t *testing.T) {
	for name, exchanged := range map[string]bool{"before": false, "over it": true} {
		dir := againMade(t, exchanged)
		parent := filepath.Dir(dir)
		f, run := lacking(t, parent)
		if _, err := f.free(run); !errors.Is(err, ErrHeld) {
			t.Errorf("killed %s: it is not waited for: %v", name, err)
		}
		f.watcher.now = func() time.Time { return time.Now().Add(leaseTerm) }
		if _, err := f.free(run); !errors.Is(err, ErrDone) {
			t.Errorf("killed %s: %v", name, err)
		}
		placed(t, f, run, name)
	}
}

// TestTakeOverAtOnce: of several programs that find it so at once, one exchanges the folders.
func TestTakeOverAtOnce(t *testing.T) {
	for range 100 {
		dir := againMade(t, false)
		var ready, done sync.WaitGroup
		ready.Add(1)
		var one *Folder
		var run Run
		for range 4 {
			one, run = lacking(t, filepath.Dir(dir))
			f := one
			if err := f.enter(); err != nil {
				t.Fatal(err)
			}
			done.Go(func() {
				ready.Wait()
				if err := f.takePlace(run); err != nil && !errors.Is(err, ErrHeld) {
					t.Error(err)
				}
			})
		}
		ready.Done()
		done.Wait()
		placed(t, one, run, "by several at once")
	}
}

// againMade is a run whose record lacks something, and beside it the run that was made again, by programs that were killed.
func againMade(t *testing.T, exchanged bool) (dir string) {
	t.Helper()
	parent := t.TempDir()
	dir, aside := filepath.Join(parent, "r"), filepath.Join(parent, AgainDir, "r")
	if err := os.Mkdir(filepath.Dir(aside), 0o755); err != nil {
		t.Fatal(err)
	}
	more := begunWith("one")
	more.Record.Parameters = true
	for path, m := range map[string]Manifest{dir: begunWith("one"), aside: more} {
		r, err := claim(path, nil, m, elsewhere("killed"), Extra{})
		if err == nil {
			err = made(r, 0, 9)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if exchanged {
		if err := exchange(aside, dir); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// lacking is a program's view of it.
func lacking(t *testing.T, parent string) (*Folder, Run) {
	t.Helper()
	p := planned(t, small+"[record]\nparameters = true\n", plan.Job{ID: "r"})
	p.Jobs[0].Optimizer = &p.Jobs[0].Workload.Optimizers[0]
	f := newFolder(parent, p, Place{})
	t.Cleanup(func() { _ = f.Close() })
	run := f.Run(p.Jobs[0])
	run.Outcome.Status, run.Lacks = record.Finished, "parameters"
	return f, run
}

// placed holds the new record to be in its place, and the old one to be kept.
func placed(t *testing.T, f *Folder, run Run, killed string) {
	t.Helper()
	kept := filepath.Join(f.Dir, ReplacedDir, "r.1")
	if f.lacks(run, run.Dir) || whole(run.Dir) != nil || !f.lacks(run, kept) || whole(kept) != nil || exists(filepath.Join(f.Dir, AgainDir)) {
		t.Errorf("killed %s: the record lacks what was asked: %v; what was kept does: %v", killed, f.lacks(run, run.Dir), f.lacks(run, kept))
	}
}
