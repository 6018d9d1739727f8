package model

import (
	"math"
	"math/rand/v2"

	"github.com/steepest/steepest/host/internal/registry"
)

// Initializer draws the starting values of a tensor.
type Initializer interface {
	// Random tells whether the values are drawn.
	Random() bool
	// fill writes the values of a tensor of the given shape and number of inputs and outputs of each unit.
	fill(r *rand.Rand, w []float64, t tensor)
}

// InitializerKind is a way to start that an experiment can name. Each has a file of its own.
type InitializerKind struct {
	Name string
	Keys []Key
	Help string
	Make func(Settings) Initializer
}

func (k *InitializerKind) String() string { return k.Name }

// InitializerKinds are the ways to start, in the order of the manual.
var InitializerKinds = registry.List[*InitializerKind]{&zerosKind, &constantKind, &normalKind, &truncatedNormalKind, &uniformKind, &glorotKind, &heKind,
	&orthogonalKind, &valuesKind}

// DefaultWeight is Glorot's uniform distribution, or He's before a rectifier.
func DefaultWeight(a Activation) Initializer {
	if a.Rectifier {
		return He{}
	}
	return Glorot{}
}

func draw(w []float64, x func() float64) {
	for i := range w {
		w[i] = x()
	}
}

// scaled draws with mean 0 and the given variance, from a normal distribution or a uniform one.
func scaled(r *rand.Rand, w []float64, variance float64, normal bool) {
	if normal {
		draw(w, func() float64 { return math.Sqrt(variance) * r.NormFloat64() })
		return
	}
	bound := math.Sqrt(3 * variance)
	draw(w, func() float64 { return bound * (2*r.Float64() - 1) })
}

// distributionKey is the distribution of what is scaled.
var distributionKey = Key{Name: "distribution", Recorded: "normal", Type: Switch, Choices: []string{"uniform", "normal"}}
