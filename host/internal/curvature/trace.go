package curvature

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Trace is an estimate of the sum of all eigenvalues.
type Trace struct {
	Value    float64
	Error    float64 // the standard error; NaN of a single sample
	Products int
}

// Hutchinson estimates the trace by vᵀ A v with random vectors v of ±1 (Hutchinson 1990). It is unbiased; the variance of m samples is
// 2 (‖A‖² − Σ aᵢᵢ²) / m, in the Frobenius norm.
func Hutchinson(m Matrix, samples int, random *rand.Rand) Trace {
	values := quadratics(m, samples, random, nil)
	return Trace{stat.Mean(values, nil), standardError(values), samples}
}

// HutchPlusPlus estimates the trace with a third of the products in the range of A, where it is exact, and a third for what is left
// (Meyer, Musco, Musco and Woodruff 2021, algorithm 1). Where a few eigenvalues are much larger than the others its error is far smaller than Hutchinson's with as
// many products. They are made a multiple of 3, and at least 3.
func HutchPlusPlus(m Matrix, products int, random *rand.Rand) Trace {
	third := max(products/3, 1)
	v, av := make([]float64, m.N), make([]float64, m.N)
	var q [][]float64 // an orthonormal basis of the range of A, or of a part of it
	made, sum := 0, 0.0
	for range min(third, m.N) {
		rademacher(random, v)
		m.Multiply(v, av)
		made++
		before := floats.Norm(av, 2)
		orthogonalise(av, q)
		if normalised(av) > 1e-12*before {
			q = append(q, slices.Clone(av))
		}
	}
	for _, q := range q {
		m.Multiply(q, av)
		made++
		sum += floats.Dot(q, av)
	}
	if len(q) == m.N {
		return Trace{sum, 0, made}
	}
	rest := quadratics(m, third, random, q)
	return Trace{sum + stat.Mean(rest, nil), standardError(rest), made + third}
}

// quadratics are vᵀ A v of random vectors v, without their parts along those of q.
func quadratics(m Matrix, samples int, random *rand.Rand, q [][]float64) []float64 {
	v, av, values := make([]float64, m.N), make([]float64, m.N), make([]float64, samples)
	for i := range values {
		rademacher(random, v)
		orthogonalise(v, q)
		m.Multiply(v, av)
		values[i] = floats.Dot(v, av)
	}
	return values
}

func standardError(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	return stat.StdErr(stat.StdDev(values, nil), float64(len(values)))
}
