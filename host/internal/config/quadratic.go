package config

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/problem"
)

// maxQuadratic is the most variables of a quadratic made from its condition number, whose matrix has as many rows.
const maxQuadratic = 1000

var quadratic = kind{name: "quadratic", about: "[a quadratic function](problems.md#quadratic-functions)", keys: func() keys { return quadraticKeys(&Problem{}) },
	read: readQuadratic, build: buildQuadratic,
	least: func(p Problem, _ problem.Part) (float64, bool) { return 0, p.MatrixFile == "" }}

// readQuadratic reads a quadratic from files, or one of given dimension and condition number.
func readQuadratic(w *Workload, t *table) {
	p := &w.Problem
	files, numbers := quadraticFiles(p), quadraticNumbers(p)
	if !slices.ContainsFunc(numbers, func(k key) bool { return k.name != "start" && t.given(k.name) }) {
		t.known = append(t.known, "dimension", "condition", "seed")
		t.fill(append(files, noiseKey(p)))
		return
	}
	for _, k := range files {
		if k.name != "start" && t.given(k.name) {
			t.fault(t.place(k.name), k.name+" and dimension, condition, seed exclude each other",
				"give the files matrix, center and start, or dimension, condition and seed")
		}
		t.known = append(t.known, k.name)
	}
	t.fill(append(numbers, noiseKey(p)))
}

// quadraticKeys are those of both.
func quadraticKeys(p *Problem) keys {
	files, numbers := quadraticFiles(p), quadraticNumbers(p)
	start := files[len(files)-1]
	start.value, start.help = either(start.value, arrayOf(node{"type": "number"})), "where every run begins: numbers, or a file of them"
	list := slices.Concat(files[:len(files)-1], numbers[:len(numbers)-1], keys{start, noiseKey(p)})
	for i := range list {
		list[i].need = ""
	}
	return list
}

// quadraticFiles are the keys of a quadratic from files.
func quadraticFiles(p *Problem) keys {
	file := func(at *string, name, help string) key {
		return stringKey(at, name, "", help).needed(fmt.Sprintf("add %s = \"FILE.csv\", a file of numbers separated by commas; "+
			"or give dimension and condition instead of files", name))
	}
	return keys{
		file(&p.MatrixFile, "matrix", "CSV file without header, or NumPy array (`.npy`): the symmetric matrix A"),
		file(&p.CenterFile, "center", "likewise: the n numbers of c"),
		file(&p.StartFile, "start", "likewise: the n numbers where every run begins"),
	}
}

// quadraticNumbers are the keys of a quadratic made from its condition number.
func quadraticNumbers(p *Problem) keys {
	return keys{
		dimensionKey(p, 1, 1, maxQuadratic).needed("add dimension = 10, the number of variables"),
		numberKey(&p.Condition, "condition", 100, "[1,inf)", "largest eigenvalue, which is 1, divided by the smallest").called("a condition number"),
		seedKey(&p.Seed, "what the eigenvectors are drawn from; the same in all runs"),
		startKey(p, maxQuadratic, func(n int) []float64 { return slices.Repeat([]float64{1}, n) }).or("all 1"),
	}
}

// buildQuadratic makes the function from its files or its condition number.
func buildQuadratic(w *Workload) problem.Problem {
	p := w.Problem
	if p.Dimension > 0 {
		start := w.startPoint(1, maxQuadratic)
		if start == nil {
			return nil
		}
		return w.withNoise(problem.ConditionedQuadratic(start, p.Condition, p.Seed))
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
		remedy := "correct the file " + w.fileAt("problem.matrix", p.MatrixFile)
		if asymmetry, ok := errors.AsType[*problem.AsymmetryError](err); ok {
			remedy = asymmetry.Remedy()
		}
		w.faultFor(err, "problem.matrix", err.Error(), remedy)
		return nil
	}
	return w.withNoise(q)
}
