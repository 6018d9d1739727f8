package model

import (
	"fmt"
	"math"
)

var binaryEntropy = Loss{
	Name:     "binary-cross-entropy",
	Title:    "binary cross-entropy",
	Formula:  "−y ln p − (1 − y) ln(1 − p), p the sigmoid of the output",
	Suits:    "two classes",
	sum:      binaryCrossEntropy,
	along:    binaryCrossEntropyAlong,
	Accuracy: binaryAccuracy,
	Bounded:  true,
	suits:    func(t Targets) bool { return !t.Input && t.Classes == 2 },
	refuses: func(t Targets) (message, remedy string) {
		switch {
		case t.Input && t.Standardized:
			return "binary cross-entropy needs targets from 0 to 1, but the input is standardized",
				`write scale = "min-max" or, for images, "pixels", or loss = "mean-squared-error"`
		case !t.Input && t.Classes != 2:
			return fmt.Sprintf("binary cross-entropy needs two classes; the data set has %s", t.classes()),
				`write loss = "softmax-cross-entropy" for more classes, "mean-squared-error" for targets that are numbers, ` +
					"or choose two classes with one_vs_rest or odd_even in the table of the data set"
		}
		return "", ""
	},
}

// binaryCrossEntropy is the sum over outputs of -y ln p - (1-y) ln(1-p), where p is the sigmoid of the logit z, in the
// form max(z, 0) - z y + ln(1 + exp(-|z|)), which neither overflows nor loses digits. The derivative is (p - y) / n.
// Goodfellow et al. 2016, section 6.2.2.2.
func binaryCrossEntropy(z, y []float64, _ int, n float64, dz []float64) float64 {
	sum := 0.0
	for i, x := range z {
		e := math.Exp(-math.Abs(x))
		sum += max(x, 0) - x*y[i] + math.Log1p(e)
		if dz != nil {
			p := 1 / (1 + e)
			if x < 0 {
				p = e / (1 + e)
			}
			dz[i] = (p - y[i]) / n
		}
	}
	return sum
}

// binaryCrossEntropyAlong is p (1 - p) rz / n.
func binaryCrossEntropyAlong(z, rz []float64, _ int, n float64, rdz []float64) {
	for i, x := range z {
		e := math.Exp(-math.Abs(x))
		rdz[i] = e / (1 + e) / (1 + e) * rz[i] / n
	}
}

// binaryAccuracy is the share of logits on their class's side: above 0 for class 1, else for class 0. A logit that is not
// a number is on neither.
func binaryAccuracy(z, y []float64, _ int) float64 {
	right := 0
	for i, x := range z {
		if x > 0 && y[i] == 1 || x <= 0 && y[i] == 0 {
			right++
		}
	}
	return float64(right) / float64(len(z))
}
