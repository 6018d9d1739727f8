package store

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// TestWatch: a run is seen from its claim on, with what is recorded, until it is published, removed, or its program is gone; whatever does not change is
// seen as the same.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	w := NewWatch(dir)
	now := time.Now()
	w.watcher.now = func() time.Time { return now }
	look := func(want int) (runs []Going) {
		t.Helper()
		runs, err := w.Look(t.Context())
		if err != nil || len(runs) != want {
			t.Fatalf("%d runs, not %d: %v", len(runs), want, err)
		}
		return runs
	}
	look(0)
	changes := w.Changes()
	changed := func(what string, want bool) {
		t.Helper()
		if got := w.Changes() != changes; got != want {
			t.Errorf("%s: that something changed is %v", what, got)
		}
		changes = w.Changes()
	}
	m := begunWith("one")
	m.Run, m.Called, m.Seed, m.Steps, m.Optimizer.Name, m.Optimizer.Base = "a-seed3", "bowl", 3, 9, "a lr=1", "a"
	m.Identity = m.Asked().Identity()
	run := filepath.Join(dir, "a")
	r, err := claim(run, nil, m, elsewhere("there"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	one := look(1)[0]
	if !one.Alive || one.Ended || one.Problem != "bowl" || one.Optimizer != "a lr=1" || one.Base != "a" || one.Seed != 3 || one.Steps != 9 || one.Dir != run {
		t.Errorf("after its claim it is %+v", one.Progress)
	}
	changed("a claim", true)
	if look(1); w.seen[run].progress != one.Progress {
		t.Error("what did not change is not the same")
	}
	changed("nothing", false)
	now = now.Add(leaseTerm)
	if look(1)[0].Alive {
		t.Error("a program that gave no sign of life for the term is taken for alive")
	}
	changed("no sign of life", false)
	if err := os.WriteFile(filepath.Join(dir, ExperimentFile), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	look(1)
	changed("another experiment", true)
	if err := made(r, 0, 9); err != nil {
		t.Fatal(err)
	}
	last := look(1)[0]
	if last.Alive || !last.Ended || last.Status != record.Finished || last.Step != 9 {
		t.Errorf("when it ended it is %+v", last.Progress)
	}
	changed("its end", true)
	if err := os.Mkdir(filepath.Join(dir, AgainDir), 0o777); err != nil {
		t.Fatal(err)
	}
	r, err = claim(filepath.Join(dir, AgainDir, "a"), nil, m, elsewhere("again"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	if again := look(2)[1]; !again.Alive || again.Ended || again.Seed != 3 {
		t.Errorf("when it is measured again it is %+v", again.Progress)
	}
	if err := made(r, 0, 9); err != nil {
		t.Fatal(err)
	}
	look(1) // before it takes the place of the record
	if err := os.RemoveAll(filepath.Join(dir, AgainDir)); err != nil {
		t.Fatal(err)
	}
	look(1)
	changes = w.Changes()
	if rows, err := last.Sample(trainLoss, 100); err != nil || len(rows) != 10 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	early := time.Now().Add(-time.Hour)
	if err := os.Chtimes(run, early, early); err != nil {
		t.Fatal(err)
	}
	look(1)
	if err := os.WriteFile(filepath.Join(run, RunFile), []byte("damaged"), 0o666); err != nil { // which does not change the folder
		t.Fatal(err)
	}
	look(1)
	changed("what is not read again", false)
	if err := os.RemoveAll(run); err != nil {
		t.Fatal(err)
	}
	look(0)
	changed("its removal", true)
	if len(w.seen) > 0 {
		t.Error("what is gone is remembered")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Look(t.Context()); err == nil {
		t.Error("a folder that is gone is watched")
	}
}
