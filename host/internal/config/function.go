package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// The most variables of a function, and of a quadratic made from its condition number, whose matrix has as many rows.
const maxDimension, maxQuadratic = 100_000, 1000

// functionKinds lists the problems without a model: analytic functions and the stochastic ones of DeepOBS.
func functionKinds() []string {
	var names []string
	for _, f := range problem.Functions {
		names = append(names, f.Name)
	}
	return append(append(names, "quadratic"), problem.StochasticFunctions...)
}

// ProblemKinds are what kind in [problem] can be.
func ProblemKinds() []string { return append(slices.Clone(modelKinds), functionKinds()...) }

// HasEpochs tells whether the problem has data, and so epochs.
func (p Problem) HasEpochs() bool { return p.hasModel() || p.stochastic() }

// Validates tells whether the problem has examples that validate.
func (p Problem) Validates() bool {
	return p.stochastic() || p.Data != nil && (p.Splitting.OnTest || p.Splitting.Validation != dataset.Portion{})
}

// Classifies tells whether the problem has an accuracy. It is known after Build.
func (p Problem) Classifies() bool {
	if p.Model == nil || p.Target == "input" {
		return false
	}
	loss, _ := model.FindLoss(p.Loss)
	return loss.Accuracy != nil
}

// Has tells whether the problem has what a quantity needs, as far as is known: of test examples nothing is.
func (p Problem) Has(needs record.Needs) bool {
	return needs&record.TestExamples == 0 && (needs&record.ValidationExamples == 0 || p.Validates()) &&
		(needs&record.Classes == 0 || p.Classifies())
}

func (p Problem) stochastic() bool { return slices.Contains(problem.StochasticFunctions, p.Kind) }

// readFunction reads the keys of a problem without a model. It tells whether the problem is one.
func (e *Experiment) readFunction(t *table) bool {
	p := &e.Problem
	f, analytic := problem.FindFunction(p.Kind)
	switch {
	case p.stochastic():
		p.Batching = readBatching(t, problem.StochasticBatching(p.Kind))
		return true
	case analytic:
		e.readPoint(t, f.Dimension, f.Least, maxDimension, f.Start)
	case p.Kind == "quadratic":
		e.readQuadratic(t)
	default:
		return false
	}
	p.GradientNoise = t.number("gradient_noise", 0, func(x float64) bool { return x >= 0 },
		"a standard deviation of at least 0")
	return true
}

// readPoint reads dimension, if the function exists for any from least to most, and start. Without dimension the length of
// start says it.
func (e *Experiment) readPoint(t *table, dimension, least, most int, start func(n int) []float64) {
	p := &e.Problem
	if least > 0 {
		if list, ok := t.keys["start"].([]any); ok && len(list) > most {
			t.fault(t.place("start"), fmt.Sprintf("start has %d numbers", len(list)), fmt.Sprintf("choose at most %d", most))
			t.known = append(t.known, "start", "dimension")
			return
		} else if ok && len(list) >= least {
			dimension = len(list)
		}
		dimension = t.between("dimension", dimension, least, most)
		p.Dimension = dimension
	}
	p.Start = t.numbers("start", start(dimension))
}

// readQuadratic reads a quadratic from files, or one of given dimension and condition number.
func (e *Experiment) readQuadratic(t *table) {
	p := &e.Problem
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
	e.readPoint(t, 1, 1, maxQuadratic, func(n int) []float64 { return slices.Repeat([]float64{1}, n) })
	p.Condition = t.number("condition", 100, func(x float64) bool { return x >= 1 }, "a condition number of at least 1")
	p.Seed = uint64(t.integer("seed", 1, 0))
}

// buildStochastic makes a stochastic function of DeepOBS.
func (e *Experiment) buildStochastic() problem.Problem {
	p, before := e.Problem, len(e.document.errors)
	rows := problem.StochasticRows(p.Kind)
	e.checkBatches(rows)
	e.readOrder(rows, rows, nil)
	if len(e.document.errors) > before {
		return nil
	}
	return problem.Stochastic(p.Kind, *p.Batching)
}

// buildFunction makes a problem without a model.
func (e *Experiment) buildFunction() problem.Problem {
	p := e.Problem
	var built problem.Problem
	switch f, analytic := problem.FindFunction(p.Kind); {
	case p.stochastic():
		return e.buildStochastic()
	case analytic:
		built = f.Problem(p.Start)
	case p.Kind == "quadratic" && p.Dimension > 0:
		built = problem.ConditionedQuadratic(p.Start, p.Condition, p.Seed)
	case p.Kind == "quadratic":
		built = e.buildQuadratic()
	}
	if built != nil && p.GradientNoise > 0 {
		built = problem.WithNoise(built, p.GradientNoise)
	}
	return built
}
