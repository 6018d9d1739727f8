package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// TestQuadraticDeepIsPublished runs the published protocol through the plugins, and holds the mean final test loss of each
// optimizer to that of the published result files. The suite ran TensorFlow in float32, and its orders of the rows are
// not ours, so only the distribution over seeds can agree: of two means over ten seeds with the same deviation, the
// difference has a standard error of 0.45 deviations, and one is 2.2 of them.
//
// Where every epoch has an order of its own, heavy momentum ends elsewhere; that shows that the comparison can fail.
func TestQuadraticDeepIsPublished(t *testing.T) {
	const tolerance = 1 // published standard deviations
	published, initial := publishedFinals(t)
	t.Setenv(optimizer.PathEnv, pluginDir)
	src, err := os.ReadFile("../experiments/quadratic-deep.toml")
	if err != nil {
		t.Fatal(err)
	}
	const key = "kind  = \"quadratic-deep\"\n"
	for _, reshuffle := range []bool{false, true} {
		text := string(src)
		if reshuffle {
			text = strings.Replace(text, key, key+"reshuffle = true\n", 1)
		}
		dir := t.TempDir()
		file := filepath.Join(dir, "e.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if code := steepest([]string{"run", "--quiet", "--out", filepath.Join(dir, "out"), file}, io.Discard, os.Stderr); code != exitOK {
			t.Fatalf("exit code %d", code)
		}
		for name, want := range published {
			var got []float64
			for s := 42; s <= 51; s++ {
				run := filepath.Join(dir, "out", fmt.Sprintf("%s-seed%d", name, s))
				got = append(got, finalValidationLoss(t, run))
				// Float32 moves the ninth digit.
				if start := numbersOf(t, filepath.Join(run, "steps.csv"))["validation_loss"][0]; math.Abs(start-initial) > 5e-6 {
					t.Errorf("%s: test loss at the start %v, published %v", name, start, initial)
				}
			}
			mean, deviation := stat.MeanStdDev(want, nil)
			ours, spread := stat.MeanStdDev(got, nil)
			apart := math.Abs(ours-mean) / deviation
			t.Logf("reshuffle %v: %s: %.4f (%.4f), published %.4f (%.4f): %.2f deviations apart", reshuffle, name, ours, spread,
				mean, deviation, apart)
			if !reshuffle && apart > tolerance || reshuffle && name == "momentum" && apart < 10 {
				t.Errorf("reshuffle = %v: %s: mean %v, published %v, which is %.2f published deviations", reshuffle, name, ours, mean,
					apart)
			}
		}
	}
}

// publishedFinals reads the published final test losses of each optimizer, by seed, and the one at the start.
func publishedFinals(t *testing.T) (final map[string][]float64, initial float64) {
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
	final = map[string][]float64{}
	for _, row := range rows[1:] {
		var x [2]float64
		for i := range x {
			if x[i], err = strconv.ParseFloat(row[3+i], 64); err != nil {
				t.Fatal(err)
			}
		}
		initial, final[row[0]] = x[0], append(final[row[0]], x[1])
	}
	return final, initial
}

func finalValidationLoss(t *testing.T, run string) float64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(run, "summary.json"))
	var s struct {
		Loss float64 `json:"final_validation_loss"`
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil || s.Loss == 0 {
		t.Fatalf("%s: %v, %v", run, s, err)
	}
	return s.Loss
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
