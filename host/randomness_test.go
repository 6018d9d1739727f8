package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/seed"
)

// TestRandomnessDocument holds the example in docs/randomness.md to what steepest does with its experiment, and to the
// script beside it, which knows the document alone.
func TestRandomnessDocument(t *testing.T) {
	t.Parallel()
	const document = "../docs/randomness.md"
	experiment, shown := block(t, document, "toml"), block(t, document, "text")
	dir := t.TempDir()
	file := filepath.Join(dir, "e.toml")
	if err := os.WriteFile(file, []byte(experiment), 0o644); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	tree := seed.New(42)
	fmt.Fprintf(&b, "seed 42        %x\n", tree.Node())
	for _, name := range []string{"data", "batch", "init"} {
		fmt.Fprintf(&b, "%-14s %x\n", name, tree.Branch(name).Node())
	}
	epoch := tree.Branch("batch").Index(0)
	r := epoch.Rand()
	fmt.Fprintf(&b, "batch, epoch 0 %x\nit draws       %d %d\n", epoch.Node(), r.Uint64(), r.Uint64())
	parts := map[string][]string{}
	for _, row := range printed(t, "data", "split", file) {
		parts[row[1]] = append(parts[row[1]], row[0])
	}
	fmt.Fprintf(&b, "train          %s\nvalidate       %s\n", strings.Join(parts["train"], " "), strings.Join(parts["validation"], " "))
	batches := printed(t, "data", "batches", "--epochs", "2", file)
	for e := range 2 {
		fmt.Fprintf(&b, "epoch %d        [%s] [%s]\n", e, strings.Join(batches[2*e][1:], ", "), strings.Join(batches[2*e+1][1:], ", "))
	}
	if code := steepest([]string{"run", "--quiet", "--out", filepath.Join(dir, "out"), file}, io.Discard, os.Stderr); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	steps := records(t, filepath.Join(runFolder(t, dir, "out", "sgd-seed42"), "steps.csv"))
	for _, tensor := range []string{"layer1.weight", "layer2.weight"} {
		fmt.Fprintf(&b, "%-14s", tensor)
		for i, name := range steps[0] {
			if strings.HasPrefix(name, tensor+"[") {
				fmt.Fprintf(&b, " %s", steps[1][i])
			}
		}
		fmt.Fprintln(&b)
	}
	if b.String() != shown {
		t.Errorf("docs/randomness.md differs from what steepest does:\n%s", &b)
	}

	if got := python(t, "../docs/randomness.py"); got != shown {
		t.Errorf("docs/randomness.md differs from what its script prints:\n%s", got)
	}
	// Enough draws for the tail of the normal distribution, and for more than one block of the generator.
	const draws = 20_000
	r = tree.Branch("noise").Rand()
	sum := 0.0
	for range draws {
		sum = float64(0.999*sum) + r.NormFloat64()
	}
	want := fmt.Sprint(sum, " ", r.IntN(1000), " ", r.IntN(1024), "\n")
	if got := python(t, "-c", fmt.Sprintf(`import sys; sys.dont_write_bytecode = True; sys.path.insert(0, "../docs")
from randomness import *
g, s = Generator(branch(root(42), "noise")), 0.0
for _ in range(%d): s = 0.999 * s + g.normal()
print(repr(s), g.below(1000), g.below(1024))`, draws)); got != want {
		t.Errorf("the script draws %q, want %q", got, want)
	}
}

// python runs Python and returns what it prints.
func python(t *testing.T, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("python3")
	if err != nil {
		const message = "python3 is missing; install it with: apt-get install python3"
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// printed returns the rows that a command prints as CSV, without their header.
func printed(t *testing.T, args ...string) [][]string {
	t.Helper()
	var out strings.Builder
	if code := steepest(args, &out, os.Stderr); code != exitOK {
		t.Fatalf("%v: exit code %d", args, code)
	}
	r := csv.NewReader(strings.NewReader(out.String()))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}
