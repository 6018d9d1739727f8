package dataset

import "math"

// A circle in a circle, for n equally spaced angles t:
//
//	class 0: (cos t, sin t)    class 1: factor (cos t, sin t)
//
// as in scikit-learn's make_circles.
var circles = Known{
	Name:    "circles",
	Summary: "a circle within a circle",
	Source:  "synthetic, as scikit-learn's make_circles",
	Options: []Option{examplesOption, noiseOption(0.1, "standard deviation of the noise on both coordinates"),
		{Name: "factor", Default: 0.5, High: 1, Help: "radius of the inner circle; the outer one's is 1"}, seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		return planar(random("circles", v), numbered(2), int(v["examples"]), v["noise"], func(class, i, n int) (x, y float64) {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
			r := 1.0
			if class == 1 {
				r = v["factor"]
			}
			return r * cos, r * sin
		}), nil
	},
}
