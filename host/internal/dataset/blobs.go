package dataset

// Isotropic Gaussian clusters, a class each, with centres uniform in [−10, 10]^features, as in scikit-learn's make_blobs.
var blobs = Known{
	Name:    "blobs",
	Summary: "Gaussian clusters, a class each",
	Source:  "synthetic, as scikit-learn's make_blobs",
	Options: []Option{examplesOption, noiseOption(1, "standard deviation of each cluster"),
		{Name: "classes", Default: 3, Low: 2, High: 1000, Whole: true, Help: "how many clusters"},
		{Name: "features", Default: 2, Low: 1, High: 1e5, Whole: true, Help: "dimensions"}, seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		r := random("blobs", v)
		n, p, m := int(v["examples"]), int(v["features"]), int(v["classes"])
		if err := fits("blobs", n, p); err != nil {
			return nil, err
		}
		centers := make([]float64, m*p)
		for i := range centers {
			centers[i] = 20*r.Float64() - 10
		}
		x := &dense[float64]{n, p, make([]float64, n*p)}
		d := &Dataset{X: x, Y: make([]float64, n), Classes: numbered(m)}
		for i := range n {
			c := i * m / n // equally many of each, one after the other
			d.Y[i] = float64(c)
			for j := range p {
				x.data[i*p+j] = centers[c*p+j] + v["noise"]*r.NormFloat64()
			}
		}
		return d, nil
	},
}
