package store

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

var layout = []*v1.Tensor{{Name: "x", Shape: []int64{2}, Length: 2}}

func point(step int) *record.Sample {
	p := &record.Sample{Step: step, Epoch: -1, Row: true, Weights: []float64{math.Copysign(0, -1), 5e-324},
		Values: make([]record.Value, len(record.Standard()))}
	for i, x := range map[int]float64{record.TrainLoss: 1.0 / 3, record.GradientNorm: math.Pi, record.UpdateNorm: 1e-300,
		record.LearningRate: 0.1} {
		p.Set(i, x)
	}
	return p
}

func TestNumbersRoundTrip(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{Weights: layout})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Observe(point(0)); err != nil {
		t.Fatal(err)
	}
	if err := r.End(record.Outcome{Status: record.Diverged, Final: record.Named(map[string]record.Value{"train_loss": record.Measured(math.Inf(1))}),
		StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, StepsFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) != 2 || lines[0] != Columns+",x[0],x[1]" {
		t.Fatalf("%q", lines)
	}
	cells := strings.Split(lines[1], ",")
	for column, want := range map[int]float64{3: 1.0 / 3, 4: math.Pi, 5: 1e-300, 6: 0.1, 9: math.Copysign(0, -1), 10: 5e-324} {
		got, err := strconv.ParseFloat(cells[column], 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Errorf("column %d: %q, want %v", column, cells[column], want)
		}
	}
	if cells[1] != "" || cells[7] != "" || cells[8] != "" {
		t.Errorf("what was not measured is not empty: %q", lines[1])
	}
	var file struct{ Summary map[string]any }
	b, err = os.ReadFile(filepath.Join(dir, RunFile))
	if err == nil {
		err = json.Unmarshal(b, &file)
	}
	summary := file.Summary
	if err != nil || summary["final_train_loss"] != "Infinity" || summary["final_validation_loss"] != nil ||
		summary["steps_to_target"] != nil {
		t.Errorf("%v, %v", summary, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 2 {
		t.Errorf("more is left than the record and the steps: %v", left)
	}
}

// TestFlushedWithinASecond: what was observed is on disk before the run ends.
func TestFlushedWithinASecond(t *testing.T) {
	r, err := Create(filepath.Join(t.TempDir(), "run"), begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Observe(point(0)); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if b, err := os.ReadFile(r.path(stepsEnd)); err == nil && strings.Contains(string(b), "\n0,") {
			if err := r.End(record.Outcome{Status: record.Finished}); err != nil {
				t.Fatal(err)
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("not on disk after two seconds")
}

// TestDiskErrorIsReported: a file that takes no more bytes must fail the run, not lose its rows silently.
func TestDiskErrorIsReported(t *testing.T) {
	r, err := Create(filepath.Join(t.TempDir(), "run"), begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.file.Close(); err != nil { // as good as a full disk: every write fails
		t.Fatal(err)
	}
	var failed error
	for i := range 10_000 {
		if failed = r.Observe(point(i)); failed != nil {
			break
		}
	}
	if failed == nil {
		t.Error("ten thousand rows went nowhere without an error")
	}
	if err := r.End(record.Outcome{Status: record.Finished}); err == nil {
		t.Error("the end hides the error")
	}
	if b, err := os.ReadFile(r.path(endEnd)); err != nil ||
		!strings.Contains(string(b), `"status": "failed"`) {
		t.Errorf("the summary does not tell: %s, %v", b, err)
	}
}

// TestOutcomeIsReadBack: a resumed experiment must show of runs that ended what it showed of them then.
func TestOutcomeIsReadBack(t *testing.T) {
	at := record.Measured
	nan := at(math.NaN())
	for name, final := range map[string]map[string]record.Value{
		"function":       {"train_loss": at(1)},
		"regression":     {"train_loss": at(1), "validation_loss": at(2), "test_loss": at(3)},
		"classification": {"train_loss": at(1), "validation_loss": at(2), "test_loss": at(3), "validation_accuracy": at(0.5), "test_accuracy": at(0.25)},
		"diverged":       {"train_loss": nan, "validation_loss": nan, "test_loss": at(math.Inf(1)), "validation_accuracy": at(0), "test_accuracy": at(0)},
		"of another day": {"train_loss": nan, "sharpness": at(math.Inf(-1)), "a": at(1)},
		"never begun":    {},
	} {
		o := record.Outcome{Status: record.Diverged, Reason: "the loss is NaN", Steps: 7, Final: record.Named(final), StepsToTarget: 3, Restarts: 1,
			Wall: 3 * time.Second, Time: record.StepTime{Gradient: 1, Optimizer: 8623, Transport: 1_002_003}}
		if name == "never begun" {
			o.Time = record.StepTime{}
		}
		if name == "classification" {
			o.Effort = record.Effort{Spent: record.SpentBy(7, 224, true, record.Asked{}), Used: 2 * time.Second}
			o.ToTarget = record.Effort{Spent: record.SpentBy(3, 96, true, record.Asked{}), Used: time.Second}
			o.Weights = []record.Digest{record.DigestOf(3, []float64{1}), record.DigestOf(7, []float64{2})}
		}
		if name == "diverged" {
			o.Best = record.Named(map[string]record.Best{"train_loss": record.Best{}.With(record.Less, 4, math.Inf(-1)),
				"validation_accuracy": record.Best{}.With(record.More, 0, 0.5)})
		}
		r, err := Create(filepath.Join(t.TempDir(), "run"), begunWith("one"), Extra{})
		if err == nil {
			err = r.End(o)
		}
		if err != nil {
			t.Fatal(err)
		}
		s, err := stand(r.Dir())
		if err != nil || !s.published {
			t.Fatal(s, err)
		}
		if got := s.outcome(); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", o) { // as text, where NaN equals NaN
			t.Errorf("%s: got %+v\nwant %+v", name, got, o)
		}
	}
}
