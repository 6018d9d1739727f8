package model

import (
	"math"
	"math/rand/v2"
)

// TruncatedNormal draws from a normal distribution, and again what is more than two standard deviations from the mean
// (TensorFlow's definition).
type TruncatedNormal struct{ Mean, StdDev float64 }

var truncatedNormalKind = InitializerKind{
	Name: "truncated-normal",
	Keys: normalKeys("truncated-normal"),
	Help: "drawn again beyond two standard deviations, as in TensorFlow",
	Make: func(s Settings) Initializer { return TruncatedNormal(s.normal()) },
}

// Random implements [Initializer].
func (TruncatedNormal) Random() bool { return true }

func (f TruncatedNormal) fill(r *rand.Rand, w []float64, _ tensor) {
	draw(w, func() float64 {
		for {
			if x := r.NormFloat64(); math.Abs(x) <= 2 {
				return f.Mean + f.StdDev*x
			}
		}
	})
}
