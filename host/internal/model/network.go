// Package model has the parametric functions that optimizers fit: layers with forward and backward passes, losses and
// initialisers. Weights are slices of one flat vector. Images are height x width x channels.
package model

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Shape is that of one example: features, or height x width x channels.
type Shape []int

// MaxValues is the most parameters of a network, and the most values of its layers for a batch: 4 GB of either.
const MaxValues = 1 << 29

// Size is the number of values, or MaxValues + 1 if there are more than MaxValues.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		if d > MaxValues/n {
			return MaxValues + 1
		}
		n *= d
	}
	return n
}

func (s Shape) String() string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint([]int(s)), "[]"), " ", " x ")
}

// Layer describes one layer; its types are [Dense], [Conv2D], [Pool], [Flatten], [Dropout] and [BatchNorm], and
// [Activated] around one of them.
type Layer interface {
	// bind fits the layer to the shape of its input. The error is a [Misfit].
	bind(in Shape) (bound, error)
}

// bound is a layer that knows the shape of its input. It is immutable and shared by all passes.
type bound struct {
	out     Shape
	tensors []tensor
	// begin makes the layer's buffers for a pass.
	begin func() stage
	// calibrates tells that the layer must see training examples before it evaluates.
	calibrates bool
	activation Activation // of its output
	// random tells that it draws numbers in training.
	random bool
	// normalized is how many values of each feature or channel an example has in a layer that normalises over the batch.
	normalized int
}

// tensor is a part of a layer's parameters.
type tensor struct {
	name          string
	shape         []int
	role          v1.Role
	init          Initializer // nil for zeros
	fanIn, fanOut int
}

// stage is a layer in one pass, with its buffers. w and g are the layer's own parameters and their gradient. A stage may
// overwrite the derivative that it is given, never the input.
type stage interface {
	// forward returns the output (n x out) for the input x (n x in), valid until the next call.
	forward(c *context, w, x []float64, n int) []float64
	// backward writes the gradient of w for the derivative dy of the loss with respect to the output of the forward pass
	// before, and returns the one with respect to the input, unless first is set: then no one asks.
	backward(w, x, dy, g []float64, n int, first bool) []float64

	// The derivatives of both along a direction: that of w is v, the others have an r before their names (Pearlmutter 1994).

	// forwardAlong returns ry, after the forward pass of the same. rx is nil where the input does not depend on parameters; so is ry.
	forwardAlong(w, v, x, rx []float64, n int) []float64
	// backwardAlong is backward that also writes hv, the derivative of g, and returns that of dx. Where rx is nil, no one asks for the two.
	backwardAlong(w, v, x, rx, dy, rdy, g, hv []float64, n int) (dx, rdx []float64)
}

// context is what layers do differently from pass to pass.
type context struct {
	mode  mode
	turns bool // a backward pass follows
	step  int  // what is drawn anew at each step follows from the tree, the layer and the step
	layer int
	tree  seed.Tree
}

type mode int

const (
	evaluate  mode = iota
	train          // units are dropped, batches normalised by themselves
	calibrate      // batches normalised by themselves, which is kept for evaluation
)

// Misfit is a layer that does not fit the one before it or the data.
type Misfit struct {
	Layer           int // from 0; the number of layers for the output
	Key             string
	Message, Remedy string
}

func (m *Misfit) Error() string {
	return fmt.Sprintf("layer %d: %s; %s", m.Layer+1, m.Message, m.Remedy)
}

// Network is layers in a row. It has no state and may be shared; a [Pass] holds the buffers.
type Network struct {
	In, Out Shape
	L2      L2

	layers     []bound
	starts     []int // of each layer's parameters, and their end
	layout     []*v1.Tensor
	widest     int // values of all layers for one example
	calibrates bool
}

// L2 are the factors λ of a penalty λ/2 Σ w² on the tensors of each role (Goodfellow et al. 2016, section 7.1.1).
type L2 struct {
	Weight float64 `json:"weight"`
	Bias   float64 `json:"bias"`
	Scale  float64 `json:"scale"`
}

func (l L2) of(role v1.Role) float64 {
	switch role {
	case v1.Role_ROLE_WEIGHT:
		return l.Weight
	case v1.Role_ROLE_BIAS:
		return l.Bias
	case v1.Role_ROLE_SCALE:
		return l.Scale
	}
	return 0
}

