package train

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// Norm is the Euclidean norm. Gonum's own scales every element against overflow, at five times the cost of the sum of
// squares; that is needed only where squares overflow or vanish.
func Norm(x []float64) float64 {
	if s := floats.Dot(x, x); s > 1e-280 && s < 1e280 {
		return math.Sqrt(s)
	}
	return floats.Norm(x, 2)
}
