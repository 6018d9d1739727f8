package dataset

// The square [−1, 1]², class 1 where the signs of the coordinates differ. The class is that of the point before noise.
var xor = Known{
	Name:    "xor",
	Summary: "a square whose quadrants alternate between two classes",
	Source:  "synthetic, after Minsky and Papert: Perceptrons, MIT Press, 1969",
	Options: []Option{examplesOption, noiseOption(0, "standard deviation of the noise on both coordinates"), seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		r := random("xor", v)
		return planar(r, numbered(2), int(v["examples"]), v["noise"], func(class, _, _ int) (x, y float64) {
			// 1 − u is never 0, so no point lies on an axis.
			x, y = 1-r.Float64(), 1-r.Float64()
			if r.IntN(2) == 0 {
				x, y = -x, -y
			}
			if class == 1 {
				y = -y
			}
			return x, y
		}), nil
	},
}
