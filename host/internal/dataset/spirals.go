package dataset

import "math"

// Interlocked spirals: arm c of m, for s from 0 to 1,
//
//	r = 1 − s·96/104,   φ = 2π (turns·s + c/m),   (r sin φ, r cos φ)
//
// Two arms of three turns with 97 examples each are the benchmark of Lang and Witbrock, Learning to tell two spirals
// apart (1988), with its radius of 6.5 scaled to 1.
var spirals = Known{
	Name:    "spirals",
	Summary: "interlocked spirals",
	Source: "synthetic, after Lang and Witbrock: Learning to tell two spirals apart, Proceedings of the 1988 Connectionist " +
		"Models Summer School",
	Options: []Option{{Name: "examples", Default: 194, Low: 2, High: 1e7, Whole: true, Help: "how many examples"},
		noiseOption(0, "standard deviation of the noise on both coordinates"),
		{Name: "classes", Default: 2, Low: 2, High: 10, Whole: true, Help: "how many arms, a class each"},
		{Name: "turns", Default: 3, Low: 0.1, High: 100, Help: "turns of each arm"}, seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		m := int(v["classes"])
		return planar(random("spirals", v), numbered(m), int(v["examples"]), v["noise"], func(class, i, n int) (x, y float64) {
			s := along(i, n)
			r := 1 - s*96/104
			sin, cos := math.Sincos(2 * math.Pi * (v["turns"]*s + float64(class)/float64(m)))
			return r * sin, r * cos
		}), nil
	},
}
