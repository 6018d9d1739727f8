package model

// Flatten makes a vector of an image: rows, then columns, then channels.
type Flatten struct{}

var flattenKind = LayerKind{
	Name:  "flatten",
	Takes: Images,
	Help:  "an image becomes a vector: rows, then columns, then channels",
	Make:  func(Settings) Layer { return Flatten{} },
}

func (Flatten) bind(in Shape) (bound, error) {
	return bound{out: Shape{in.Size()}, begin: func() stage { return flatten{} }}, nil
}

type flatten struct{}

func (flatten) forward(_ *context, _, x []float64, _ int) []float64     { return x }
func (flatten) backward(_, _, dy, _ []float64, _ int, _ bool) []float64 { return dy }

func (flatten) forwardAlong(_, _, _, rx []float64, _ int) []float64 { return rx }
func (flatten) backwardAlong(_, _, _, _, dy, rdy, _, _ []float64, _ int) (dx, rdx []float64) {
	return dy, rdy
}
