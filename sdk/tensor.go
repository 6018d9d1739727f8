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

// Place says where in its network a tensor's layer is.
type Place int

const (
	// Nowhere is the place of a function's argument, and of a tensor whose host did not say.
	Nowhere = Place(v1.Place_PLACE_UNSPECIFIED)
	// First is the layer whose input is the data.
	First = Place(v1.Place_PLACE_FIRST)
	// Hidden is neither of the others.
	Hidden = Place(v1.Place_PLACE_HIDDEN)
	// Last is the layer whose output is the network's, also where it is the only one.
	Last = Place(v1.Place_PLACE_LAST)
)

// Tensor is one named piece of the model at one step. Its slices have one element for each parameter, in row-major order
// of Shape; they are valid until step returns.
type Tensor struct {
	Name  string
	Shape []int
	Role  Role
	Place Place
	// FanIn is how many inputs an output of the layer has, and FanOut how many outputs an input reaches; 0 for what is of no
	// layer.
	FanIn, FanOut int

	// K is the number of this step, from 1.
	K int
	// Steps is how many the whole run has, 0 where that is not known.
	Steps int
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

// Matrix is the tensor's shape as that of a matrix: a row for each output of a layer, and all else in its columns, as the
// kernel of a convolution is. Of a tensor with less than two dimensions ok is false.
func (x Tensor) Matrix() (rows, columns int, ok bool) {
	if len(x.Shape) < 2 {
		return 0, 0, false
	}
	columns = 1
	for _, d := range x.Shape[1:] {
		columns *= d
	}
	return x.Shape[0], columns, true
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
