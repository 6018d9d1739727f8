package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
)

// readMatrix reads the file named at a path in [problem], and keeps its sum. It is nil if the file cannot be used.
func (w *Workload) readMatrix(path, name string) *mat.Dense {
	m, sum, err := dataset.ReadMatrix(w.fileAt(path, name))
	if err != nil {
		w.faultFile(path, name, err)
		return nil
	}
	w.keep(strings.TrimPrefix(path, "problem."), sum)
	return m
}

// keep notes the sum of a file for the record.
func (w *Workload) keep(key string, sum dataset.Sum) {
	if w.Problem.Content == nil {
		w.Problem.Content = map[string]dataset.Sum{}
	}
	w.Problem.Content[key] = sum
}

// faultFile reports a file that cannot be used.
func (w *Workload) faultFile(path, name string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		w.faultFor(err, path, fmt.Sprintf("there is no file %s", w.fileAt(path, name)),
			fmt.Sprintf("correct the path; it is relative to the folder of the file that names it (%s)", w.fileAt(path, ".")))
		return
	}
	w.faultFor(err, path, err.Error(), "correct the file, or name another")
}
