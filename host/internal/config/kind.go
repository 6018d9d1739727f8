package config

import (
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// kind is a kind of problem that an experiment can name. Each sort has a file of its own.
type kind struct {
	name  string
	about string                                           // for the manual; kinds of one sort say the same
	keys  func() keys                                      // those of [problem] beside kind and name
	read  func(*Workload, *table)                          // reads them
	build func(*Workload) problem.Problem                  // nil if something is wrong, which is kept for Errors
	least func(Problem, problem.Part) (x float64, ok bool) // no loss of the part is below x; ok is false if nothing is known

	validates bool // whatever its keys say
}

func (k kind) String() string { return k.name }

// kinds are in the order of the manual.
var kinds = registry.List[kind](slices.Concat([]kind{mlp, network}, presetKinds(), functionKinds(),
	[]kind{quadratic, nonstationaryQuadratic, randomFunction, randomMatrix}, stochasticKinds()))

// ProblemKinds are what kind in [problem] can be.
func ProblemKinds() []string { return kinds.Names() }

// kind is the entry of the problem's kind; ok tells whether there is one.
func (p Problem) kind() (k kind, ok bool) { return kinds.Find(p.Kind) }

// HasEpochs tells whether the problem has data, and so epochs.
func (p Problem) HasEpochs() bool { return p.Batching != nil }

// Validates tells whether the problem has examples that validate.
func (p Problem) Validates() bool {
	if k, _ := p.kind(); k.validates {
		return true
	}
	return p.Data != nil && (p.Splitting.OnTest || p.Splitting.Validation != dataset.Portion{})
}

// Classifies tells whether the problem has an accuracy. It is known after Build.
func (p Problem) Classifies() bool {
	if p.Model == nil || p.Target == "input" {
		return false
	}
	loss, _ := model.Losses.Find(p.Loss)
	return loss.Accuracy != nil
}

// Has tells whether the problem has what a quantity needs, as far as is known: of test examples nothing is, nor of optimizers.
func (p Problem) Has(needs record.Needs) bool {
	return needs&(record.TestExamples|record.EvaluationWeights) == 0 && (needs&record.ValidationExamples == 0 || p.Validates()) &&
		(needs&record.Classes == 0 || p.Classifies())
}

// least is a bound below which the loss of a part of the data never is; known is false if there is none or we know of none.
func (p Problem) least(part problem.Part) (bound float64, known bool) {
	k, ok := p.kind()
	if !ok {
		return 0, false
	}
	if bound, known = k.least(p, part); math.Abs(bound) < 1e-12 { // what rounding leaves of 0
		bound = 0
	}
	return bound, known
}

// atLeast0 is the bound of means of what is never negative, and of penalties.
func atLeast0(Problem, problem.Part) (bound float64, known bool) { return 0, true }
