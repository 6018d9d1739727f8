package model

import (
	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/registry"
)

// Activation is a function applied to each element of a layer's output. Each has a file of its own.
type Activation struct {
	Name    string
	Formula string
	// Steepest is the largest derivative, to seven digits where it is no short number.
	Steepest float64
	// Rectifier tells that it is about zero on half its domain, and weights before it are initialised for that.
	Rectifier bool

	forward  func(x []float64)        // in place
	backward func(x, y, dy []float64) // multiplies dy by the derivative, from the input x and the output y
	second   func(x, y, d []float64)  // likewise by the second derivative; nil where that is 0 almost everywhere
	needsX   bool                     // backward and second use x
}

func (a Activation) String() string { return a.Name }

// Activations are the functions that an experiment can name, in the order of the manual. At a kink the derivative is the one from
// the left, which for relu is 0, as usual.
var Activations = registry.List[Activation]{linear, sigmoid, hyperbolicTangent, relu, leakyReLU, elu, softplus, gelu, silu}

func each(x []float64, f func(float64) float64) {
	for i, v := range x {
		x[i] = f(v)
	}
}

// rectifiers lists their names in a sentence.
func rectifiers() string {
	var names []string
	for _, a := range Activations {
		if a.Rectifier {
			names = append(names, a.Name)
		}
	}
	return registry.Sentence(names, "and")
}

// Activated applies an activation to the output of a layer that has an output of its own.
type Activated struct {
	Layer
	Activation Activation
}

func (a Activated) bind(in Shape) (bound, error) {
	b, err := a.Layer.bind(in)
	if err != nil || a.Activation.forward == nil {
		return b, err
	}
	begin := b.begin
	b.activation = a.Activation
	b.begin = func() stage { return &activated{stage: begin(), f: a.Activation} }
	return b, nil
}

type activated struct {
	stage
	f    Activation
	x, y []float64
	rx   []float64
}

func (a *activated) forward(c *context, w, x []float64, n int) []float64 {
	y := a.stage.forward(c, w, x, n)
	if a.f.needsX && c.turns {
		a.x = append(a.x[:0], y...)
	}
	a.f.forward(y)
	a.y = y
	return y
}

func (a *activated) backward(w, x, dy, g []float64, n int, first bool) []float64 {
	a.f.backward(a.x, a.y, dy)
	return a.stage.backward(w, x, dy, g, n, first)
}

func (a *activated) forwardAlong(w, v, x, rx []float64, n int) []float64 {
	ry := a.stage.forwardAlong(w, v, x, rx, n)
	a.rx = append(a.rx[:0], ry...)
	a.f.backward(a.x, a.y, ry)
	return ry
}

// backwardAlong is, as dx = f'(x) dy,
//
//	rdx = f'(x) rdy + f''(x) rx dy
func (a *activated) backwardAlong(w, v, x, rx, dy, rdy, g, hv []float64, n int) ([]float64, []float64) {
	a.f.backward(a.x, a.y, rdy)
	if a.f.second != nil {
		floats.Mul(a.rx, dy)
		a.f.second(a.x, a.y, a.rx)
		floats.Add(rdy, a.rx)
	}
	a.f.backward(a.x, a.y, dy)
	return a.stage.backwardAlong(w, v, x, rx, dy, rdy, g, hv, n)
}
