package model

import "math/rand/v2"

// Uniform draws evenly between two values.
type Uniform struct{ Low, High float64 }

var uniformKind = InitializerKind{
	Name: "uniform",
	Keys: []Key{
		{Name: "low", Type: Number, Needed: `write { kind = "uniform", low = -0.1, high = 0.1 }`},
		{Name: "high", Type: Number, Like: "low", Needed: `write { kind = "uniform", low = -0.1, high = 0.1 }`,
			AtLeast: "low"}},
	Make: func(s Settings) Initializer { return Uniform{setting[float64](s, "low"), setting[float64](s, "high")} },
}

// Random implements [Initializer].
func (Uniform) Random() bool { return true }

func (f Uniform) fill(r *rand.Rand, w []float64, _ tensor) {
	draw(w, func() float64 { return f.Low + (f.High-f.Low)*r.Float64() })
}