// New puts layers in a row behind inputs of the given shape. Its tensors are named by the layer's place and their own
// name: layer1.weight, layer1.bias, layer4.weight, ... A layer that does not fit is a [Misfit].
func New(in Shape, layers []Layer) (*Network, error) {
	n := &Network{In: in, Out: in, widest: in.Size()}
	offset := 0
	for i, layer := range layers {
		b, err := layer.bind(n.Out)
		if err != nil {
			if misfit, ok := errors.AsType[*Misfit](err); ok {
				misfit.Layer = i
			}
			return nil, err
		}
		if n.widest += b.out.Size(); n.widest > MaxValues {
			return nil, tooLarge(i, fmt.Sprintf("with its output of %v the layers have", b.out))
		}
		n.starts = append(n.starts, offset)
		for _, t := range b.tensors {
			shape := make([]int64, len(t.shape))
			for j, d := range t.shape {
				shape[j] = int64(d)
			}
			length := Shape(t.shape).Size()
			if values, isFile := t.init.(Values); isFile && len(values) != length {
				return nil, &Misfit{Layer: i, Key: t.name + "_init", Message: fmt.Sprintf("its file has %d values for a %s of %v",
					len(values), t.name, Shape(t.shape)),
					Remedy: fmt.Sprintf("give a file of %d values, in row-major order", length)}
			}
			n.layout = append(n.layout, &v1.Tensor{Name: LayerName(i) + "." + t.name, Shape: shape, Role: t.role,
				Offset: int64(offset), Length: int64(length), FanIn: int64(t.fanIn), FanOut: int64(t.fanOut), Place: v1.Place_PLACE_HIDDEN})
			if offset += length; offset > MaxValues {
				return nil, tooLarge(i, fmt.Sprintf("with its %s of %v the network has", t.name, Shape(t.shape)))
			}
		}
		n.calibrates = n.calibrates || b.calibrates
		n.layers, n.Out = append(n.layers, b), b.out
	}
	n.starts = append(n.starts, offset)
	n.place()
	if offset == 0 {
		return nil, &Misfit{Layer: len(layers), Message: "no layer has weights",
			Remedy: "add a layer that can be fitted, such as a dense one"}
	}
	return n, nil
}

// place says of the tensors of the first and the last layer that have any that they are theirs.
func (n *Network) place() {
	set := func(at int, place v1.Place) {
		layer, _, _ := strings.Cut(n.layout[at].Name, ".")
		for _, t := range n.layout {
			if strings.HasPrefix(t.Name, layer+".") {
				t.Place = place
			}
		}
	}
	if last := len(n.layout) - 1; last >= 0 {
		set(0, v1.Place_PLACE_FIRST)
		set(last, v1.Place_PLACE_LAST)
	}
}

// LayerName is the name of a layer, from 0, with which those of its tensors begin.
func LayerName(layer int) string { return fmt.Sprintf("layer%d", layer+1) }

// Activated are the layers, from 0, that have an activation, with it.
func (n *Network) Activated() map[int]Activation {
	all := map[int]Activation{}
	for i, b := range n.layers {
		if b.activation.forward != nil {
			all[i] = b.activation
		}
	}
	return all
}

// tooLarge refuses a layer that no machine has the memory for.
func tooLarge(layer int, what string) *Misfit {
	return &Misfit{Layer: layer, Key: "units", Message: fmt.Sprintf("%s more than the %d values allowed", what, MaxValues),
		Remedy: "make the layer smaller"}
}

// Layout names the tensors of the weight vector.
func (n *Network) Layout() []*v1.Tensor { return n.layout }

// Size is the number of parameters.
func (n *Network) Size() int { return n.starts[len(n.layers)] }

// Width is the number of values that one example takes in all layers together.
func (n *Network) Width() int { return n.widest }

// Calibrates tells whether the network must see training examples before it evaluates, see [Pass.Calibrate].
func (n *Network) Calibrates() bool { return n.calibrates }

// Random tells whether anything in the network is drawn: where it starts, or what its layers do.
func (n *Network) Random() bool {
	return slices.ContainsFunc(n.layers, func(b bound) bool {
		return b.random || slices.ContainsFunc(b.tensors, func(t tensor) bool { return t.init != nil && t.init.Random() })
	})
}

// Separable tells whether the loss of a batch in training is the mean of what each of its examples would have alone: no layer draws anything
// for it, nor normalises over it.
func (n *Network) Separable() bool {
	return !slices.ContainsFunc(n.layers, func(b bound) bool { return b.random || b.normalized > 0 })
}

// Normalized is the layer, from 0, that normalises over the batch and has the fewest values of each feature or channel in an
// example, and how many it has; 0 values if there is no such layer.
func (n *Network) Normalized() (layer, values int) {
	for i, b := range n.layers {
		if b.normalized > 0 && (values == 0 || b.normalized < values) {
			layer, values = i, b.normalized
		}
	}
	return layer, values
}

// Initialize draws the weights. Each layer has a branch of its own.
func (n *Network) Initialize(branch seed.Tree, w []float64) {
	t := 0
	for i, layer := range n.layers {
		random := branch.Index(i).Rand()
		for _, spec := range layer.tensors {
			at := n.layout[t]
			if into := w[at.Offset : at.Offset+at.Length]; spec.init == nil {
				clear(into)
			} else {
				spec.init.fill(random, into, spec)
			}
			t++
		}
	}
}

