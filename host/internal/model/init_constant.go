package model

import "math/rand/v2"

// Constant starts at one value.
type Constant struct{ Value float64 }

var constantKind = InitializerKind{
	Name: "constant",
	Keys: []Key{{Name: "value", Type: Number, Needed: `write { kind = "constant", value = 0.1 }`}},
	Make: func(s Settings) Initializer { return Constant{setting[float64](s, "value")} },
}

// Random implements [Initializer].
func (Constant) Random() bool { return false }

func (f Constant) fill(_ *rand.Rand, w []float64, _ tensor) {
	draw(w, func() float64 { return f.Value })
}
