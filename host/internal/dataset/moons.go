package dataset

import "math"

// Two interleaving half circles, for t from 0 to π:
//
//	class 0: (cos t, sin t)    class 1: (1 − cos t, ½ − sin t)
//
// as in scikit-learn's make_moons.
var twoMoons = Known{
	Name:    "two-moons",
	Summary: "two interleaving half circles",
	Source:  "synthetic, as scikit-learn's make_moons",
	Options: []Option{examplesOption, noiseOption(0.1, "standard deviation of the noise on both coordinates"), seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		return planar(random("two-moons", v), numbered(2), int(v["examples"]), v["noise"], func(class, i, n int) (x, y float64) {
			sin, cos := math.Sincos(math.Pi * along(i, n))
			if class == 0 {
				return cos, sin
			}
			return 1 - cos, 0.5 - sin
		}), nil
	},
}
