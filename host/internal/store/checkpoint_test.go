package store

import (
	"bytes"
	"crypto/sha256"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

var checkpoint = &train.Checkpoint{Step: 7, Weights: []float64{1.0 / 3, math.Copysign(0, -1)}, StepsToTarget: -1,
	Used: 12345 * time.Microsecond, Kept: []record.Digest{record.DigestOf(3, []float64{1})},
	Best: record.Named(map[string]record.Best{"train_loss": record.Best{}.With(record.Less, 3, 0.1)}), Watch: []float64{math.Inf(1), 0.1, 2},
	Optimizer: optimizer.Snapshot{Version: "1 V:vec", State: []byte("state\n\x00")}}

func TestCheckpointRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := r.Load(); c != nil || err != nil {
		t.Fatalf("before the first: %v, %v", c, err)
	}
	for k := range 7 {
		if err := r.Observe(point(k)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Save(checkpoint); err != nil {
		t.Fatal(err)
	}
	c, err := r.Load()
	if err != nil || c.Step != 7 || !slices.Equal(c.Weights, checkpoint.Weights) || c.StepsToTarget != -1 ||
		!slices.Equal(c.Watch, checkpoint.Watch) || !slices.Equal(c.Best, checkpoint.Best) ||
		c.Used != checkpoint.Used || !slices.Equal(c.Kept, checkpoint.Kept) ||
		c.Optimizer.Version != checkpoint.Optimizer.Version || !bytes.Equal(c.Optimizer.State, checkpoint.Optimizer.State) {
		t.Fatalf("%+v, %v", c, err)
	}
	if err := r.End(record.Outcome{Status: record.Interrupted}); err != nil {
		t.Fatal(err)
	}

	// Every single damaged byte is noticed.
	file := filepath.Join(dir, "attempt-1.checkpoint")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		bad := slices.Clone(good)
		bad[i] ^= 1
		if _, _, err := readCheckpoint(bad); err == nil {
			t.Errorf("byte %d changed unnoticed", i)
		}
		if _, _, err := readCheckpoint(good[:i]); err == nil {
			t.Errorf("cut off at %d unnoticed", i)
		}
	}
	// So is a record that lost rows since.
	if err := os.Truncate(filepath.Join(dir, "attempt-1.steps.csv"), 200); err != nil {
		t.Fatal(err)
	}
	if r, err = again(dir, begunWith("one")); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Load(); err == nil || !strings.Contains(err.Error(), "move the run's folder away") {
		t.Errorf("a shorter record: %v", err)
	}
	if err := r.End(record.Outcome{Status: record.Interrupted}); err != nil {
		t.Fatal(err)
	}
}

// TestReopen: a record is gone on with behind its last complete row, wherever it was cut off.
func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	for k := range 3 {
		p := point(k)
		if k == 2 { // as a run that fails in the middle of a step leaves it
			p.Values[record.UpdateNorm], p.Values[record.LearningRate] = record.Value{}, record.Value{}
		}
		if err := r.Observe(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(record.Outcome{Status: record.Failed}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(filepath.Join(dir, "attempt-1.steps.csv"))
	if err != nil {
		t.Fatal(err)
	}
	ends := []int{}
	for i, b := range whole {
		if b == '\n' {
			ends = append(ends, i+1)
		}
	}
	for cut := range len(whole) + 1 {
		if testing.Short() && cut%8 != 0 {
			continue
		}
		s, err := stand(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.n.file(dir, stepsEnd), whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := again(dir, begunWith("one"))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := -1
		for row, end := range ends[1:3] { // the third row is not complete
			if cut >= end {
				want = row
			}
		}
		if step, _ := r.Recorded(); step != want {
			t.Errorf("cut at %d: recorded up to %d, want %d", cut, step, want)
		}
		if err := r.End(record.Outcome{Status: record.Interrupted}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile((s.n + 1).file(dir, stepsEnd))
		if err != nil || string(b) != string(whole[:ends[want+1]]) {
			t.Fatalf("cut at %d: %q, %v", cut, b, err)
		}
	}
	s, err := stand(dir)
	if err == nil {
		err = os.WriteFile(s.n.file(dir, stepsEnd), []byte("step,other\n1,2\n"), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again(dir, begunWith("one")); err == nil || !strings.Contains(err.Error(), "its columns are not those") {
		t.Errorf("another file: %v", err)
	}
}

func FuzzCheckpoint(f *testing.F) {
	var good bytes.Buffer
	if err := writeCheckpoint(&good, checkpoint, 99); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes()[:good.Len()-sha256.Size])
	f.Add([]byte(`{"format":"steepest checkpoint 1","weights":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, _, err := readCheckpoint(sealed(b)); err == nil && len(c.Weights)*8+len(c.Optimizer.State) > len(b) {
			t.Errorf("%d weights and %d bytes of state from %d bytes", len(c.Weights), len(c.Optimizer.State), len(b))
		}
	})
}

// sealed puts the right checksum behind bytes, which a fuzzer would never find.
func sealed(b []byte) []byte {
	sum := sha256.Sum256(b)
	return append(slices.Clone(b), sum[:]...)
}
