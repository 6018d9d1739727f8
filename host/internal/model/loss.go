package model

import "math"

// BinaryCrossEntropy is the mean over examples of -y ln p - (1-y) ln(1-p), where p is the sigmoid of the logit z, in the
// form max(z, 0) - z y + ln(1 + exp(-|z|)), which neither overflows nor loses digits. It writes the derivative with
// respect to each logit, (p - y) / n, into dz unless dz is nil. Goodfellow et al. 2016, section 6.2.2.2.
func BinaryCrossEntropy(z, y, dz []float64) float64 {
	n := float64(len(z))
	sum := 0.0
	for i, x := range z {
		sum += math.Max(x, 0) - x*y[i] + math.Log1p(math.Exp(-math.Abs(x)))
		if dz != nil {
			dz[i] = (Sigmoid(x) - y[i]) / n
		}
	}
	return sum / n
}

// Accuracy is the share of examples whose logit is on its class's side: above 0 for class 1, else for class 0. A logit that
// is not a number is on neither.
func Accuracy(z, y []float64) float64 {
	right := 0
	for i, x := range z {
		if x > 0 && y[i] == 1 || x <= 0 && y[i] == 0 {
			right++
		}
	}
	return float64(right) / float64(len(z))
}