// Penalty is the L2 penalty at weights w; it adds its gradient to g unless g is nil.
func (n *Network) Penalty(w, g []float64) float64 {
	sum := 0.0
	if n.L2 == (L2{}) {
		return sum
	}
	for _, t := range n.layout {
		factor := n.L2.of(t.Role)
		if factor == 0 {
			continue
		}
		square := 0.0
		for i := t.Offset; i < t.Offset+t.Length; i++ {
			square += w[i] * w[i]
			if g != nil {
				g[i] += factor * w[i]
			}
		}
		sum += factor / 2 * square
	}
	return sum
}

// Pass holds the buffers of forward and backward passes; they grow to the largest batch seen. It is for one goroutine.
type Pass struct {
	network *Network
	stages  []stage
	inputs  [][]float64 // of each stage, and the output
	along   [][]float64 // their derivatives along a direction
	dz, rdz []float64
	context context
	scorer  *scorer
}

// NewPass makes a pass. What layers draw at random follows from the tree.
func (n *Network) NewPass(tree seed.Tree) *Pass {
	p := &Pass{network: n, inputs: make([][]float64, len(n.layers)+1), along: make([][]float64, len(n.layers)+1),
		context: context{tree: tree}, scorer: newScorer()}
	for _, layer := range n.layers {
		p.stages = append(p.stages, layer.begin())
	}
	return p
}

// Forward returns the output (n x out) for the examples x (n x in) at weights w. It is valid until the next call.
func (p *Pass) Forward(w []float64, x *mat.Dense) []float64 {
	p.context.mode, p.context.turns = evaluate, false
	return p.forward(w, x)
}

// Loss is the loss of the outputs z (n x outputs) for the targets y: one for each output, or each example's class.
func (p *Pass) Loss(loss Loss, z, y []float64) float64 {
	return p.scorer.loss(loss, z, y, p.network.Out.Size(), nil)
}

// Calibrate measures the means and variances by which batch normalisation evaluates: those of the examples x.
func (p *Pass) Calibrate(w []float64, x *mat.Dense) {
	p.context.mode, p.context.turns = calibrate, false
	p.forward(w, x)
}

func (p *Pass) forward(w []float64, x *mat.Dense) []float64 {
	n, features := x.Dims()
	raw := x.RawMatrix()
	if raw.Stride != features {
		panic("model: examples are not contiguous")
	}
	p.inputs[0] = raw.Data[:n*features]
	for i, s := range p.stages {
		p.context.layer = i
		p.inputs[i+1] = s.forward(&p.context, p.network.part(w, i), p.inputs[i], n)
	}
	return p.inputs[len(p.stages)]
}

func (n *Network) part(w []float64, layer int) []float64 { return w[n.starts[layer]:n.starts[layer+1]] }

// Evaluation in the place of a step stands for the network as it evaluates: nothing is dropped, and batch normalisation has the means and
// variances of [Pass.Calibrate], which count as constants.
const Evaluation = -1

// Gradient returns the loss of the examples x with targets y at step k, penalty included, and writes its gradient with
// respect to w into g; if that is nil the forward pass is all. It depends on nothing else but the tree and, at [Evaluation], on what was
// calibrated.
func (p *Pass) Gradient(loss Loss, k int, w []float64, x *mat.Dense, y, g []float64) float64 {
	p.at(k)
	n, _ := x.Dims()
	z := p.forward(w, x)
	if g == nil {
		return p.scorer.loss(loss, z, y, p.network.Out.Size(), nil) + p.network.Penalty(w, nil)
	}
	dy := grow(&p.dz, len(z))
	value := p.scorer.loss(loss, z, y, p.network.Out.Size(), dy)
	p.turn(w, dy, g, n)
	return value + p.network.Penalty(w, g)
}

// at sets what layers do at a step, before a backward pass.
func (p *Pass) at(k int) {
	p.context.mode, p.context.turns, p.context.step = train, true, k
	if k < 0 {
		p.context.mode = evaluate
	}
}

// turn makes the backward pass from the derivative with respect to the outputs.
func (p *Pass) turn(w, dy, g []float64, n int) {
	for i := len(p.stages) - 1; i >= 0; i-- {
		dy = p.stages[i].backward(p.network.part(w, i), p.inputs[i], dy, p.network.part(g, i), n, i == 0)
	}
}

// grow returns the first n elements of a buffer, which it makes larger if need be.
func grow(b *[]float64, n int) []float64 {
	if cap(*b) < n {
		*b = make([]float64, n)
	}
	return (*b)[:n]
}

// vector is the shape's only dimension; an error if it has several.
func vector(in Shape) (int, error) {
	if len(in) != 1 {
		return 0, &Misfit{Message: fmt.Sprintf("it takes a vector, but its input is %v", in),
			Remedy: `put a layer with kind = "flatten" before it`}
	}
	return in[0], nil
}

// image are the shape's height, width and channels; an error if it is none.
func image(in Shape) (h, w, c int, err error) {
	if len(in) != 3 {
		return 0, 0, 0, &Misfit{Message: fmt.Sprintf("it takes images, but its input is a vector of %v", in),
			Remedy: "put it before any flatten or dense layer, and give [problem] the key input = [height, width, channels] if " +
				"the data set has no shape"}
	}
	return in[0], in[1], in[2], nil
}
