package dataset

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Linear regression whose Hessian has a given condition number. With a random n x p matrix U of orthonormal columns that
// sum to 0, a random orthogonal V, and eigenvalues λ_j spaced evenly in the exponent from 1 to 1/condition:
//
//	X = √n U diag(√λ) Vᵀ,   so that XᵀX/n = V diag(λ) Vᵀ
//	y = X w + noise ε,      w and ε standard normal
//
// Half the mean squared error of a linear model has the Hessian XᵀX/n; a bias adds the eigenvalue 1 and leaves the
// condition number alone. A split or a scaling of the features changes it somewhat.
var linearRegression = Known{
	Name:    "linear-regression",
	Summary: "a linear model with a given condition number",
	Source:  "synthetic",
	Options: []Option{examplesOption, noiseOption(0.1, "standard deviation of the noise on the target"),
		{Name: "features", Default: 10, Low: 1, High: 2000, Whole: true, Help: "dimensions; fewer than examples"},
		{Name: "condition", Default: 100, Low: 1, High: 1e12, Help: "condition number of the Hessian, XᵀX/n"}, seedOption},
	load: func(v map[string]float64) (*Dataset, error) {
		r := random("linear-regression", v)
		n, p := int(v["examples"]), int(v["features"])
		if n <= p {
			return nil, fmt.Errorf("linear-regression: %d examples of %d features; it needs more examples than features", n, p)
		}
		if err := fits("linear-regression", n, p); err != nil {
			return nil, err
		}
		u := orthonormal(n, p, r.NormFloat64, true)
		for j := range p {
			scale := math.Sqrt(float64(n) * math.Pow(v["condition"], -along(j, p)))
			for i := range n {
				u.Set(i, j, scale*u.At(i, j))
			}
		}
		x := mat.NewDense(n, p, nil)
		x.Mul(u, orthonormal(p, p, r.NormFloat64, false).T())
		d := &Dataset{X: &dense[float64]{n, p, x.RawMatrix().Data}, Y: make([]float64, n), Scaling: Unscaled}
		w := make([]float64, p)
		for j := range w {
			w[j] = r.NormFloat64()
		}
		y := mat.NewVecDense(n, d.Y)
		y.MulVec(x, mat.NewVecDense(p, w))
		for i := range d.Y {
			d.Y[i] += v["noise"] * r.NormFloat64()
		}
		return d, nil
	},
}

// orthonormal returns n x p random orthonormal columns, which sum to 0 if they are centred.
func orthonormal(n, p int, normal func() float64, centred bool) *mat.Dense {
	g := mat.NewDense(n, p, nil)
	for j := range p {
		mean := 0.0
		for i := range n {
			g.Set(i, j, normal())
			mean += g.At(i, j) / float64(n)
		}
		for i := range n {
			if centred {
				g.Set(i, j, g.At(i, j)-mean)
			}
		}
	}
	var svd mat.SVD
	svd.Factorize(g, mat.SVDThinU)
	var u mat.Dense
	svd.UTo(&u)
	return &u
}

// fits refuses a synthetic data set beyond the memory allowed.
func fits(name string, examples, features int) error {
	if int64(examples)*int64(features) > maxBytes/8 {
		return fmt.Errorf("%s: %d examples of %d features take more than the %d MB allowed; make it smaller",
			name, examples, features, maxBytes>>20)
	}
	return nil
}
