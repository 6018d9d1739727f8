// Package flat has what rules need that see all parameters as one vector.
package flat

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

// Dot is the scalar product.
func Dot(x, y []float64) (sum float64) {
	for i := range x {
		sum += x[i] * y[i]
	}
	return sum
}

// Norm is the Euclidean one.
func Norm(x []float64) float64 { return math.Sqrt(Dot(x, x)) }

// Sum is that of the absolute values.
func Sum(x []float64) (sum float64) {
	for _, v := range x {
		sum += math.Abs(v)
	}
	return sum
}

// Add adds a y to x.
func Add(x []float64, a float64, y []float64) {
	for i := range x {
		x[i] += a * y[i]
	}
}

// Scale sets x to a y.
func Scale(x []float64, a float64, y []float64) {
	for i := range x {
		x[i] = a * y[i]
	}
}

// Signs draws -1 and 1, as likely as each other, for each parameter: Rademacher's distribution.
func Signs(m sdk.Model) []float64 {
	z := make([]float64, 0, len(m.Update))
	for _, x := range m.Tensors {
		r := x.Rand()
		for range x.Update {
			z = append(z, float64(int(r.Uint64()&1)*2-1))
		}
	}
	return z
}
