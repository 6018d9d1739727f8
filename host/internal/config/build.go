package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// Build loads the data and makes the problem. What is wrong is kept for Errors; then the result is nil.
func (e *Experiment) Build() problem.Problem {
	var built problem.Problem
	if e.Problem.hasModel() {
		built = e.buildSupervised()
	} else {
		built = e.buildFunction()
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
		if n := problem.Size(built.Layout()); n > MaxRecordedParameters {
			e.Fault("record.parameters", fmt.Sprintf("the model has %d parameters; more than %d are not recorded at each step",
				n, MaxRecordedParameters), "remove record.parameters, or make the model smaller")
		}
	}
	return built
}

func (e *Experiment) buildSupervised() problem.Problem {
	p := e.Problem
	data := e.buildData()
	if data == nil || !p.Model.whole {
		return nil // reported already
	}
	network, loss := e.buildNetwork(data)
	if network == nil {
		return nil
	}
	train, _, _, _ := p.Splitting.Sizes(data) // checked with the data
	before := len(e.document.errors)
	e.checkBatches(train)
	e.readOrder(data.Examples()-data.Test, train, func(tree seed.Tree) []int {
		rows, _, _ := p.Splitting.Rows(data, tree.Branch("data"))
		return rows
	})
	e.checkNormalized(network, train)
	if len(e.document.errors) > before {
		return nil
	}
	if n := p.Batching.Largest(train); n > model.MaxValues/network.Width() {
		e.Fault("problem.batch", fmt.Sprintf("a batch of %d examples has more than the %d values allowed in the layers, "+
			"%d for each", n, model.MaxValues, network.Width()), fmt.Sprintf("choose at most %d", model.MaxValues/network.Width()))
		return nil
	}
	built := &problem.Supervised{Data: data, Network: network, Loss: loss, Reconstruct: p.Model.Target == "input",
		Splitting: e.Problem.Splitting, Batching: *p.Batching}
	e.warnBeyond(built)
	return built
}

// warnBeyond warns of features of which the training examples do not show enough.
func (e *Experiment) warnBeyond(p *problem.Supervised) {
	seed, beyond := p.Beyond(e.Seeds)
	which := ""
	if !p.Splitting.OnTest || p.Splitting.Subset != (dataset.Portion{}) {
		which = fmt.Sprintf(" of seed %d", seed)
	}
	if features := beyond.Constant; len(features) > 0 {
		name := fmt.Sprint(features[0] + 1)
		if p.Data.Names != nil {
			name += fmt.Sprintf(" (%q)", p.Data.Names[features[0]])
		}
		if more := len(features) - 1; more > 0 {
			name += fmt.Sprintf(" and %d more", more)
		}
		e.Warn("problem.dataset", fmt.Sprintf("feature %s is constant among the training examples%s, but not among the others; it "+
			"becomes 0 in all", name, which), "remove the feature, or train on examples that show it")
	}
	if beyond.Values > 0 {
		e.Warn("problem.dataset", fmt.Sprintf("values beyond those of the training examples%s are cut off to 0 or 1, as targets of binary "+
			"cross-entropy must be; among the other examples there are %d", which, beyond.Values), `write loss = "mean-squared-error", which takes any target`)
	}
}

func (e *Experiment) buildQuadratic() problem.Problem {
	p := e.Problem
	read := func(key, name string) *mat.Dense {
		if name == "" {
			return nil // reported already
		}
		return e.readMatrix("problem."+key, name)
	}
	a, c, s := read("matrix", p.MatrixFile), read("center", p.CenterFile), read("start", p.StartFile)
	if a == nil || c == nil || s == nil {
		return nil
	}
	q, err := problem.Quadratic(a, c.RawMatrix().Data, s.RawMatrix().Data)
	if err != nil {
		remedy := "correct the file " + e.Path(p.MatrixFile)
		var asymmetry *problem.AsymmetryError
		if errors.As(err, &asymmetry) {
			remedy = asymmetry.Remedy()
		}
		e.Fault("problem.matrix", err.Error(), remedy)
		return nil
	}
	return q
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
		e.Fault(path, fmt.Sprintf("there is no file %s", e.Path(name)),
			fmt.Sprintf("correct the path; it is relative to the experiment file's folder (%s)", e.Path(".")))
		return
	}
	e.Fault(path, err.Error(), "correct the file, or name another")
}
