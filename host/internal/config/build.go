package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// Build loads the data and makes the problem. What is wrong is kept for Errors; then the result is nil.
func (e *Experiment) Build() problem.Problem {
	var built problem.Problem
	if kind, ok := e.Problem.kind(); ok {
		built = kind.build(e)
	}
	if built != nil {
		e.stepsPerEpoch = built.StepsPerEpoch()
		e.steps = e.Budget.Steps + problem.Steps(built, e.Budget.Epochs) // one of the two is 0
		train := 0
		if data, ok := built.(problem.Batched); ok {
			rows, _, _ := data.Rows(seed.New(0)) // as many for every seed
			train = len(rows)
		}
		model, fitted := built.(*problem.Supervised)
		e.checkSeeds(train, fitted && model.Network.Random())
		e.checkTarget()
	}
	if built != nil && e.Record.Parameters {
		if n := problem.Size(built.Layout()); n > maxRecordedParameters {
			e.Fault("record.parameters", fmt.Sprintf("the model has %d parameters; more than %d are not recorded at each step",
				n, maxRecordedParameters), "remove record.parameters, or make the model smaller")
		}
	}
	return built
}

// readMatrix reads the file named at a path in [problem], and keeps its sum. It is nil if the file cannot be used.
func (e *Experiment) readMatrix(path, name string) *mat.Dense {
	m, sum, err := dataset.ReadMatrix(e.Path(name))
	if err != nil {
		e.faultFile(path, name, err)
		return nil
	}
	e.keep(strings.TrimPrefix(path, "problem."), sum)
	return m
}

// keep notes the sum of a file for the record.
func (e *Experiment) keep(key string, sum dataset.Sum) {
	if e.Problem.Content == nil {
		e.Problem.Content = map[string]dataset.Sum{}
	}
	e.Problem.Content[key] = sum
}

// faultFile reports a file that cannot be used.
func (e *Experiment) faultFile(path, name string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		e.faultFor(err, path, fmt.Sprintf("there is no file %s", e.Path(name)),
			fmt.Sprintf("correct the path; it is relative to the experiment file's folder (%s)", e.Path(".")))
		return
	}
	e.faultFor(err, path, err.Error(), "correct the file, or name another")
}
