package curvature

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// Density is an estimate of how the eigenvalues are distributed: where they are, and which share of them. The weights are positive and add
// up to 1.
type Density struct {
	Nodes    []float64 // in ascending order
	Weights  []float64
	Products int
}

// SpectralDensity estimates the distribution of all eigenvalues by stochastic Lanczos quadrature: of each start drawn at random, some steps
// of the algorithm of Lanczos give the nodes and weights of a Gauss quadrature; they are averaged (Ubaru, Chen and Saad 2017).
func SpectralDensity(m Matrix, starts, steps int, random *rand.Rand) (d Density, err error) {
	type node struct{ at, weight float64 }
	var all []node
	start := make([]float64, m.N)
	for range starts {
		rademacher(random, start)
		k := newKrylov(m, start, random)
		for range min(steps, m.N) {
			if err := k.grow(); err != nil {
				return d, err
			}
			if d.Products++; len(k.beta) == len(k.alpha) && k.beta[len(k.beta)-1] == 0 {
				break // the quadrature is exact
			}
		}
		values, s, err := k.ritz()
		if err != nil {
			return d, err
		}
		for i, x := range values {
			first := s.At(0, i)
			all = append(all, node{x, first * first / float64(starts)})
		}
	}
	slices.SortFunc(all, func(a, b node) int { return cmp.Compare(a.at, b.at) })
	for _, n := range all {
		d.Nodes, d.Weights = append(d.Nodes, n.at), append(d.Weights, n.weight)
	}
	return d, nil
}

// At is the density at x, each node being a normal distribution of width sigma. Its integral is 1.
func (d Density) At(x, sigma float64) float64 {
	sum := 0.0
	for i, at := range d.Nodes {
		z := (x - at) / sigma
		sum += d.Weights[i] * math.Exp(-z*z/2)
	}
	return sum / (sigma * math.Sqrt(2*math.Pi))
}

// Below is the share of eigenvalues at most x.
func (d Density) Below(x float64) float64 {
	sum := 0.0
	for i, at := range d.Nodes {
		if at <= x {
			sum += d.Weights[i]
		}
	}
	return sum
}

// Distance is the Wasserstein distance to a distribution, the area between the two distribution functions: by how much eigenvalues are off,
// on average.
func (d Density) Distance(other Density) float64 {
	at := slices.Concat(d.Nodes, other.Nodes)
	slices.Sort(at)
	area := 0.0
	for i := range at[1:] {
		area += math.Abs(d.Below(at[i])-other.Below(at[i])) * (at[i+1] - at[i])
	}
	return area
}

// Exactly is the distribution of all eigenvalues.
func Exactly(eigenvalues []float64) Density {
	d := Density{Nodes: slices.Sorted(slices.Values(eigenvalues)), Weights: make([]float64, len(eigenvalues))}
	for i := range d.Weights {
		d.Weights[i] = 1 / float64(len(eigenvalues))
	}
	return d
}

// Within is the share of eigenvalues from low to high, each node being a normal distribution of width sigma: the integral of [Density.At].
func (d Density) Within(low, high, sigma float64) float64 {
	sum := 0.0
	for i, at := range d.Nodes {
		sum += d.Weights[i] * (math.Erf((high-at)/sigma/math.Sqrt2) - math.Erf((low-at)/sigma/math.Sqrt2)) / 2
	}
	return sum
}
