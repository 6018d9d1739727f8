package store

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// written writes a run directory with a text as its steps.csv, and opens it.
func written(t testing.TB, dir, steps string) *Record {
	t.Helper()
	for name, text := range map[string]string{
		ManifestFile: `{"run_id": "r", "started": "2026-01-02T03:04:05Z", "steps": 9, "experiment": {"name": "e"}}`, StepsFile: steps} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	records, faults, err := ReadRecords(t.Context(), dir)
	if err != nil || len(records)+len(faults) != 1 {
		t.Fatal(records, faults, err)
	}
	if len(faults) > 0 { // it is read all the same: rows can be damaged later too
		return &Record{Dir: dir, path: filepath.Join(dir, StepsFile), size: int64(len(steps)), last: -1}
	}
	return records[0]
}

// TestColumnReadsWhatWasRecorded: each number comes back with its bits, and NaN is not what was not measured.
func TestColumnReadsWhatWasRecorded(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{Weights: layout})
	if err != nil {
		t.Fatal(err)
	}
	p := point(0)
	p.Wall = 1500 * time.Microsecond
	diverged := point(1)
	diverged.Set(record.TrainLoss, math.Inf(1))
	diverged.Set(record.GradientNorm, math.Inf(-1))
	diverged.Set(record.UpdateNorm, math.NaN())
	last := point(2)
	last.Values[record.UpdateNorm], last.Values[record.LearningRate] = record.Value{}, record.Value{}
	diverged.Values[record.LearningRate] = record.Value{} // the update of a rule without one is NaN nevertheless
	for _, p := range []*record.Sample{p, diverged, last} {
		if err := r.Observe(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(record.Outcome{Status: record.Diverged, Steps: 2, StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	records, faults, err := ReadRecords(t.Context(), dir)
	if err != nil || len(faults) > 0 || len(records) != 1 || records[0].Status != record.Diverged {
		t.Fatal(records, err)
	}
	nothing := math.Inf(-1) // as no column of the points has it
	for column, want := range map[string][3]float64{
		"step": {0, 1, 2}, "epoch": {nothing, nothing, nothing}, "wall_seconds": {0.0015, 0, 0}, "train_loss": {1.0 / 3, math.Inf(1), 1.0 / 3},
		"update_norm": {1e-300, math.NaN(), nothing}, "learning_rate": {0.1, nothing, nothing}, "validation_loss": {nothing, nothing, nothing}} {
		i := 0
		err := records[0].Column(column, func(step int, wall time.Duration, value float64, measured bool) error {
			if !measured {
				value = nothing
			}
			if math.Float64bits(value) != math.Float64bits(want[i]) || step != i || i == 0 && wall != p.Wall {
				t.Errorf("%s of point %d: step %d, %v, %v, want %v", column, i, step, wall, value, want[i])
			}
			i++
			return nil
		})
		if err != nil || i != 3 {
			t.Errorf("%s: %d points, %v", column, i, err)
		}
	}
}

func TestColumnFaults(t *testing.T) {
	for rows, want := range map[string]string{
		"":                                        "",
		"0,,0.1,1,2,3,4,,":                        "", // a row that was cut off
		"0,,0.1,1,2,3,4,,\n1,,0.2,1,2":            "",
		"0,,0.1,1,2,3,4,,\n1,,0.2,1\n":            "3:9: the row ends before the column gradient_norm; restore",
		"0,,0.1,x,2,3,4,,\n":                      `2:8: the train_loss is "x", which no run records`,
		"0,,-1,1,2,3,4,,\n":                       `2:4: the wall_seconds is "-1"`,
		"0,,NaN,1,2,3,4,,\n":                      `2:4: the wall_seconds is "NaN"`,
		"0,,1e300,1,2,3,4,,\n":                    `2:4: the wall_seconds is "1e300"`,
		"-1,,0,1,2,3,4,,\n":                       `2:1: the step is "-1"`,
		"\x00\x00\n":                              `2:1: the step is "\x00\x00"`,
		"0,,0,1,2,3,4,,\n0,,0,1,2,3,4,,\n":        "3:1: it is step 0, where step 1 must be",
		strings.Repeat("x", rowLimit+1) + "\n":    "2: the row is longer than 1048576 bytes",
		strings.Repeat("9", 100) + ",,0,1,,,,,\n": `2:1: the step is "9999999999999999999999999999999999999999"..., which`,
	} {
		r := written(t, t.TempDir(), Columns+"\n"+rows)
		err := r.Column("train_loss", func(int, time.Duration, float64, bool) error { return nil })
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), StepsFile+":"+want)) {
			t.Errorf("%.50q: %v, want %s", rows, err, want)
		}
	}
	r := written(t, t.TempDir(), "step,loss\n0,1\n")
	if err := r.Column("step", nil); err == nil || !strings.Contains(err.Error(), "steps.csv:1: the first row is") {
		t.Error(err)
	}
	stop := errors.New("stop")
	r = written(t, t.TempDir(), Columns+"\n0,,0,1,2,3,4,,\n")
	if err := r.Column("step", func(int, time.Duration, float64, bool) error { return stop }); err != stop {
		t.Error(err)
	}
}

