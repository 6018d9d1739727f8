package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// trial is a diagnostic of these tests: the largest elements.
var trial = diagnose.Kind{
	Name: "trial", Help: "the largest elements", Source: "none", Cost: "0", EachRow: true,
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "trial_gradient", Title: "trial gradient", Help: "Largest element of the gradient.", Range: record.Norm, Better: record.Less,
				Column: true, Final: true},
			{Name: "trial_update", Title: "trial update", Help: "Largest element of the update.", Range: record.Norm, Column: true},
		}
	},
	Make: func(model.Settings, *diagnose.Run) diagnose.Diagnostic { return largest{} },
}

func init() { diagnose.Kinds = append(diagnose.Kinds, &trial) }

type largest struct{}

func (largest) Measure(p *record.Sample, values, _ []record.Value) float64 {
	for i, x := range [][]float64{p.Gradient, p.Update} {
		if x != nil {
			values[i] = record.Measured(floats.Norm(x, math.Inf(1)))
		}
	}
	return 0
}

const diagnosed = `[problem]
kind = "sphere"
dimension = 3
start = [3, -4, 1]
[budget]
steps = 60
[gradient]
clip_norm = 0.5
[record]
parameters = true
[[diagnose]]
name = "trial"
[[optimizer]]
plugin = "momentum"
lr = 0.1
momentum = { schedule = "linear", from = 0.1, to = 0.5 }
`

// TestDiagnostic: what a diagnostic measures is a column, a key, a column of the table and a target without anybody else knowing
// of it.
func TestDiagnostic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := within(dir)
	if err := os.WriteFile(filepath.Join(dir, "e.toml"), []byte(diagnosed+"[target]\ntrial_gradient = 2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var events, table, notes bytes.Buffer
	if code := p.steepest([]string{"run", "--json", "e.toml"}, &events, &notes); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}

	f, err := os.Open(filepath.Join(runFolder(t, dir, "runs", "e", "momentum-seed1"), store.StepsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if want := store.Columns + ",trial_gradient,trial_update,hyperparameter.momentum,x[0],x[1],x[2]"; strings.Join(rows[0], ",") != want {
		t.Errorf("the columns are %s, want %s", rows[0], want)
	}
	cell := func(row []string, name string) float64 {
		t.Helper()
		x, err := strconv.ParseFloat(row[slices.Index(rows[0], name)], 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	reached := -1
	for k, row := range rows[1:] {
		x := []float64{cell(row, "x[0]"), cell(row, "x[1]"), cell(row, "x[2]")}
		before := cell(row, "gradient_norm") * floats.Norm(x, math.Inf(1)) / floats.Norm(x, 2) // before clipping: it points along x
		if got := cell(row, "trial_gradient"); math.Abs(got-before) > 1e-12*before {
			t.Errorf("step %d: the largest element is %v, want %v", k, got, before)
		}
		if cell(row, "trial_gradient") <= 2 && reached < 0 {
			reached = k
		}
		if last := k == len(rows)-2; last != (row[slices.Index(rows[0], "trial_update")] == "") {
			t.Errorf("step %d: the update's largest element is %q", k, row[slices.Index(rows[0], "trial_update")])
		}
	}
	final := cell(rows[len(rows)-1], "trial_gradient")

	type summary struct {
		GradientMax   float64  `json:"final_trial_gradient"`
		UpdateMax     *float64 `json:"final_trial_update"`
		StepsToTarget int      `json:"steps_to_target"`
	}
	var run struct{ Summary summary }
	b, err := os.ReadFile(filepath.Join(runFolder(t, dir, "runs", "e", "momentum-seed1"), store.RunFile))
	if err == nil {
		err = json.Unmarshal(b, &run)
	}
	if recorded := run.Summary; err != nil || recorded != (summary{final, nil, reached}) || reached <= 0 {
		t.Errorf("%+v, %v; want %v, %d", recorded, err, final, reached)
	}
	lines := strings.Split(strings.TrimSpace(events.String()), "\n")
	var end struct {
		Table []struct {
			GradientMax struct {
				N      int
				Median float64
			} `json:"final_trial_gradient"`
			UpdateMax any `json:"final_trial_update"`
		}
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil || len(end.Table) != 1 || end.Table[0].GradientMax.N != 1 ||
		end.Table[0].GradientMax.Median != final || end.Table[0].UpdateMax != nil {
		t.Errorf("%s: %+v, %v", lines[len(lines)-1], end, err)
	}

	if code := p.steepest([]string{"run", "--resume", "e.toml"}, &table, &notes); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}
	for _, want := range []string{"train loss", "trial gradient", "Target: trial_gradient <= 2; in brackets"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &table)
		}
	}
	if strings.Contains(table.String(), "trial update") {
		t.Errorf("what is not known at the end is in the table:\n%s", &table)
	}
	var exported bytes.Buffer
	if code := within(dir).steepest([]string{"export", "runs/e"}, &exported, &notes); code != exitOK || !strings.Contains(exported.String(),
		`steepest_hyperparameter{job="steepest",`) {
		t.Errorf("exit code %d\n%s%s", code, &notes, &exported)
	}
}

// TestMetricsOfADiagnostic: what a diagnostic measures is a metric, live and of a record.
func TestMetricsOfADiagnostic(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := within(dir)
	if err := os.WriteFile(filepath.Join(dir, "e.toml"), []byte(diagnosed), 0o644); err != nil {
		t.Fatal(err)
	}
	var notes output
	ended := make(chan int, 1)
	go func() {
		ended <- p.steepest([]string{"run", "--metrics-address", ":0", "--linger", "1m", "e.toml"}, io.Discard, &notes)
	}()
	await(t, &notes, `(waiting up to)`)
	live := scrape(t, await(t, &notes, `metrics at (http\S+)metrics`))
	if code := <-ended; code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}
	var recorded bytes.Buffer
	if code := p.steepest([]string{"export", "--axis", "step", "runs/e"}, &recorded, &notes); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &notes)
	}
	// The last update is that of the step before the last.
	for metric, step := range map[string]string{"trial_gradient": "946684860", "trial_update": "946684859"} {
		series := regexp.MustCompile("(?m)^steepest_" + metric + `\{.*\} (\S+)$`).FindStringSubmatch(live)
		if series == nil || !regexp.MustCompile("(?m)^steepest_"+metric+`\{.*\} `+regexp.QuoteMeta(series[1])+" "+step+"$").MatchString(recorded.String()) {
			t.Errorf("%s is %q live:\n%s", metric, series, &recorded)
		}
	}
}

// TestTargetsOfADiagnostic: one that is neither better nor worse is no target, and the others keep to their ranges.
func TestTargetsOfADiagnostic(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"trial_update = 1":      `unknown key`,
		"trial_gradient = -1":   "18:18: trial_gradient = -1 is out of range\n|a number of at least 0, which norms are",
		"":                      "name a metric: train_loss, validation_loss, validation_accuracy, |trial_gradient, gradient_norm",
		"validation_loss = 0.5": "set a target for train_loss, |trial_gradient or gradient_norm, or validation above 0",
	} {
		dir := t.TempDir()
		p := within(dir)
		if err := os.WriteFile(filepath.Join(dir, "e.toml"), []byte(diagnosed+"[target]\n"+target+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		var notes bytes.Buffer
		code := p.steepest([]string{"run", "e.toml"}, &notes, &notes)
		for part := range strings.SplitSeq(want, "|") {
			if code != exitUsage || !strings.Contains(notes.String(), part) {
				t.Errorf("%q: exit code %d\n%s\nwant %s", target, code, &notes, part)
			}
		}
	}
}
