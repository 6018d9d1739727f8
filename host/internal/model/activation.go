package model

import "math"

// Activation is a function applied to each element of a layer's output.
type Activation struct {
	Name string
	// Rectifier tells that it is about zero on half its domain, and weights before it are initialised for that.
	Rectifier bool

	forward  func(x []float64)        // in place
	backward func(x, y, dy []float64) // multiplies dy by the derivative, from the input x and the output y
	needsX   bool                     // backward uses x
}

// Constants of activations, torch's defaults.
const (
	leakySlope = 0.01
	eluAlpha   = 1.0
)

// Activations are the functions that an experiment can name. At a kink the derivative is the one from the left, which for
// relu is 0, as usual.
var Activations = []Activation{
	{Name: "linear"},
	{Name: "sigmoid", forward: func(x []float64) { each(x, Sigmoid) },
		backward: func(_, y, dy []float64) {
			for i, y := range y {
				dy[i] *= y * (1 - y)
			}
		}},
	{Name: "tanh", forward: tanh,
		backward: func(_, y, dy []float64) {
			for i, y := range y {
				dy[i] *= 1 - y*y
			}
		}},
	{Name: "relu", Rectifier: true, forward: func(x []float64) {
		for i, v := range x {
			x[i] = max(v, 0)
		}
	}, backward: func(_, y, dy []float64) {
		for i, y := range y {
			if y <= 0 {
				dy[i] = 0
			}
		}
	}},
	// max(x, 0.01 x)
	{Name: "leaky-relu", Rectifier: true, forward: func(x []float64) {
		for i, v := range x {
			x[i] = max(v, leakySlope*v)
		}
	}, backward: func(_, y, dy []float64) {
		for i, y := range y {
			if y <= 0 {
				dy[i] *= leakySlope
			}
		}
	}},
	// x for x > 0, else exp(x) - 1: Clevert et al. 2016, equation 15 with α = 1.
	{Name: "elu", Rectifier: true, forward: func(x []float64) {
		for i, v := range x {
			if !(v > 0) {
				x[i] = eluAlpha * math.Expm1(v)
			}
		}
	}, backward: func(_, y, dy []float64) {
		for i, y := range y {
			if y <= 0 {
				dy[i] *= y + eluAlpha
			}
		}
	}},
	// ln(1 + exp(x)), whose derivative is the sigmoid, 1 - exp(-y).
	{Name: "softplus", forward: func(x []float64) { each(x, softplus) },
		backward: func(_, y, dy []float64) {
			for i, y := range y {
				dy[i] *= -math.Expm1(-y)
			}
		}},
	// x Φ(x) with the normal distribution function Φ: Hendrycks and Gimpel 2016, section 2, the exact form.
	{Name: "gelu", Rectifier: true, needsX: true, forward: func(x []float64) {
		each(x, func(x float64) float64 { return x * normalCDF(x) })
	}, backward: func(x, _, dy []float64) {
		for i, x := range x {
			dy[i] *= normalCDF(x) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}
	}},
	// x sigmoid(x): Hendrycks and Gimpel 2016; also called swish.
	{Name: "silu", Rectifier: true, needsX: true, forward: func(x []float64) {
		each(x, func(x float64) float64 { return x * Sigmoid(x) })
	}, backward: func(x, _, dy []float64) {
		for i, x := range x {
			s := Sigmoid(x)
			dy[i] *= s * (1 + x*(1-s))
		}
	}},
}

func each(x []float64, f func(float64) float64) {
	for i, v := range x {
		x[i] = f(v)
	}
}

// softplus is max(x, 0) + ln(1 + exp(-|x|)), which neither overflows nor loses digits.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func normalCDF(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }

// FindActivation returns the activation of that name; ok tells whether there is one.
func FindActivation(name string) (a Activation, ok bool) {
	for _, a := range Activations {
		if a.Name == name {
			return a, true
		}
	}
	return Activation{}, false
}

// ActivationNames are those of [Activations].
func ActivationNames() []string {
	var names []string
	for _, a := range Activations {
		names = append(names, a.Name)
	}
	return names
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
	b.begin = func() stage { return &activated{stage: begin(), f: a.Activation} }
	return b, nil
}

type activated struct {
	stage
	f    Activation
	x, y []float64
}

func (a *activated) forward(c *context, w, x []float64, n int) []float64 {
	y := a.stage.forward(c, w, x, n)
	if a.f.needsX && c.mode == train {
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
