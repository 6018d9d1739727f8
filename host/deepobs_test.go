package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// TestQuadraticDeepIsPublished runs the published protocol through the plugins, and holds losses of batches and test losses
// of every run to those of the published result files. The suite ran TensorFlow in float32, whose relative error is 6e-8
// for each operation. For the mean final test loss over the ten seeds, that is less than a hundredth of its standard
// deviation.
//
// Where every epoch has an order of its own, heavy momentum ends tens of deviations away; that shows that the comparison
// can fail.
func TestQuadraticDeepIsPublished(t *testing.T) {
	known(t)
	t.Parallel()
	const (
		tolerance = 5e-6 // relative, for each loss
		apart     = 0.01 // published standard deviations, for the mean final test loss
	)
	src, err := os.ReadFile("../experiments/quadratic-deep.toml")
	if err != nil {
		t.Fatal(err)
	}
	const key = "kind  = \"quadratic-deep\"\n"
	published := publishedRuns(t)
	for _, reshuffle := range []bool{false, true} {
		text := string(src)
		if reshuffle {
			text, _, _ = strings.Cut(strings.Replace(text, key, key+"reshuffle = true\n", 1), "[[expect]]") // what is published is without
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "e.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if code := steepest([]string{"run", "--quiet", "--out", filepath.Join(dir, "out"), file}, io.Discard, os.Stderr); code != exitOK {
			t.Fatalf("exit code %d", code)
		}
		final, want, worst := map[string][]float64{}, map[string][]float64{}, 0.0
		for _, run := range published {
			got := numbersOf(t, filepath.Join(runFolder(t, dir, "out", fmt.Sprintf("%s-seed%d", run.optimizer, run.seed)), "steps.csv"))
			for _, l := range run.losses {
				ours := got["train_loss"][l.step]
				if l.test {
					ours = got["validation_loss"][l.step]
				}
				e := math.Abs(ours/l.value - 1)
				if worst = max(worst, e); !reshuffle && !(e < tolerance) {
					t.Errorf("%s, seed %d, step %d: %.9g, published %.9g (test: %v): relative difference %.1e", run.optimizer, run.seed,
						l.step, ours, l.value, l.test, e)
				}
				if l.test && l.step == 700 {
					final[run.optimizer] = append(final[run.optimizer], ours)
					want[run.optimizer] = append(want[run.optimizer], l.value)
				}
			}
		}
		t.Logf("reshuffle %v: largest relative difference %.1e", reshuffle, worst)
		for name := range want {
			mean, deviation := stat.MeanStdDev(want[name], nil)
			ours, spread := stat.MeanStdDev(final[name], nil)
			d := math.Abs(ours-mean) / deviation
			t.Logf("%s: %.4f (%.4f), published %.4f (%.4f): %.1g deviations apart", name, ours, spread, mean, deviation, d)
			if !reshuffle && d > apart || reshuffle && name == "momentum" && d < 10 {
				t.Errorf("reshuffle = %v: %s: mean %v, published %v, which is %.2g published deviations", reshuffle, name, ours, mean, d)
			}
		}
	}
}

// TestDeepOBSTuningIsPublished: the published tuning protocol chooses the published learning rates, or one beside them on the grid of 36.
func TestDeepOBSTuningIsPublished(t *testing.T) {
	known(t)
	t.Parallel()
	dir := t.TempDir()
	var out bytes.Buffer
	args := []string{"run", "--json", "--out", filepath.Join(dir, "out"), "../experiments/deepobs-tuning.toml"}
	if code := steepest(args, &out, os.Stderr); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	chosen, runs := map[string]float64{}, map[string]int{}
	for line := range strings.Lines(out.String()) {
		var e struct {
			Event, Optimizer, Stage string
			Runs                    int
			Trials                  []any
			Chosen                  struct {
				Choices []struct {
					Key   string
					Value float64
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch e.Event {
		case "stage_began":
			runs[e.Stage] = e.Runs
		case "study":
			if len(e.Trials) != 36 || len(e.Chosen.Choices) != 1 || e.Chosen.Choices[0].Key != "lr" {
				t.Fatalf("%s", line)
			}
			chosen[e.Optimizer] = e.Chosen.Choices[0].Value
		}
	}
	// Of ten seeds of the evaluation one is that of the tuning.
	if runs["tuning"] != 3*36 || runs["evaluation"] != 3*9 {
		t.Errorf("%v runs", runs)
	}
	const between = 7.0 / 35 // decades between two rates
	for name, published := range map[string]float64{"sgd": 1.585e-2, "momentum": 2.512e-3, "adam": 3.981e-2} {
		apart := math.Abs(math.Log10(chosen[name]/published)) / between
		t.Logf("%s: %.4g, published %.4g", name, chosen[name], published)
		if !(apart < 1.01) {
			t.Errorf("%s: %v was chosen, which is %.1f places on the grid from the published %v", name, chosen[name], apart, published)
		}
	}
}

// publishedRun is a run of which some losses are published.
type publishedRun struct {
	optimizer string
	seed      int
	losses    []publishedLoss
}

// publishedLoss is the loss of the batch of a step, or the test loss before it.
type publishedLoss struct {
	test  bool
	step  int
	value float64
}

func publishedRuns(t *testing.T) (runs []publishedRun) {
	t.Helper()
	f, err := os.Open("testdata/quadratic_deep.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 31 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, row := range rows[1:] {
		run := publishedRun{optimizer: row[0]}
		_, err := fmt.Sscan(row[1], &run.seed)
		for i, name := range rows[0][2:] {
			l := publishedLoss{test: strings.HasPrefix(name, "test")}
			_, of, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
			_, err1 := fmt.Sscan(of, &l.step)
			_, err2 := fmt.Sscan(row[2+i], &l.value)
			if l.test {
				l.step *= 7 // it is an epoch
			}
			err = errors.Join(err, err1, err2)
			run.losses = append(run.losses, l)
		}
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, run)
	}
	return runs
}

// numbersOf reads a CSV file by the names of its columns. Empty cells become NaN.
func numbersOf(t *testing.T, file string) map[string][]float64 {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]float64{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			x, err := strconv.ParseFloat(cell, 64)
			if cell == "" {
				x, err = math.NaN(), nil
			}
			if err != nil {
				t.Fatal(err)
			}
			columns[rows[0][i]] = append(columns[rows[0][i]], x)
		}
	}
	return columns
}
