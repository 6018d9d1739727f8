package dataset

import (
	"fmt"
	"math"
)

// Classes whose frequencies follow the law of Zipf, and features that know nothing of them:
//
//	n_k ∝ k^−exponent,   x ~ U[0, 1]^features
//
// as in Kunstner et al. 2024: Heavy-tailed class imbalance and why Adam outperforms gradient descent on language models, section 3.1, where
// the frequencies are rounded to powers of 2. With as many features as examples a linear model tells them all apart.
var heavyTailed = Known{
	Name:    "heavy-tailed",
	Summary: "random features, and classes of which few are frequent and many rare",
	Source:  "synthetic, after Kunstner et al. 2024: Heavy-tailed class imbalance and why Adam outperforms gradient descent on language models",
	Options: []Option{{Name: "examples", Default: 1000, Low: 2, High: 1e7, Whole: true, Help: "how many examples"},
		{Name: "classes", Default: 100, Low: 2, High: 10_000, Whole: true, Help: "how many classes; the first is the most frequent"},
		{Name: "features", Default: 1000, Low: 1, High: 1e5, Whole: true, Help: "dimensions; as many as examples tell them all apart"},
		{Name: "exponent", Default: 1, High: 10, Help: "of the law of Zipf: class k has a share proportional to 1/k to this power; 0 makes all equal"},
		seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		r := random("heavy-tailed", v)
		n, p, m := int(v["examples"]), int(v["features"]), int(v["classes"])
		if err := fits("heavy-tailed", n, p); err != nil {
			return nil, err
		}
		below := make([]float64, m+1) // the share of the classes below each
		for k := range m {
			below[k+1] = below[k] + math.Pow(float64(k+1), -v["exponent"])
		}
		first := func(class int) int { return int(math.Round(float64(n) * below[class] / below[m])) }
		x := &dense[float64]{n, p, make([]float64, n*p)}
		d := &Dataset{X: x, Y: make([]float64, n), Classes: numbered(m), Scaling: Unscaled}
		for class := range m {
			if first(class) == first(class+1) {
				needed := int(math.Ceil(below[m] * math.Pow(float64(m), v["exponent"])))
				return nil, fmt.Errorf("heavy-tailed: %d examples leave class %d without one; choose at least %d, fewer classes or a smaller exponent",
					n, class, needed)
			}
			for row := first(class); row < first(class+1); row++ {
				d.Y[row] = float64(class)
			}
		}
		for i := range x.data {
			x.data[i] = r.Float64()
		}
		return d, nil
	},
}
