package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMuonWithAdamW: one plugin on the matrices of hidden layers and another on the rest, with schedules and weight decay of their own, end
// after 50 steps of a network where PyTorch's two optimizers do. testdata/muon-with-adamw/reference.py made that.
func TestMuonWithAdamW(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := strings.Builder{}
	data.WriteString("a,b,c,d,class\n")
	for i := range 60 {
		for j := range 4 {
			fmt.Fprintf(&data, "%.17g,", math.Sin(1.7*float64(i)+2.3*float64(j)))
		}
		fmt.Fprintf(&data, "%c\n", 'p'+rune(i*i%7%3))
	}
	if err := os.WriteFile(filepath.Join(dir, "data.csv"), []byte(data.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	experiment(t, dir, "x", `
[problem]
kind = "mlp"
dataset = "data.csv"
hidden = [12, 5, 9]
activation = "tanh"
batch = "full"
validation = 0
scale = "none"
[budget]
steps = 50
[record]
parameters = true
[[optimizer]]
name = "both"
plugin = "adamw"
lr = { schedule = "cosine", from = 3e-2 }
weight_decay = 0.05
[[optimizer.group]]
place = "hidden"
shape = "matrix"
plugin = "muon"
lr = { schedule = "cosine", from = 1e-1 }
momentum = 0.9
`)
	b, err := os.ReadFile("testdata/muon-with-adamw/torch.json")
	if err != nil {
		t.Fatal(err)
	}
	var torch struct{ Weights map[string][2]float64 }
	if err := json.Unmarshal(b, &torch); err != nil {
		t.Fatal(err)
	}
	columns := columnsOf(t, runFolder(t, dir, "runs/x/both-seed1"))
	for name, want := range torch.Weights {
		values := columns[name]
		if len(values) != 51 {
			t.Fatalf("%s has %d values", name, len(values))
		}
		for i, at := range []int{0, 50} {
			if got, err := strconv.ParseFloat(values[at], 64); err != nil || !(math.Abs(got-want[i]) <= 1e-12) {
				t.Errorf("after %d steps %s is %s, PyTorch has %.17g", at, name, values[at], want[i])
			}
		}
	}
	if len(torch.Weights) != 209 {
		t.Errorf("%d weights", len(torch.Weights))
	}
}
