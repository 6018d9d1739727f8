package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/registry"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

const startPath = "problem.start"

// startFolderKey is where a model starts, if not as its initialisers say.
func startFolderKey(p *Problem) key {
	return stringKey(&p.StartFile, "start", "", "a folder that [`record.weights`](#record) wrote: every run begins at the weights in it, in place of initial values")
}

// readTensor reads the numbers of a tensor from a file, or from its own file in a folder; nil if they cannot be used.
func (w *Workload) readTensor(name string) ([]float64, dataset.Sum) {
	path := w.Problem.StartFile
	if w.isRun(path) {
		return nil, dataset.Sum{}
	}
	if info, err := os.Stat(w.fileAt(startPath, path)); err == nil && info.IsDir() {
		path = filepath.Join(path, name+".npy")
	}
	m, sum, err := dataset.ReadMatrix(w.fileAt(startPath, path))
	if err != nil {
		w.faultFile(startPath, path, err)
		return nil, sum
	}
	return m.RawMatrix().Data, sum
}

// isRun tells whether a path is the folder of a run, which has its weights in folders, and reports it.
func (w *Workload) isRun(path string) bool {
	inside, _ := filepath.Glob(filepath.Join(w.fileAt(startPath, path), "weights-*"))
	if len(inside) == 0 {
		return false
	}
	for i, folder := range inside {
		inside[i] = filepath.Base(folder)
	}
	slices.SortFunc(inside, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) }) // by steps
	w.Fault(startPath, fmt.Sprintf("%s is the folder of a run; its weights are in %s", w.fileAt(startPath, path), registry.Sentence(inside, "and")),
		fmt.Sprintf("write start = %q", filepath.ToSlash(filepath.Join(path, inside[len(inside)-1]))))
	return true
}

// startPoint is where every run of a function of at least so many variables begins, 0 if it exists for one number alone.
func (w *Workload) startPoint(least, most int) []float64 {
	p := &w.Problem
	if p.StartFile == "" {
		return p.Start
	}
	x, _ := w.readTensor("x") // the numbers are recorded
	n := len(x)
	_, given := w.where("problem.dimension")
	switch fixed := given || least == 0; {
	case n == 0:
		return nil // reported already
	case fixed && n != len(p.Start):
		w.Fault(startPath, fmt.Sprintf("%s has %d numbers; the problem has %d variables", w.fileAt(startPath, p.StartFile), n, len(p.Start)),
			"name another file, or correct the dimension")
		return nil
	case !fixed && (n < least || n > most):
		w.Fault(startPath, fmt.Sprintf("%s has %d numbers", w.fileAt(startPath, p.StartFile), n), fmt.Sprintf("choose from %d to %d", least, most))
		return nil
	case !fixed:
		p.Dimension = n
	}
	p.Start = x
	return x
}

// startWeights are those of a layout from the files in a folder; ok is false if something is wrong, which is kept for Errors.
func (w *Workload) startWeights(layout []*v1.Tensor) (weights []float64, ok bool) {
	folder := w.Problem.StartFile
	if folder == "" {
		return nil, true
	}
	if info, err := os.Stat(w.fileAt(startPath, folder)); err == nil && !info.IsDir() {
		w.Fault(startPath, w.fileAt(startPath, folder)+" is a file, and the model has several tensors",
			"name a folder with a file for each of them, such as weights-100 in a run's folder, or give each layer a weight_init with that file")
		return nil, false
	}
	if w.isRun(folder) {
		return nil, false
	}
	for _, t := range layout {
		x, sum := w.readTensor(t.Name)
		if x == nil {
			return nil, false
		}
		if int64(len(x)) != t.Length {
			w.Fault(startPath, fmt.Sprintf("%s has %d numbers; the model needs %d for %s, of the shape %v",
				w.fileAt(startPath, filepath.Join(folder, t.Name+".npy")), len(x), t.Length, t.Name, t.Shape), "start from weights of the same layers")
			return nil, false
		}
		w.keep("start."+t.Name, sum)
		weights = append(weights, x...)
	}
	return weights, true
}
