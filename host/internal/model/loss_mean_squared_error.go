package model

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
)

var squaredError = Loss{
	Name:    "mean-squared-error",
	Title:   "mean squared error",
	Formula: "(output − target)²",
	Suits:   "numbers as targets, and autoencoders",
	sum:     meanSquaredError,
	along: func(_, rz []float64, _ int, n float64, rdz []float64) {
		floats.ScaleTo(rdz, 2/n, rz)
	},
	suits: func(t Targets) bool { return t.Input || t.Classes == 0 },
	refuses: func(t Targets) (message, remedy string) {
		if !t.Input && t.Classes > 2 {
			return fmt.Sprintf("mean squared error needs a number as target; the data set has %s", t.classes()),
				`write loss = "softmax-cross-entropy"`
		}
		return "", ""
	},
}

// meanSquaredError is the sum over outputs of (z - y)²; the derivative is 2 (z - y) / n.
func meanSquaredError(z, y []float64, _ int, n float64, dz []float64) float64 {
	sum := 0.0
	for i, x := range z {
		d := x - y[i]
		sum += d * d
		if dz != nil {
			dz[i] = 2 * d / n
		}
	}
	return sum
}
