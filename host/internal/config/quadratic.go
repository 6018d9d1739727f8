package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/problem"
)

// maxQuadratic is the most variables of a quadratic made from its condition number, whose matrix has as many rows.
const maxQuadratic = 1000

var quadratic = kind{name: "quadratic", about: "[a quadratic function](problems.md#quadratic-functions)", read: readQuadratic, build: buildQuadratic,
	least: func(p Problem, _ problem.Part) (float64, bool) { return 0, p.MatrixFile == "" }}

// readQuadratic reads a quadratic from files, or one of given dimension and condition number.
func readQuadratic(w *Workload, t *table) {
	p := &w.Problem
	defer w.readNoise(t)
	files, numbers := []string{"matrix", "center"}, []string{"dimension", "condition", "seed"}
	if !slices.ContainsFunc(numbers, func(key string) bool { return t.keys[key] != nil }) {
		for _, key := range append(files, "start") {
			t.required(key, fmt.Sprintf("add %s = \"FILE.csv\", a file of numbers separated by commas; "+
				"or give dimension and condition instead of files", key))
		}
		p.MatrixFile, p.CenterFile, p.StartFile = t.str("matrix", ""), t.str("center", ""), t.str("start", "")
		t.known = append(t.known, numbers...)
		return
	}
	for _, key := range files {
		if _, given := t.lookup(key); given {
			t.fault(t.place(key), fmt.Sprintf("%s and %s exclude each other", key, strings.Join(numbers, ", ")),
				"give the files matrix, center and start, or dimension, condition and seed")
		}
	}
	t.required("dimension", "add dimension = 10, the number of variables")
	w.readPoint(t, 1, 1, maxQuadratic, func(n int) []float64 { return slices.Repeat([]float64{1}, n) })
	p.Condition = t.number("condition", 100, func(x float64) bool { return x >= 1 }, "a condition number of at least 1")
	p.Seed = uint64(t.integer("seed", 1, 0))
}

// buildQuadratic makes the function from its files or its condition number.
func buildQuadratic(w *Workload) problem.Problem {
	p := w.Problem
	if p.Dimension > 0 {
		return w.withNoise(problem.ConditionedQuadratic(p.Start, p.Condition, p.Seed))
	}
	read := func(key, name string) *mat.Dense {
		if name == "" {
			return nil // reported already
		}
		return w.readMatrix("problem."+key, name)
	}
	a, c, s := read("matrix", p.MatrixFile), read("center", p.CenterFile), read("start", p.StartFile)
	if a == nil || c == nil || s == nil {
		return nil
	}
	q, err := problem.Quadratic(a, c.RawMatrix().Data, s.RawMatrix().Data)
	if err != nil {
		remedy := "correct the file " + w.Path(p.MatrixFile)
		if asymmetry, ok := errors.AsType[*problem.AsymmetryError](err); ok {
			remedy = asymmetry.Remedy()
		}
		w.faultFor(err, "problem.matrix", err.Error(), remedy)
		return nil
	}
	return w.withNoise(q)
}
