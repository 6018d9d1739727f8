package sdk

import (
	"math/rand/v2"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Vec is a state with one value for each parameter of its tensor, zero at the start.
type Vec []float64

// Role says what a tensor does in its model.
type Role int

const (
	// Unspecified is a tensor whose host did not say.
	Unspecified = Role(v1.Role_ROLE_UNSPECIFIED)
	// Weight multiplies its layer's input.
	Weight = Role(v1.Role_ROLE_WEIGHT)
	// Bias is added.
	Bias = Role(v1.Role_ROLE_BIAS)
	// Point is the argument of an analytic function.
	Point = Role(v1.Role_ROLE_POINT)
	// Scale multiplies a normalised input.
	Scale = Role(v1.Role_ROLE_SCALE)
)

// Tensor is one named piece of the model at one step. Its slices have one element for each parameter, in row-major order
// of Shape; they are valid until step returns.
type Tensor struct {
	Name  string
	Shape []int
	Role  Role

	// K is the number of this step, from 1.
	K int
	// Grad is the gradient of the loss with respect to the tensor.
	Grad []float64
	// Weights holds the weights before the step if the optimizer was made with NeedsWeights, else it is nil.
	Weights []float64
	// Loss is the loss before the step if the optimizer was made with NeedsLoss, else 0.
	Loss float64
	// Update is what the step writes: the host adds it to the weights. It is zero at the start of every step, but for a
	// [KernelIf].
	Update []float64

	seed, index uint64
}

// From is the rest of the tensor from element i on, for a kernel that leaves the last few to the readable step. Shape is
// that of the whole.
func (x Tensor) From(i int) Tensor {
	x.Grad, x.Update = x.Grad[i:], x.Update[i:]
	if x.Weights != nil {
		x.Weights = x.Weights[i:]
	}
	return x
}

// Rand returns a random generator for this tensor and step. It is a function of the run's seed, the tensor and the step
// alone, so that a run that is resumed from a snapshot draws the same numbers as one that was never interrupted.
func (x Tensor) Rand() *rand.Rand {
	const golden = 0x9e3779b97f4a7c15 // 2^64 / golden ratio: spreads neighbouring indices
	return rand.New(rand.NewPCG(x.seed+x.index*golden, uint64(x.K)))
}
