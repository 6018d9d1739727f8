package opttest

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/steepest/steepest/sdk"
)

// Trajectory is a run recorded by another implementation of the same rule.
type Trajectory struct {
	// File is a CSV with a header and a row for each step: the point before the step in columns x0, x1, ..., the
	// gradient there in columns g0, g1, ...; other columns are ignored.
	File string
	// Hyperparameters of the run that differ from the defaults.
	Hyperparameters Hyperparameters
	// Tolerance is the largest difference allowed in a coordinate, relative to max(|x|, 1e-300); 0 demands equal bits.
	Tolerance float64
}

// Replay feeds o the gradients of a recorded trajectory, adds up its updates from the first point and compares every
// point with the recorded one. It returns the largest relative difference.
func Replay(t *testing.T, o *sdk.Optimizer, trajectory Trajectory) float64 {
	t.Helper()
	points, gradients := readTrajectory(t, trajectory.File)
	s := open(t, dial(t, o), "replay", trajectory.Hyperparameters, layout(len(points[0])))
	copy(s.weights, points[0])
	worst := 0.0
	for k := range len(points) - 1 {
		s.step(gradients[k])
		for i, want := range points[k+1] {
			difference := math.Abs(s.weights[i]-want) / math.Max(math.Abs(want), 1e-300)
			if !(difference <= trajectory.Tolerance) {
				t.Fatalf("%s: x%d after step %d is %.17g, want %.17g: relative difference %.1e, allowed %.1e",
					trajectory.File, i, k+1, s.weights[i], want, difference, trajectory.Tolerance)
			}
			worst = math.Max(worst, difference)
		}
	}
	t.Logf("%s: %d steps, largest relative difference %.1e", trajectory.File, len(points)-1, worst)
	return worst
}

func readTrajectory(t *testing.T, file string) (points, gradients [][]float64) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(rows) < 3 {
		t.Fatalf("%s: a trajectory needs a header and at least two rows", file)
	}
	for number, row := range rows[1:] {
		var x, g []float64
		for i, name := range rows[0] {
			column := &x
			if strings.HasPrefix(name, "g") {
				column = &g
			} else if !strings.HasPrefix(name, "x") {
				continue
			}
			value, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				t.Fatalf("%s:%d: column %s: %v", file, number+2, name, err)
			}
			*column = append(*column, value)
		}
		if len(x) == 0 || len(x) != len(g) {
			t.Fatalf("%s: %d columns x0, x1, ... and %d columns g0, g1, ...; there must be as many of each", file, len(x), len(g))
		}
		points, gradients = append(points, x), append(gradients, g)
	}
	return points, gradients
}
