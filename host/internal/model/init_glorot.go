package model

import "math/rand/v2"

// Glorot draws with variance 2/(in + out): uniform in ±√(6/(in+out)) (Glorot and Bengio 2010, equation 16) or normal.
type Glorot struct{ Normal bool }

var glorotKind = InitializerKind{
	Name: "glorot",
	Keys: []Key{distributionKey},
	Help: "variance 2 / (in + out): Glorot and Bengio 2010. The default of weights",
	Make: func(s Settings) Initializer { return Glorot{setting[bool](s, "normal")} },
}

// Random implements [Initializer].
func (Glorot) Random() bool { return true }

func (f Glorot) fill(r *rand.Rand, w []float64, t tensor) {
	scaled(r, w, 2/float64(t.fanIn+t.fanOut), f.Normal)
}
