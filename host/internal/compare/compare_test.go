package compare

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

var inf, nan = math.Inf(1), math.NaN()

// same compares as text, where NaN equals NaN.
func same(a, b any) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{4, 1, 3, 2}, Spread{4, 1.75, 2.5, 3.25, 2.5, 2.5}}, // numpy.percentile([1, 2, 3, 4], [25, 50, 75])
		{[]float64{7}, Spread{1, 7, 7, 7, 7, 7}},
		{[]float64{1, inf, 2}, Spread{3, 1.5, 2, inf, 2, 2}},
		{[]float64{1, inf, inf}, Spread{3, inf, inf, inf, inf, inf}},
		{[]float64{5, 5, inf, inf}, Spread{4, 5, inf, inf, inf, inf}}, // R: quantile(c(5, 5, Inf, Inf), type = 7)
		{[]float64{1, nan, 2}, Spread{3, 1.5, 2, nan, 2, 2}},
		{[]float64{nan, inf, 1}, Spread{3, inf, inf, nan, inf, inf}},
		{[]float64{nan}, Spread{1, nan, nan, nan, nan, nan}},
		{nil, Spread{0, nan, nan, nan, nan, nan}},
	} {
		if got := (sample{values: c.values}).spread(); !same(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.values, got, c.want)
		}
	}
	s := sample{values: []float64{1, 2, 3, 4}, best: []float64{-inf}, worst: []float64{inf}}.spread()
	if s.Best != 2 || s.Median != 2.5 || s.Worst != 3 {
		t.Errorf("four values and one that is unknown: %+v", s)
	}
}

func run(name string, o record.Outcome) store.Run {
	return store.Run{Job: plan.Job{Optimizer: &config.Optimizer{Name: name}}, Outcome: o}
}

func TestRows(t *testing.T) {
	final := func(trainLoss, validationLoss, accuracy, testLoss float64) record.ByName[record.Value] {
		return record.Named(map[string]record.Value{"train_loss": record.Measured(trainLoss), "validation_loss": record.Measured(validationLoss),
			"validation_accuracy": record.Measured(accuracy), "test_loss": record.Measured(testLoss)})
	}
	rows := Rows([]store.Run{
		run("b", record.Outcome{Status: record.Finished, Final: final(2, 3, 0.5, nan), StepsToTarget: 10}),
		run("a", record.Outcome{Status: record.Failed, Final: final(100, 0, 0, 0), StepsToTarget: 1}),
		run("b", record.Outcome{Status: record.Diverged, Final: final(0, 0, 1, 0), StepsToTarget: -1}),
		run("b", record.Outcome{Status: record.Interrupted, Final: final(0, 0, 0, 0), StepsToTarget: -1}),
	}, record.Standard())
	if len(rows) != 2 || rows[0].Optimizer != "b" || rows[1].Failed != 1 || rows[1].Final["train_loss"].N != 0 {
		t.Fatalf("%+v", rows)
	}
	b := rows[0]
	if b.Runs != 3 || b.Finished != 1 || b.Diverged != 1 || b.Partial != 1 {
		t.Errorf("%+v", b)
	}
	if b.Final["train_loss"].N != 2 || !math.IsInf(b.Final["train_loss"].Median, 1) {
		t.Errorf("a diverged run improved the median: %+v", b.Final["train_loss"])
	}
	if b.Final["validation_accuracy"].N != 2 || !math.IsInf(b.Final["validation_accuracy"].Low, -1) {
		t.Errorf("a diverged run improved the accuracy: %+v", b.Final["validation_accuracy"])
	}
	if b.Final["test_loss"].N != 2 || !math.IsNaN(b.Final["test_loss"].High) || b.Final["test_accuracy"].N != 0 {
		t.Errorf("NaN is no value, or what was not measured is one: %+v, %+v", b.Final["test_loss"], b.Final["test_accuracy"])
	}
}

