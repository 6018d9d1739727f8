package model

import (
	"fmt"
	"math/rand/v2"
)

// Normal draws from a normal distribution.
type Normal struct{ Mean, StdDev float64 }

var normalKind = InitializerKind{
	Name: "normal",
	Keys: normalKeys("normal"),
	Make: func(s Settings) Initializer { return s.normal() },
}

func normalKeys(kind string) []Key {
	return []Key{{Name: "mean", Type: Number}, {Name: "stddev", Type: Number,
		Needed: fmt.Sprintf("write { kind = %q, stddev = 0.05 }", kind),
		In:     "[0,inf)"}}
}

// normal is what normalKeys say.
func (s Settings) normal() Normal {
	return Normal{setting[float64](s, "mean"), setting[float64](s, "stddev")}
}

// Random implements [Initializer].
func (Normal) Random() bool { return true }

func (f Normal) fill(r *rand.Rand, w []float64, _ tensor) {
	draw(w, func() float64 { return f.Mean + f.StdDev*r.NormFloat64() })
}
