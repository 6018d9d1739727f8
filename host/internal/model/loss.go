package model

import (
	"slices"
	"strconv"

	parallel "github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/registry"
)

// Loss compares a network's output with targets; see [Pass.Loss]. Each has a file of its own.
type Loss struct {
	Name    string // as an experiment calls it
	Title   string // in a sentence
	Formula string // of an output or an example
	Suits   string // what it is the default for, in words
	// sum adds up the losses of outputs z for targets y, of which the batch's loss is the n-th part. It writes the derivative
	// of that with respect to each output into dz unless that is nil.
	sum func(z, y []float64, outputs int, n float64, dz []float64) float64
	// along writes the derivative of that derivative along rz into rdz: the product of the Hessian with respect to the outputs with rz.
	along func(z, rz []float64, outputs int, n float64, rdz []float64)
	// Accuracy is the share of examples that are classified correctly; nil if the loss is not for classes.
	Accuracy func(z, y []float64, outputs int) float64
	// ByClass tells that y has one class index for each example, rather than a target for each output.
	ByClass bool
	// Bounded tells that targets must be from 0 to 1: beyond, the loss could fall without bound.
	Bounded bool

	suits   func(Targets) bool                     // it is the default; nil if it never is
	refuses func(Targets) (message, remedy string) // see Refuses; nil if it takes any
}

// Targets are what a loss compares outputs with.
type Targets struct {
	Input        bool // those of an autoencoder
	Classes      int  // of the data set; 0 if its targets are numbers
	Standardized bool // the input is
}

func (t Targets) classes() string {
	if t.Classes == 0 {
		return "none: its targets are numbers"
	}
	return strconv.Itoa(t.Classes)
}

// Losses are those that an experiment can name, in the order of the manual.
var Losses = registry.List[Loss]{binaryEntropy, softmaxEntropy, squaredError}

func (l Loss) String() string { return l.Name }

// Refuses says why the loss is none for the targets, and what would be right; nothing if it is one.
func (l Loss) Refuses(t Targets) (message, remedy string) {
	if l.refuses == nil {
		return "", ""
	}
	return l.refuses(t)
}

// DefaultLoss is the loss for targets of which nothing else is said.
func DefaultLoss(t Targets) Loss {
	return Losses[slices.IndexFunc(Losses, func(l Loss) bool { return l.suits != nil && l.suits(t) })]
}

// lossGrain is the number of outputs that is worth a part of its own.
const lossGrain = 1 << 14

// scorer computes the loss of a batch. The batch is cut into parts, which threads share; see [parallel.Team].
type scorer struct {
	team *parallel.Team
	sums []float64 // of the parts

	// arguments of the pass in flight
	sum      func(z, y []float64, outputs int, n float64, dz []float64) float64
	z, y, dz []float64
	outputs  int
}

func newScorer() *scorer {
	s := &scorer{}
	s.team = parallel.NewTeam(s.part)
	return s
}

// loss is the mean over the examples and, but for losses by class, outputs.
func (s *scorer) loss(l Loss, z, y []float64, outputs int, dz []float64) float64 {
	s.sum, s.z, s.y, s.outputs, s.dz = l.sum, z, y, outputs, dz
	sums := grow(&s.sums, parallel.Cut(len(z), lossGrain))
	s.sums = sums
	s.team.Do(len(sums))
	total := 0.0
	for _, v := range sums {
		total += v
	}
	return total / float64(len(y))
}

func (s *scorer) part(i, _ int) {
	lo, hi := parallel.Range(len(s.z)/s.outputs, i, len(s.sums))
	targets := len(s.y) / (len(s.z) / s.outputs) // of an example
	var dz []float64
	if s.dz != nil {
		dz = s.dz[lo*s.outputs : hi*s.outputs]
	}
	s.sums[i] = s.sum(s.z[lo*s.outputs:hi*s.outputs], s.y[lo*targets:hi*targets], s.outputs, float64(len(s.y)), dz)
}
