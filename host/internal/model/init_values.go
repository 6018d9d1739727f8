package model

import "math/rand/v2"

// Values are the tensor itself, from a file.
type Values []float64

var valuesKind = InitializerKind{
	Name: "file",
	Keys: []Key{{Name: "file", Type: File, Needed: `write { file = "weights.csv" }`}},
	Help: "CSV without header or a NumPy array (`.npy`): as many numbers as the tensor has, in row-major order",
	Make: func(s Settings) Initializer { return Values(setting[[]float64](s, "file")) },
}

// Random implements [Initializer].
func (Values) Random() bool { return false }

func (f Values) fill(_ *rand.Rand, w []float64, _ tensor) { copy(w, f) }
