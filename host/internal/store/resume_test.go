package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

// begunWith is the manifest of a run that met an arithmetic.
func begunWith(blas string) Manifest {
	m := Manifest{Run: "r", Steps: 9, Started: time.Now(), Experiment: Reference{Name: "e"}, Problem: &config.Problem{}}
	m.Numerics.BLAS, m.Host.Version = blas, blas
	m.Identity = m.Asked().Identity()
	return m
}

// again goes on with a run.
func again(dir string, m Manifest) (*Recorder, error) {
	s, err := stand(dir)
	if err != nil {
		return nil, err
	}
	return claim(dir, s, m, newWorker(NewExecution()), Extra{})
}

// TestSegments: steps that are made again under another arithmetic take the places of those that were made before, and the
// manifest says from which step on which one holds. Under the same arithmetic no row is written twice.
func TestSegments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	observe := func(from, to int) {
		t.Helper()
		for k := from; k < to; k++ {
			p := point(k)
			p.Set(record.TrainLoss, float64(from)) // as another arithmetic would change it
			if err := r.Observe(p); err != nil {
				t.Fatal(err)
			}
		}
	}
	end := func() {
		t.Helper()
		if err := r.End(record.Outcome{Status: record.Interrupted}); err != nil {
			t.Fatal(err)
		}
	}
	observe(0, 5)
	if err := r.Save(&train.Checkpoint{Step: 5, Weights: []float64{1, 2}}); err != nil {
		t.Fatal(err)
	}
	observe(5, 8)
	end()
	for _, c := range []struct {
		blas string
		next int // the step whose row is written next
	}{{"one", 8}, {"two", 5}, {"two", 8}, {"one", 5}} {
		if r, err = again(dir, begunWith(c.blas)); err != nil {
			t.Fatal(err)
		}
		step, _ := r.Recorded()
		if step != c.next-1 {
			t.Errorf("%s: recorded up to %d, want %d", c.blas, step, c.next-1)
		}
		if saved, err := r.Load(); err != nil || saved.Step != 5 {
			t.Errorf("%+v, %v", saved, err)
		}
		observe(c.next, 8)
		end()
	}
	found, err := stand(dir)
	if err != nil {
		t.Fatal(err)
	}
	m := found.record
	var met []string
	for _, n := range m.Met() {
		met = append(met, n.BLAS)
	}
	if got := strings.Join(met, " "); got != "one one two two one" || m.Resumed[1].Step != 5 || m.Resumed[1].Host.Version != "two" {
		t.Errorf("%s, %+v", got, m.Resumed)
	}
	b, err := os.ReadFile(found.steps())
	if rows := strings.Split(strings.TrimSpace(string(b)), "\n"); err != nil || len(rows) != 9 || !strings.HasPrefix(rows[8], "7,,0.000000,5,") {
		t.Errorf("%q, %v", b, err)
	}
}

// TestNothingIsLostOnAFullDisk: a run that cannot be gone on with is as it was.
func TestNothingIsLostOnAFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	for k := range 3 {
		if err := r.Observe(point(k)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(record.Outcome{Status: record.Interrupted, Steps: 3}); err != nil {
		t.Fatal(err)
	}
	files := func() string {
		text := ""
		all, err := os.ReadDir(dir)
		for _, f := range all {
			b, bad := os.ReadFile(filepath.Join(dir, f.Name()))
			text += f.Name() + string(b)
			err = errors.Join(err, bad)
		}
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := files()
	// A folder in the place of a file is as good as a disk that takes nothing.
	for _, name := range []string{"attempt-2.claim", "attempt-2.steps.csv", "attempt-2.steps.csv.part"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Join(path, "full"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := again(dir, begunWith("one")); err == nil {
			t.Fatal("it went on")
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if after := files(); after != before {
			t.Errorf("%s: before\n%s\nafter\n%s", name, before, after)
		}
	}
}
