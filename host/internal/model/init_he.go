package model

import "math/rand/v2"

// He draws with variance 2/in: uniform in ±√(6/in) or normal (He et al. 2015, equation 10).
type He struct{ Normal bool }

var heKind = InitializerKind{
	Name: "he",
	Keys: []Key{distributionKey},
	Help: "variance 2 / in: He et al. 2015. The default before " + rectifiers(),
	Make: func(s Settings) Initializer { return He{setting[bool](s, "normal")} },
}

// Random implements [Initializer].
func (He) Random() bool { return true }

func (f He) fill(r *rand.Rand, w []float64, t tensor) { scaled(r, w, 2/float64(t.fanIn), f.Normal) }
