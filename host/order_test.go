package main

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTorchStepByStep replays a run of PyTorch 1.13.1 as a user would: its data, initial weights and order of batches are
// files of an experiment. Every step has torch's loss and gradient norm, and the end its loss over all data.
func TestTorchStepByStep(t *testing.T) {
	t.Parallel()
	const tolerance = 1e-12 // relative
	const from = "internal/model/testdata/"
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var data, layers strings.Builder
	for _, row := range records(t, from+"mlp_data.csv") { // i, x0, x1, y
		fmt.Fprintln(&data, strings.Join(row[1:], ","))
	}
	write("data.csv", data.String())
	weights := map[string]*strings.Builder{}
	for _, row := range records(t, from+"mlp_init.csv")[1:] { // tensor, row, column, value: in torch's order, which is row-major
		if weights[row[0]] == nil {
			weights[row[0]] = &strings.Builder{}
		}
		fmt.Fprintln(weights[row[0]], row[3])
	}
	for tensor, b := range weights {
		write(tensor+".csv", b.String())
	}
	for i, units := range []string{`units = 16, activation = "tanh", `, ""} {
		fmt.Fprintf(&layers, "  { kind = \"dense\", %sweight_init = { file = \"W%d.csv\" }, bias_init = { file = \"b%d.csv\" } },\n",
			units, i+1, i+1)
	}
	order, err := os.ReadFile(from + "mlp_batches.csv") // step, i0 ... i31
	if err != nil {
		t.Fatal(err)
	}
	write("batches.csv", string(order))
	write("e.toml", "[problem]\nkind = \"network\"\ndataset = \"data.csv\"\nscale = \"none\"\nvalidation = 0\nbatch = 32\n"+
		"order = { file = \"batches.csv\" }\nlayer = [\n"+layers.String()+"]\n[budget]\nsteps = 100\n[[optimizer]]\nplugin = \"adam\"\nlr = 0.01\n")
	if code := steepest([]string{"run", "--quiet", "--out", filepath.Join(dir, "out"), filepath.Join(dir, "e.toml")}, io.Discard,
		os.Stderr); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	got := numbersOf(t, filepath.Join(runFolder(t, dir, "out", "adam-seed1"), "steps.csv"))
	want := numbersOf(t, from+"mlp_adam.csv")
	worst := 0.0
	for k := range 100 {
		for ours, theirs := range map[string]string{"train_loss": "batch_loss", "gradient_norm": "grad_l2norm"} {
			e := math.Abs(got[ours][k]/want[theirs][k] - 1)
			if worst = math.Max(worst, e); !(e < tolerance) {
				t.Fatalf("step %d: %s is %v, torch has %v: relative difference %.1e", k, ours, got[ours][k], want[theirs][k], e)
			}
		}
	}
	var run struct {
		Summary struct {
			Loss float64 `json:"final_train_loss"`
		}
	}
	if b, err := os.ReadFile(filepath.Join(runFolder(t, dir, "out", "adam-seed1"), "run.json")); err != nil || json.Unmarshal(b, &run) != nil ||
		!(math.Abs(run.Summary.Loss/want["full_loss_before"][100]-1) < tolerance) {
		t.Errorf("the loss over all data is %v at the end, torch has %v (%v)", run.Summary.Loss, want["full_loss_before"][100], err)
	}
	t.Logf("100 steps, largest relative difference %.1e", worst)
	manifest, err := os.ReadFile(filepath.Join(runFolder(t, dir, "out", "adam-seed1"), "run.json"))
	if err != nil || !strings.Contains(string(manifest), fmt.Sprintf("%x", sha256.Sum256(order))) {
		t.Errorf("the manifest does not have the sum of the order: %v", err)
	}
}

func records(t *testing.T, file string) [][]string {
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
	return rows
}
