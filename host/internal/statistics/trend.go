package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// Slope is that of the least-squares line through points (x, y):
//
//	β = Σ (xᵢ - x̄)(yᵢ - ȳ) / Σ (xᵢ - x̄)²
//
// NaN where there is none: with fewer than two different x, or values that are not finite.
func Slope(x, y []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return stat.Covariance(x, y, nil) / stat.Variance(x, nil)
}

// LogSlope is the slope of log y against log x, the exponent p of y ~ xᵖ; NaN where a value is not above zero.
func LogSlope(x, y []float64) float64 { return Slope(logs(x), logs(y)) }

func logs(values []float64) []float64 {
	l := make([]float64, len(values))
	for i, v := range values {
		l[i] = math.Log(v)
	}
	return l
}

// Pearson is the correlation of x and y,
//
//	r = Σ (xᵢ - x̄)(yᵢ - ȳ) / √(Σ (xᵢ - x̄)² Σ (yᵢ - ȳ)²)
//
// NaN where either does not vary or is not finite.
func Pearson(x, y []float64) float64 {
	if len(x) == 0 {
		return math.NaN()
	}
	return stat.Correlation(x, y, nil)
}

// Spearman is the correlation of the ranks of x and y (midranks where there are ties). Infinite values are legal, and NaN
// is as positive infinity. Source: Spearman 1904, Am. J. Psychol. 15:72.
func Spearman(x, y []float64) float64 { return Pearson(Midranks(x), Midranks(y)) }

// Monotone is the least rise from a value to the next: above zero if y rises throughout, zero if it nowhere falls. For a
// trend that falls, negate y. Two that are equally infinite make no rise; +∞ of fewer than two. A run that diverged counts
// as +∞.
func Monotone(y []float64) float64 {
	least := math.Inf(1)
	if len(y) > 1 {
		for _, d := range Differences(y[1:], y[:len(y)-1]) {
			least = math.Min(least, d)
		}
	}
	return least
}