// TestColumnOfARunThatGoesOn: all columns end with the same point, however much is recorded meanwhile.
func TestColumnOfARunThatGoesOn(t *testing.T) {
	dir := t.TempDir()
	r := written(t, dir, Columns+"\n0,,0,1,2,3,4,,\n1,,0,1,2")
	f, err := os.OpenFile(filepath.Join(dir, StepsFile), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(",3,4,,\n2,,0,1,2,3,4,,\n")
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	points := 0
	if err := r.Column("step", func(int, time.Duration, float64, bool) error { points++; return nil }); err != nil || points != 1 {
		t.Errorf("%d points, %v", points, err)
	}
}

func FuzzColumn(f *testing.F) {
	for _, rows := range []string{"0,,0.1,1,2,3,4,,\n1,,0.2,NaN,+Inf,,,,0.5,7,7\n", "0", ",,,,,,,,\n", "0,0,0,0,0,0,0,0,0\r\n", "\n\n"} {
		f.Add(Columns + "\n" + rows)
	}
	f.Fuzz(func(t *testing.T, steps string) {
		columns := map[string][]string{} // what is read of each
		faults := map[string]error{}
		for column := range strings.SplitSeq(Columns, ",") {
			previous := -1
			_, err := scanColumn(bufio.NewReaderSize(strings.NewReader(steps), 256), newSequence(), "x.csv", column,
				func(step int, wall time.Duration, value float64, measured bool) error {
					columns[column] = append(columns[column], fmt.Sprint(step, wall, value, measured))
					if step <= previous || wall < 0 || wall > maxWall {
						t.Fatalf("%s: step %d at %v after step %d", column, step, wall, previous)
					}
					previous = step
					return nil
				})
			if err != nil && !strings.HasPrefix(err.Error(), "x.csv:") {
				t.Fatalf("an error without its place: %v", err)
			}
			faults[column] = err
		}
		points := map[string][]string{}
		_, err := scanPoints(bufio.NewReaderSize(strings.NewReader(steps), 256), newSequence(), "x.csv", func(p *Point) error {
			for i, name := range strings.Split(Columns, ",")[leading:] {
				value, measured := p.Values[i].Get()
				points[name] = append(points[name], fmt.Sprint(p.Step, p.Wall, value, measured))
			}
			return nil
		})
		if err != nil && !strings.HasPrefix(err.Error(), "x.csv:") {
			t.Fatalf("an error without its place: %v", err)
		}
		for _, name := range strings.Split(Columns, ",")[leading:] {
			if got, want := points[name], columns[name]; err == nil && !slices.Equal(got, want) || len(got) > len(want) {
				t.Fatalf("%s is %q in points, and %q alone", name, got, want)
			}
			if err == nil && faults[name] != nil {
				t.Fatalf("alone: %v", faults[name])
			}
		}
	})
}

// TestPoints: what was not measured is something else than NaN, and a bad cell has its place whatever column it is in.
func TestPoints(t *testing.T) {
	r := written(t, t.TempDir(), Columns+",own,hyperparameter.beta1\n0,2,0.1,1,NaN,+Inf,,,0.5,7,8\n1,,0.25,,-Inf,3,4,5,6,,9\n")
	if got, want := fmt.Sprint(r.Quantities()), "[train_loss gradient_norm update_norm learning_rate validation_loss validation_accuracy own "+
		"hyperparameter.beta1]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	var got []string
	if err := r.Points(func(p *Point) error { got = append(got, fmt.Sprint(*p)); return nil }); err != nil {
		t.Fatal(err)
	}
	want := []string{"{0 {2 true} 100ms [{1 true} {NaN true} {+Inf true} {0 false} {0 false} {0.5 true} {7 true} {8 true}]}",
		"{1 {0 false} 250ms [{0 false} {-Inf true} {3 true} {4 true} {5 true} {6 true} {0 false} {9 true}]}"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for row, want := range map[string]string{
		"0,x,0,1,2,3,4,,\n":  `steps.csv:2:3: the epoch is "x"`,
		"0,,0,1,2,3,4,,1e\n": `steps.csv:2:15: the validation_accuracy is "1e"`,
		"0,,0,1,2,3,4,\n":    "steps.csv:2:14: the row ends before the column validation_accuracy",
		"0,,,1,2,3,4,,\n":    `steps.csv:2:4: the wall_seconds is ""`,
	} {
		err := written(t, t.TempDir(), Columns+"\n"+row).Points(func(*Point) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", row, err, want)
		}
	}
}
