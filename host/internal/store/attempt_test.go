package store

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

// elsewhere is a program on another machine.
func elsewhere(id string) Worker { return Worker{ID: id, PID: 1, Host: "elsewhere"} }

// made makes points of a run and ends it.
func made(r *Recorder, from, to int) error {
	for k := from; k <= to; k++ {
		if err := r.Observe(point(k)); err != nil {
			return err
		}
	}
	return r.End(record.Outcome{Status: record.Finished, Steps: to, StepsToTarget: -1})
}

// whole tells whether a run is published, with nothing but its record beside its steps.
func whole(dir string) error {
	s, err := stand(dir)
	if err == nil && !s.published {
		err = errors.New("it is not published")
	}
	if err == nil {
		err = s.verify()
	}
	if files, _ := os.ReadDir(dir); err == nil && len(files) != 2 {
		err = errors.New("there are other files")
	}
	return err
}

// TestStaleWorker: a program that was taken for dead, and wakes up whenever the other has come to, changes nothing of the run that
// another took over, publishes nothing beside it, and is told so.
func TestStaleWorker(t *testing.T) {
	for _, wakes := range []string{"before the other made a step", "before it ended", "after it ended"} {
		dir := filepath.Join(t.TempDir(), "run")
		stale, err := claim(dir, nil, begunWith("one"), elsewhere("stale"), Extra{})
		if err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			if err := stale.Observe(point(k)); err != nil {
				t.Fatal(err)
			}
		}
		if err := stale.Save(&train.Checkpoint{Step: 3, Weights: []float64{1, 2}}); err != nil {
			t.Fatal(err)
		}
		s, err := stand(dir)
		if err != nil {
			t.Fatal(err)
		}
		other, err := claim(dir, s, begunWith("one"), elsewhere("other"), Extra{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := claim(dir, s, begunWith("one"), elsewhere("third"), Extra{}); !errors.Is(err, ErrHeld) {
			t.Errorf("two took it over: %v", err)
		}
		if step, _ := other.Recorded(); step != 2 {
			t.Errorf("it goes on from %d", step)
		}
		if c, err := other.Load(); err != nil || c == nil || c.Step != 3 {
			t.Errorf("%+v, %v", c, err)
		}
		wake := func() {
			t.Helper()
			_ = stale.Save(&train.Checkpoint{Step: 4, Weights: []float64{8, 9}})
			if err := made(stale, 3, 9); !errors.Is(err, ErrLost) {
				t.Errorf("%s: it is told %v", wakes, err)
			}
		}
		if wakes == "before the other made a step" {
			wake()
		}
		if err := other.Observe(point(3)); err != nil {
			t.Fatal(err)
		}
		if wakes == "before it ended" {
			wake()
		}
		if err := made(other, 4, 9); err != nil {
			t.Fatal(err)
		}
		if wakes == "after it ended" {
			wake()
		}
		if err := whole(dir); err != nil {
			t.Errorf("%s: %v", wakes, err)
		}
		if r, err := readRun(dir, RunFile); err != nil || r.Worker.ID != "other" || r.Attempt != 2 || len(r.Resumed) != 1 {
			t.Errorf("%+v, %v", r, err)
		}
	}
}

// TestLateClaim: whoever looked before a run was begun, and claims it after it was published and cleared, gets nothing and changes
// nothing.
func TestLateClaim(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	first, err := claim(dir, nil, begunWith("one"), elsewhere("first"), Extra{})
	if err == nil {
		err = made(first, 0, 9)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := claim(dir, nil, begunWith("one"), elsewhere("late"), Extra{}); !errors.Is(err, ErrDone) {
		t.Errorf("got %v", err)
	}
	if err := whole(dir); err != nil {
		t.Error(err)
	}
}

// TestPublication: wherever a program is killed over the publication of a run, the next one brings it to its end, and readers see the
// whole run before.
func TestPublication(t *testing.T) {
	for killed, after := range map[string]func(dir string) error{
		"before the link": func(string) error { return nil },
		"after the link":  func(dir string) error { return os.Link(attempt(1).file(dir, endEnd), filepath.Join(dir, RunFile)) },
		"without links, in the middle of the record": func(dir string) error {
			b, err := os.ReadFile(attempt(1).file(dir, endEnd))
			return errors.Join(err, os.WriteFile(filepath.Join(dir, RunFile), b[:len(b)/2], 0o644))
		},
		"after the steps got their name": func(dir string) error {
			return errors.Join(os.Link(attempt(1).file(dir, endEnd), filepath.Join(dir, RunFile)),
				os.Rename(attempt(1).file(dir, stepsEnd), filepath.Join(dir, StepsFile)))
		},
	} {
		parent := t.TempDir()
		dir := filepath.Join(parent, "run")
		r, err := claim(dir, nil, begunWith("one"), newWorker("killed"), Extra{})
		if err != nil {
			t.Fatal(err)
		}
		r.record.Worker = elsewhere("killed")
		r.publisher = &publisher{busy: true} // which never comes to it
		r.record.Steps = 9
		if err := errors.Join(made(r, 0, 9), after(dir)); err != nil {
			t.Fatal(killed, err)
		}
		records, faults, err := ReadRecords(t.Context(), dir)
		if err != nil || len(faults) > 0 || len(records) != 1 || records[0].Status != record.Finished {
			t.Fatalf("%s: %+v, %v, %v", killed, records, faults, err)
		}
		points := 0
		if err := records[0].Column("step", func(int, time.Duration, float64, bool) error { points++; return nil }); err != nil || points != 10 {
			t.Errorf("%s: %d points, %v", killed, points, err)
		}
		s, err := stand(dir)
		if err != nil {
			t.Fatal(killed, err)
		}
		f := &Folder{Dir: parent, watcher: newWatcher(parent)}
		if s.published {
			err = s.recover()
		} else {
			if err := f.finish(s); !errors.Is(err, ErrHeld) {
				t.Errorf("%s: it is not waited for: %v", killed, err)
			}
			f.watcher.now = func() time.Time { return time.Now().Add(leaseTerm) }
			if err = f.finish(s); errors.Is(err, ErrDone) {
				err = nil
			}
		}
		if err = errors.Join(err, whole(dir)); err != nil {
			t.Errorf("%s: %v", killed, err)
		}
	}
}

// TestTorn: a claim that a power cut left without content, or that is being written, is waited for, and then taken over.
func TestTorn(t *testing.T) {
	for _, text := range []string{"", "\x00\x00\x00", `{"run_id": "r"`} {
		dir := filepath.Join(t.TempDir(), "run")
		if err := errors.Join(os.Mkdir(dir, 0o755), os.WriteFile(attempt(1).file(dir, claimEnd), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
		f := &Folder{Dir: filepath.Dir(dir), watcher: newWatcher(filepath.Dir(dir))}
		if _, err := f.free(Run{Dir: dir}); !errors.Is(err, ErrHeld) {
			t.Errorf("%q: %v", text, err)
		}
		f.watcher.now = func() time.Time { return time.Now().Add(leaseTerm) }
		s, err := f.free(Run{Dir: dir})
		if err != nil || s == nil || s.n != 1 {
			t.Fatalf("%q: %+v, %v", text, s, err)
		}
		r, err := claim(dir, s, begunWith("one"), elsewhere("next"), Extra{})
		if err == nil {
			err = made(r, 0, 9)
		}
		if err = errors.Join(err, whole(dir)); err != nil {
			t.Errorf("%q: %v", text, err)
		}

		// A run that paused still has, for whoever decides what becomes of it.
		dir = filepath.Join(t.TempDir(), "paused")
		r, err = claim(dir, nil, begunWith("one"), elsewhere("first"), Extra{})
		for k := range 5 {
			err = errors.Join(err, r.Observe(point(k)))
		}
		err = errors.Join(err, r.End(record.Outcome{Status: record.Paused, Steps: 4, StepsToTarget: -1}))
		if err = errors.Join(err, os.WriteFile(attempt(2).file(dir, claimEnd), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
		s, err = stand(dir)
		if err != nil || s.ended() || len(s.rungs()) != 1 || s.rungs()[0].Steps != 4 {
			t.Errorf("%q: %+v, %v, %v", text, s, s.rungs(), err)
		}
	}
}

// TestLease: a program is alive as long as its sign of life changes, whatever clocks and times of files say; on this machine it is gone
// with its process, which is not that of another with its number.
func TestLease(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	o := newWatcher(dir)
	o.now = func() time.Time { return now }
	w := elsewhere("w")
	p, err := newPulse(dir, w, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.end()
	for n := range 5 {
		if err := p.write(beat{w, 100 + n}); err != nil {
			t.Fatal(err)
		}
		if o.expired(w, "") {
			t.Fatal("it is taken for dead though it changes")
		}
		now = now.Add(2 * leaseTerm)
	}
	close(p.stop)
	<-p.done
	p.stop = make(chan struct{})
	if err := p.write(beat{w, 200}); err != nil {
		t.Fatal(err)
	}
	if o.expired(w, "") {
		t.Error("it is taken for dead at the first look")
	}
	now = now.Add(leaseTerm - 1)
	if o.expired(w, "") {
		t.Error("it is taken for dead before the term")
	}
	now = now.Add(1)
	if !o.expired(w, "") {
		t.Error("it is never taken for dead")
	}
	if runtime.GOOS != "linux" {
		return
	}
	here := newWorker("here")
	if here.gone() {
		t.Error("this program is taken for dead")
	}
	sleep := exec.Command("sleep", "60")
	if err := sleep.Start(); err != nil {
		t.Fatal(err)
	}
	other := here
	other.PID = sleep.Process.Pid
	if !other.gone() {
		t.Error("another process with the number is taken for it")
	}
	other.Start, _ = processStart(other.PID)
	if other.gone() {
		t.Error("a living process is taken for dead")
	}
	if err := sleep.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for range 1000 { // it is not waited for yet
		if other.gone() {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !other.gone() {
		t.Error("a killed process is not taken for dead")
	}
	_ = sleep.Wait()
	results := t.TempDir() // in which a program was killed that had nothing left to do
	left, err := newPulse(results, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	close(left.stop)
	<-left.done
	folders, err := Place{Out: results}.Claim(t.Context(), []plan.Plan{planned(t, small)})
	if err != nil || folders[0].Close() != nil || exists(filepath.Join(results, workersDir)) {
		t.Errorf("the sign of life of a dead program is left: %v", err)
	}
	other.Kernel = strings.Replace(other.Kernel, "pid", "another", 1)
	if other.gone() {
		t.Error("processes of another machine or container are judged by their numbers")
	}
}

// TestGroupCommit: however many runs end, one wait for the disk is enough for all that ended meanwhile.
func TestGroupCommit(t *testing.T) {
	parent := t.TempDir()
	p := newPublisher(parent)
	const runs = 200
	for i := range runs {
		r, err := claim(filepath.Join(parent, "run-"+string(rune('a'+i/26))+string(rune('a'+i%26))), nil, begunWith("one"), elsewhere("w"), Extra{})
		if err != nil {
			t.Fatal(err)
		}
		r.publisher, r.failed = p, func(err error) { t.Error(err) }
		if err := made(r, 0, 9); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	all, _ := filepath.Glob(filepath.Join(parent, "*"))
	for _, dir := range all {
		if err := whole(dir); err != nil {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if len(all) != runs || p.syncs > runs/4 {
		t.Errorf("%d runs, %d syncs", len(all), p.syncs)
	}
}

// BenchmarkRun claims, records and publishes runs of 200 steps.
func BenchmarkRun(b *testing.B) {
	parent := b.TempDir()
	p := newPublisher(parent)
	points := make([]*record.Sample, 201)
	for k := range points {
		points[k] = point(k)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m := begunWith("one")
		m.Seed = uint64(i)
		m.Identity = m.Asked().Identity()
		r, err := claim(filepath.Join(parent, m.Identity[:IdentityDigits]), nil, m, elsewhere("w"), Extra{})
		if err != nil {
			b.Fatal(err)
		}
		r.publisher, r.failed = p, func(err error) { b.Error(err) }
		for _, p := range points {
			if err := r.Observe(p); err != nil {
				b.Fatal(err)
			}
		}
		if err := r.End(record.Outcome{Status: record.Finished, Steps: 200, StepsToTarget: -1}); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(p.syncs), "syncs")
}

// TestVerifyWhilePublished: rows that get their name while a run is looked at are found under either, and those of an attempt that was killed before are
// never taken for them.
func TestVerifyWhilePublished(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := claim(dir, nil, begunWith("one"), newWorker("it"), Extra{})
	if err == nil {
		err = made(r, 0, 9)
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := stand(dir)
	if err != nil || !s.published {
		t.Fatal(s, err)
	}
	s.n = 2
	path, own := filepath.Join(dir, StepsFile), s.n.file(dir, stepsEnd)
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(attempt(1).file(dir, stepsEnd), text[:bytes.LastIndexByte(text[:len(text)-1], '\n')+1], 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if err := os.Rename(path, own); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		group.Go(func() {
			if err := os.Rename(own, path); err != nil {
				t.Error(err)
			}
		})
		if err := s.verify(); err != nil {
			t.Fatal(err)
		}
		group.Wait()
	}
}
