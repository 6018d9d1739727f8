package model

import "math"

// Loss compares a network's output with targets.
type Loss struct {
	Name string
	// F is the loss of the outputs z (n x outputs) for the targets y. It writes the derivative with respect to each output
	// into dz unless that is nil.
	F func(z, y []float64, outputs int, dz []float64) float64
	// Accuracy is the share of examples that are classified correctly; nil if the loss is not for classes.
	Accuracy func(z, y []float64, outputs int) float64
	// ByClass tells that y has one class index for each example, rather than a target for each output.
	ByClass bool
}

// Losses are those that an experiment can name.
var Losses = []Loss{
	{Name: "binary-cross-entropy", F: binaryCrossEntropy, Accuracy: binaryAccuracy},
	{Name: "softmax-cross-entropy", F: softmaxCrossEntropy, Accuracy: softmaxAccuracy, ByClass: true},
	{Name: "mean-squared-error", F: meanSquaredError},
}

// FindLoss returns the loss of that name; ok tells whether there is one.
func FindLoss(name string) (l Loss, ok bool) {
	for _, l := range Losses {
		if l.Name == name {
			return l, true
		}
	}
	return Loss{}, false
}

// LossNames are those of [Losses].
func LossNames() []string {
	var names []string
	for _, l := range Losses {
		names = append(names, l.Name)
	}
	return names
}

// binaryCrossEntropy is the mean over outputs of -y ln p - (1-y) ln(1-p), where p is the sigmoid of the logit z, in the
// form max(z, 0) - z y + ln(1 + exp(-|z|)), which neither overflows nor loses digits. The derivative is (p - y) / n.
// Goodfellow et al. 2016, section 6.2.2.2.
func binaryCrossEntropy(z, y []float64, _ int, dz []float64) float64 {
	n := float64(len(z))
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
	return sum / n
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

// softmaxCrossEntropy is the mean over examples of -ln softmax(z)[y], in the form ln Σ exp(z - max z) - (z[y] - max z),
// which does not overflow. The derivative is (softmax(z) - onehot(y)) / n. Goodfellow et al. 2016, section 6.2.2.3.
func softmaxCrossEntropy(z, y []float64, outputs int, dz []float64) float64 {
	n := float64(len(y))
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
	return total / n
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

// meanSquaredError is the mean over outputs of (z - y)², torch's convention; the derivative is 2 (z - y) / n.
func meanSquaredError(z, y []float64, _ int, dz []float64) float64 {
	n := float64(len(z))
	sum := 0.0
	for i, x := range z {
		d := x - y[i]
		sum += d * d
		if dz != nil {
			dz[i] = 2 * d / n
		}
	}
	return sum / n
}
