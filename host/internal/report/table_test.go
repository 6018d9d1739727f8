package report

import (
	"math"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
)

// TestStack: no line is wider than the terminal, no cell is lost, and every table begins with the first column.
func TestStack(t *testing.T) {
	rows := []table.Row{{"optimizer", "runs", "train loss", "accuracy", "time"}, {"sgd", 5, "0.0408 [0.0399, 0.0424]", "97.4%", "14 us"}}
	for columns, tables := range map[int]int{0: 1, 80: 1, 58: 2, 40: 3, 24: 4} {
		got := stack(rows, columns)
		if n := strings.Count(got, "sgd"); n != tables {
			t.Errorf("%d columns: %d tables, want %d\n%s", columns, n, tables, got)
		}
		for line := range strings.Lines(got) {
			if width := len([]rune(strings.TrimRight(line, "\n"))); columns > 0 && width > columns {
				t.Errorf("%d columns: a line has %d\n%s", columns, width, got)
			}
		}
		for _, cell := range []string{"runs", "5", "0.0424]", "97.4%", "14 us"} {
			if strings.Count(got, cell) == 0 {
				t.Errorf("%d columns: %s is lost\n%s", columns, cell, got)
			}
		}
	}
}

func spreadOf(n int, median float64) compare.Spread {
	return compare.Spread{N: n, Low: median, Median: median, High: median, Best: median, Worst: median}
}

// TestTargetCells: the median over all runs that ended, of which none is dropped.
func TestTargetCells(t *testing.T) {
	inf := math.Inf(1)
	for want, r := range map[string]compare.Row{
		"52.5 (2/2)":                {StepsToTarget: spreadOf(2, 52.5), Reached: 2},
		"0 (3/5)":                   {StepsToTarget: spreadOf(5, 0), Reached: 3},
		"not reached by half (2/4)": {StepsToTarget: spreadOf(4, inf), Reached: 2},
		"not reached (0/4)":         {StepsToTarget: spreadOf(4, inf)},
		"-":                         {StepsToTarget: spreadOf(0, math.NaN()), Failed: 2},
	} {
		if got := toTarget(r); got != want {
			t.Errorf("%+v: %s, want %s", r, got, want)
		}
	}
}

// TestTestExamples: what was measured on them is shown, and nothing where there are none.
func TestTestExamples(t *testing.T) {
	w := &config.Workload{Experiment: &config.Experiment{}}
	r := compare.Row{Optimizer: "sgd", Runs: 1, Finished: 1, Final: map[string]compare.Spread{"train_loss": spreadOf(1, 0.5)}}
	if got := Table(w, []compare.Row{r}, 0); strings.Contains(got, "test") || strings.Contains(got, "failed") {
		t.Errorf("\n%s", got)
	}
	r.Final["test_loss"], r.Final["test_accuracy"], r.Failed = spreadOf(1, math.NaN()), spreadOf(1, 0.125), 1
	got := Table(w, []compare.Row{r}, 0)
	for _, want := range []string{"test loss", "test accuracy", " NaN ", " 12.5% ", "failed"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing\n%s", want, got)
		}
	}
}

// TestHowever: each number of a row is said to be what it would be if the runs that are not in it had ended.
func TestHowever(t *testing.T) {
	e := &config.Experiment{}
	w := &config.Workload{Experiment: e, Target: &measure.Target{Measure: measure.Measure{Quantity: "train_loss"}, Value: 0.1}}
	e.Workloads = []*config.Workload{w}
	r := compare.Row{Optimizer: "sgd", Runs: 3, Finished: 2, Failed: 1, StepsToTarget: compare.Spread{N: 2, Best: 1, Worst: math.Inf(1)},
		Final: map[string]compare.Spread{"train_loss": {N: 2, Best: 0.5, Worst: 2}}}
	const want = " However they had ended, its median train loss would be 0.5 to 2, and its steps to target would be 1 to never."
	if got := however(e, r); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNothingIsWiderThanTheTerminal, and no name or path is broken within a word.
func TestNothingIsWiderThanTheTerminal(t *testing.T) {
	name := "adam, with a schedule that has a long name \x1b[31m"
	wide := spreadOf(5, 1.23e-100)
	rows := []compare.Row{{Optimizer: name, Runs: 5, Finished: 2, Diverged: 1, Failed: 1, Partial: 1, Final: map[string]compare.Spread{"train_loss": wide}, StepsToTarget: spreadOf(5, 52.5)}}
	e := &config.Experiment{}
	w := &config.Workload{Experiment: e, Target: &measure.Target{Measure: measure.Measure{Quantity: "train_loss"}, Value: 0.1}}
	e.Workloads = []*config.Workload{w}
	for _, columns := range []int{40, 60, 79, 80, 81, 120} {
		out := Table(w, rows, columns) + "\n" + Legend(e, rows, columns) + "\n" + Results("runs/experiment", columns)
		for line := range strings.Lines(out) {
			if w := text.StringWidth(strings.TrimRight(line, "\n")); w > columns {
				t.Errorf("%d columns: a line has %d\n%s", columns, w, line)
			}
		}
		if strings.Contains(out, "\x1b") || !strings.Contains(out, `\x1b[31m`) {
			t.Errorf("%d columns: the escape is not escaped\n%s", columns, out)
		}
		for _, word := range []string{"schedule", "transport", "runs/experiment", "run.json"} {
			if !strings.Contains(out, word) {
				t.Errorf("%d columns: %s is broken\n%s", columns, word, out)
			}
		}
	}
	if got := Results("runs/a/very-long-path", 10); !strings.HasPrefix(got, "Results: runs/a/very-long-path\n") {
		t.Error(got)
	}
}

// TestNothingEnded: many optimizers of which no run ended take one line, and a bound that is none is not told of.
func TestNothingEnded(t *testing.T) {
	e := &config.Experiment{}
	var rows []compare.Row
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		rows = append(rows, compare.Row{Optimizer: name, Runs: 2, Partial: 2})
	}
	open := compare.Spread{N: 1, Median: 1, Low: 1, High: 1, Best: math.Inf(-1), Worst: math.Inf(1)}
	rows = append(rows, compare.Row{Optimizer: "f", Runs: 3, Finished: 1, Partial: 2, Final: map[string]compare.Spread{"train_loss": open}})
	got := Legend(e, rows, 0)
	if !strings.Contains(got, "\nPartial: no run of a, b, c or 2 more ended; not in the table.\n") || strings.Count(got, "Partial") != 2 ||
		!strings.HasSuffix(got, "\nPartial: 2 of 3 runs of f did not end; not in its numbers.") {
		t.Error(got)
	}
}