// TestStepsToTargetDropsNoRun: a run that never got there counts as never, and one of which nobody knows is shown apart.
func TestStepsToTargetDropsNoRun(t *testing.T) {
	const never = -1
	type runs []record.Outcome
	ended := func(s record.Status, steps ...int) (all runs) {
		for _, k := range steps {
			all = append(all, record.Outcome{Status: s, StepsToTarget: k, Steps: 100})
		}
		return all
	}
	for name, c := range map[string]struct {
		runs                 runs
		median, best, worst  float64
		n, reached, censored int
	}{
		"all diverge, two after they were there": {runs: ended(record.Diverged, 5, never, 5, never), median: inf, best: inf, worst: inf,
			n: 4, reached: 2},
		"all there":               {runs: ended(record.Finished, 12, 11, 13, 12), median: 12, best: 12, worst: 12, n: 4, reached: 4},
		"between two":             {runs: ended(record.Finished, 50, 55), median: 52.5, best: 52.5, worst: 52.5, n: 2, reached: 2},
		"at the start":            {runs: ended(record.Finished, 0), median: 0, best: 0, worst: 0, n: 1, reached: 1},
		"steps ran out for two":   {runs: ended(record.Finished, 7, never, 9, never, 8), median: 9, best: 9, worst: 9, n: 5, reached: 3, censored: 2},
		"steps ran out for three": {runs: ended(record.Finished, 7, never, never, never, 8), median: inf, best: inf, worst: inf, n: 5, reached: 2, censored: 3},
		"one diverged after":      {runs: slices.Concat(ended(record.Finished, 7, 9), ended(record.Diverged, 8)), median: 8, best: 8, worst: 8, n: 3, reached: 3},
		"one failed": {runs: slices.Concat(ended(record.Finished, 7, 9, 200), ended(record.Failed, never)), median: 9, best: 55, worst: 104.5,
			n: 3, reached: 3},
		"one was interrupted after": {runs: slices.Concat(ended(record.Finished, 7, 9), ended(record.Interrupted, 8)), median: 8, best: 8, worst: 8, n: 2, reached: 2},
		"one never began":           {runs: append(ended(record.Finished, 7, 9), record.Outcome{StepsToTarget: never}), median: 8, best: 7, worst: 9, n: 2, reached: 2},
		"none ended":                {runs: ended(record.Failed, 7, never), median: nan, best: nan, worst: nan},
	} {
		var results []store.Run
		for _, o := range c.runs {
			results = append(results, run("a", o))
		}
		got := Rows(results, nil)[0]
		want := [3]float64{c.median, c.best, c.worst}
		if s := got.StepsToTarget; !same([3]float64{s.Median, s.Best, s.Worst}, want) || s.N != c.n ||
			got.Reached != c.reached || got.Censored != c.censored {
			t.Errorf("%s: %+v, %d reached, %d censored, want %+v", name, s, got.Reached, got.Censored, c)
		}
	}
}

// TestStepTimesAreOfSteps: a run that made no step says nothing about how long one takes.
func TestStepTimesAreOfSteps(t *testing.T) {
	timed := record.Outcome{Status: record.Finished, StepsToTarget: -1, Time: record.StepTime{Gradient: time.Second, Optimizer: 1}}
	r := Rows([]store.Run{run("a", timed), run("a", record.Outcome{Status: record.Diverged, StepsToTarget: -1})}, nil)[0]
	if r.Time.Gradient.N != 1 || r.Time.Gradient.Median != 1 || r.Time.Transport.N != 1 || r.Time.Transport.Median != 0 {
		t.Errorf("%+v", r.Time)
	}
}

// TestStoppedAndPruned: a run that stopped on a plateau never reaches its target, and what it ended with counts; a pruned one is in no
// number.
func TestStoppedAndPruned(t *testing.T) {
	ended := func(s record.Status, steps int, loss float64) store.Run {
		return run("a", record.Outcome{Status: s, Steps: 100, StepsToTarget: steps, Final: record.Named(map[string]record.Value{"train_loss": record.Measured(loss)})})
	}
	r := Rows([]store.Run{ended(record.Finished, 7, 1), ended(record.Stopped, -1, 3), ended(record.Stopped, 9, 2), ended(record.Pruned, 1, 0),
		ended(record.Pruned, -1, 0)}, record.Standard())[0]
	if r.Runs != 5 || r.Finished != 1 || r.Stopped != 2 || r.Pruned != 2 || r.Partial != 0 || r.Failed != 0 {
		t.Errorf("%+v", r)
	}
	if s := r.StepsToTarget; s.N != 3 || s.Median != 9 || !math.IsInf(s.High, 1) || s.Best != 9 || s.Worst != 9 || r.Reached != 2 || r.Censored != 0 {
		t.Errorf("%+v, %d reached, %d censored", s, r.Reached, r.Censored)
	}
	if s := r.Final["train_loss"]; s.N != 3 || s.Median != 2 || s.Best != 2 || s.Worst != 2 {
		t.Errorf("%+v", s)
	}
}

// TestDamaged: a run whose record cannot be read is one that failed, and is counted apart among them.
func TestDamaged(t *testing.T) {
	run := func(seed uint64, err error) store.Run {
		o := record.Outcome{Status: record.Finished, Err: err}
		if err != nil {
			o.Status = record.Failed
		}
		return store.Run{Job: plan.Job{Optimizer: &config.Optimizer{Name: "sgd"}, Seed: seed}, Outcome: o}
	}
	damage := fmt.Errorf("it was read: %w", &store.Damaged{Dir: "x", What: "its end is missing"})
	rows := Rows([]store.Run{run(1, nil), run(2, damage), run(3, fmt.Errorf("it crashed"))}, nil)
	if len(rows) != 1 || rows[0].Runs != 3 || rows[0].Finished != 1 || rows[0].Failed != 2 || rows[0].Damaged != 1 {
		t.Errorf("%+v", rows)
	}
}
