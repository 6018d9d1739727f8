package model

import "math/rand/v2"

// Zeros starts at 0.
type Zeros struct{}

var zerosKind = InitializerKind{Name: "zeros", Help: "the default of biases", Make: func(Settings) Initializer { return Zeros{} }}

// Random implements [Initializer].
func (Zeros) Random() bool { return false }

func (Zeros) fill(_ *rand.Rand, w []float64, _ tensor) { clear(w) }
