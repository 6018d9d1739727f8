package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
)

// Build loads the data and makes the problem. What is wrong is kept for Errors; then the result is nil.
func (e *Experiment) Build() problem.Problem {
	var built problem.Problem
	switch p := e.Problem; {
	case p.hasModel():
		built = e.buildSupervised()
	case p.Kind == "rosenbrock":
		built = problem.Rosenbrock(p.Start)
	case p.Kind == "quadratic":
		built = e.buildQuadratic()
	}
	if built != nil && e.Record.Parameters {
		if n := problem.Size(built.Layout()); n > MaxRecordedParameters {
			e.Fault("record.parameters", fmt.Sprintf("the model has %d parameters; more than %d are not recorded at each step",
				n, MaxRecordedParameters), "remove record.parameters, or make the model smaller")
		}
	}
	return built
}

func (e *Experiment) buildSupervised() problem.Problem {
	p := e.Problem
	if p.Dataset == "" {
		return nil // reported already
	}
	data := e.buildData()
	if data == nil || !p.Model.whole {
		return nil
	}
	network, loss := e.buildNetwork(data)
	if network == nil {
		return nil
	}
	return &problem.Supervised{Data: data, Network: network, Loss: loss, Reconstruct: p.Model.Target == "input",
		Batch: p.Batch, Validation: p.Validation, Standardize: p.Standardize}
}

// buildData loads the data set; nil if that fails.
func (e *Experiment) buildData() *dataset.Dataset {
	p := e.Problem
	data, found, err := dataset.Load(p.Dataset)
	if !found {
		data, err = dataset.ReadCSV(e.Path(p.Dataset), p.TargetColumn)
	} else if p.TargetColumn != "" {
		e.Fault("problem.target_column", fmt.Sprintf("the data set %q has a fixed target", p.Dataset), "remove target_column")
	}
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(p.Dataset, `./\`) {
		e.Fault("problem.dataset", fmt.Sprintf("there is no data set %q", p.Dataset),
			didYouMean(p.Dataset, dataset.Embedded())+", or give the path of a CSV file")
		return nil
	}
	if err != nil {
		e.faultFile("problem.dataset", p.Dataset, err)
		return nil
	}
	if train := dataset.TrainSize(len(data.Y), p.Validation); train < 1 || (p.Validation > 0 && train == len(data.Y)) {
		e.Fault("problem.validation", fmt.Sprintf("validation = %v of %d examples leaves %d for training and %d for validation",
			p.Validation, len(data.Y), train, len(data.Y)-train), "choose a share that leaves at least one for each, or 0 for no validation")
		return nil
	}
	return data
}

func (e *Experiment) buildQuadratic() problem.Problem {
	p := e.Problem
	read := func(key, name string) *mat.Dense {
		if name == "" {
			return nil // reported already
		}
		m, err := dataset.ReadMatrix(e.Path(name))
		if err != nil {
			e.faultFile("problem."+key, name, err)
			return nil
		}
		return m
	}
	a, c, s := read("matrix", p.MatrixFile), read("center", p.CenterFile), read("start", p.StartFile)
	if a == nil || c == nil || s == nil {
		return nil
	}
	q, err := problem.Quadratic(a, c.RawMatrix().Data, s.RawMatrix().Data)
	if err != nil {
		e.Fault("problem.matrix", err.Error(), "correct the file "+e.Path(p.MatrixFile))
		return nil
	}
	return q
}

// faultFile reports a file that cannot be used.
func (e *Experiment) faultFile(path, name string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		e.Fault(path, fmt.Sprintf("there is no file %s", e.Path(name)),
			fmt.Sprintf("correct the path; it is relative to the experiment file's folder (%s)", e.Path(".")))
		return
	}
	e.Fault(path, err.Error(), "correct the file, or name another")
}
