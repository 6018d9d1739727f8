package main

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestGroups: tensors of a group get the hyperparameters of their group, with a schedule of their own, which is on record, and the
// others those of the optimizer, in both data planes.
func TestGroups(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = `
[problem]
kind = "mlp"
dataset = "xor"
hidden = [3]
[budget]
steps = 8
[record]
parameters = true
[[optimizer]]
plugin = "sgd"
lr = 0.5
[[optimizer]]
name = "still biases"
plugin = "sgd"
lr = 0.5
[[optimizer.group]]
role = "bias"
lr = 0
[[optimizer]]
name = "named"
plugin = "sgd"
lr = 0.5
[[optimizer.group]]
tensor = "layer2.*"
[[optimizer.group]]
name = "first"
tensor = "layer1.*"
lr = 0.5
[[optimizer]]
name = "scheduled"
plugin = "sgd"
lr = { schedule = "linear", from = 1.0, to = 0.0 }
[[optimizer.group]]
shape = "vector"
lr = { schedule = "piecewise", values = [0.5, 0.25], at = [4] }
`
	experiment(t, dir, "x", text, "--data-plane", "shm")
	experiment(t, dir, "x", text, "--data-plane", "inline", "--out", "inline")
	columns := map[string]map[string][]string{}
	for _, name := range []string{"sgd", "still-biases", "named", "scheduled"} {
		columns[name] = columnsOf(t, runFolder(t, dir, "runs/x/"+name+"-seed1"))
		inline := columnsOf(t, runFolder(t, dir, "inline/"+name+"-seed1"))
		for column, values := range columns[name] {
			if column != "wall_seconds" && !slices.Equal(inline[column], values) {
				t.Errorf("%s: %s is %q inline, and %q in shared memory", name, column, inline[column], values)
			}
		}
	}
	weights := 0
	for column, plain := range columns["sgd"] {
		if column == "wall_seconds" {
			continue
		}
		if !slices.Equal(columns["named"][column], plain) {
			t.Errorf("with groups that change nothing, %s is %q, want %q", column, columns["named"][column], plain)
		}
		if !strings.HasPrefix(column, "layer") {
			continue
		}
		still := columns["still-biases"][column]
		weights++
		if strings.Contains(column, "bias") {
			if !slices.Equal(still, slices.Repeat(plain[:1], len(plain))) || slices.Equal(still, plain) {
				t.Errorf("%s is %q, want that of the start all the time", column, still)
			}
		} else if !slices.Equal(still[:2], plain[:2]) || still[1] == still[0] { // from then on the gradients differ
			t.Errorf("%s is %q, want %q", column, still[:2], plain[:2])
		}
	}
	if want := 2*3 + 3 + 3*1 + 1; weights != want {
		t.Errorf("%d weights are on record, want %d", weights, want)
	}
	first := columns["scheduled"]
	for column, want := range map[string][]string{
		"learning_rate":            {"1", "0.875", "0.75", "0.625", "0.5", "0.375", "0.25", "0.125", ""},
		"hyperparameter.vector.lr": {"0.5", "0.5", "0.5", "0.5", "0.25", "0.25", "0.25", "0.25", ""},
	} {
		if !slices.Equal(first[column], want) {
			t.Errorf("%s is %q, want %q", column, first[column], want)
		}
	}
	// Both begin with the same gradient: lr is 1 instead of 0.5 for the weights, and 0.5 for the biases.
	for column, plain := range columns["sgd"] {
		if !strings.HasPrefix(column, "layer") {
			continue
		}
		factor := 2.0
		if strings.Contains(column, "bias") {
			factor = 1
		}
		if got, want := moved(t, first[column]), factor*moved(t, plain); got-want > 1e-15 || want-got > 1e-15 {
			t.Errorf("%s moved by %v, want %v", column, got, want)
		}
	}
}

// moved is by how much the first step changes a weight.
func moved(t *testing.T, values []string) float64 {
	t.Helper()
	before, err1 := strconv.ParseFloat(values[0], 64)
	after, err2 := strconv.ParseFloat(values[1], 64)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return after - before
}
