package model

import "math"

// Activation is a function applied to each element of a layer's output.
type Activation struct {
	Name string
	// F is the function.
	F func(x float64) float64
	// D is its derivative, from the input x and the output y = F(x).
	D func(x, y float64) float64
	// Rectifier tells that weights before it are initialised for a function that is zero on half its domain.
	Rectifier bool
}

// Activations are the functions that an experiment can name.
var Activations = []Activation{
	{Name: "linear", F: func(x float64) float64 { return x }, D: func(_, _ float64) float64 { return 1 }},
	{Name: "sigmoid", F: Sigmoid, D: func(_, y float64) float64 { return y * (1 - y) }},
	{Name: "tanh", F: math.Tanh, D: func(_, y float64) float64 { return 1 - y*y }},
	// The derivative at 0 is taken as 0, as usual.
	{Name: "relu", F: func(x float64) float64 { return math.Max(x, 0) }, Rectifier: true,
		D: func(x, _ float64) float64 {
			if x > 0 {
				return 1
			}
			return 0
		}},
}

// Sigmoid is 1 / (1 + exp(-x)), without overflow.
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// FindActivation returns the activation of that name; ok tells whether there is one.
func FindActivation(name string) (a Activation, ok bool) {
	for _, a := range Activations {
		if a.Name == name {
			return a, true
		}
	}
	return Activation{}, false
}
