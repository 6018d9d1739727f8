package model

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

var softmaxEntropy = Loss{
	Name:     "softmax-cross-entropy",
	Title:    "softmax cross-entropy",
	Formula:  "−ln of the softmax of the outputs at the class",
	Suits:    "more classes",
	sum:      softmaxCrossEntropy,
	along:    softmaxCrossEntropyAlong,
	Accuracy: softmaxAccuracy,
	ByClass:  true,
	suits:    func(t Targets) bool { return !t.Input && t.Classes != 0 && t.Classes != 2 },
	refuses: func(t Targets) (message, remedy string) {
		if t.Input || t.Classes == 0 {
			return "softmax cross-entropy needs classes as targets", `write loss = "mean-squared-error"`
		}
		return "", ""
	},
}

// softmaxCrossEntropy is the sum over examples of -ln softmax(z)[y], in the form ln Σ exp(z - max z) - (z[y] - max z),
// which does not overflow. The derivative is (softmax(z) - onehot(y)) / n. Goodfellow et al. 2016, section 6.2.2.3.
func softmaxCrossEntropy(z, y []float64, outputs int, n float64, dz []float64) float64 {
	total := 0.0
	for r, class := range y {
		row := z[r*outputs : (r+1)*outputs]
		top := row[0]
		for _, v := range row[1:] {
			top = max(top, v)
		}
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(v - top)
		}
		total += math.Log(sum) - (row[int(class)] - top)
		if dz == nil {
			continue
		}
		d := dz[r*outputs : (r+1)*outputs]
		for c, v := range row {
			d[c] = math.Exp(v-top) / sum / n
		}
		d[int(class)] -= 1 / n
	}
	return total
}

// softmaxCrossEntropyAlong is p (rz - pᵀ rz) / n for each example, with p = softmax(z).
func softmaxCrossEntropyAlong(z, rz []float64, outputs int, n float64, rdz []float64) {
	for lo := 0; lo < len(z); lo += outputs {
		row, along, into := z[lo:lo+outputs], rz[lo:lo+outputs], rdz[lo:lo+outputs]
		top, sum, mean := floats.Max(row), 0.0, 0.0
		for c, v := range row {
			into[c] = math.Exp(v - top)
			sum += into[c]
			mean += into[c] * along[c]
		}
		mean /= sum
		for c, r := range along {
			into[c] *= (r - mean) / sum / n
		}
	}
}

// softmaxAccuracy is the share of examples whose own class has the largest logit, the first of them if several tie, as
// argmax has it. A row with a logit that is not a number is wrong.
func softmaxAccuracy(z, y []float64, outputs int) float64 {
	right := 0
	for r, class := range y {
		row := z[r*outputs : (r+1)*outputs]
		wins := true
		for c, v := range row {
			wins = wins && (v < row[int(class)] || v == row[int(class)] && c >= int(class))
		}
		if wins {
			right++
		}
	}
	return float64(right) / float64(len(y))
}
