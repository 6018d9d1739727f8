package model

import (
	"math"

	parallel "github.com/steepest/steepest/host/internal/blas"
)

// Loss compares a network's output with targets; see [Pass.Loss].
type Loss struct {
	Name string
	// sum adds up the losses of outputs z for targets y, of which the batch's loss is the n-th part. It writes the derivative
	// of that with respect to each output into dz unless that is nil.
	sum func(z, y []float64, outputs int, n float64, dz []float64) float64
	// Accuracy is the share of examples that are classified correctly; nil if the loss is not for classes.
	Accuracy func(z, y []float64, outputs int) float64
	// ByClass tells that y has one class index for each example, rather than a target for each output.
	ByClass bool
}

// Losses are those that an experiment can name.
var Losses = []Loss{
	{Name: "binary-cross-entropy", sum: binaryCrossEntropy, Accuracy: binaryAccuracy},
	{Name: "softmax-cross-entropy", sum: softmaxCrossEntropy, Accuracy: softmaxAccuracy, ByClass: true},
	{Name: "mean-squared-error", sum: meanSquaredError},
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

// lossGrain is the number of outputs that is worth a part of its own.
const lossGrain = 1 << 14

// scorer computes the loss of a batch. The batch is cut into parts, which threads share; see [parallel.Team].
type scorer struct {
	team *parallel.Team
	sums []float64 // of the parts

	// arguments of the pass in flight
	sum      func(z, y []float64, outputs int, n float64, dz []float64) float64
	z, y, dz []float64
	outputs  int
}

func newScorer() *scorer {
	s := &scorer{}
	s.team = parallel.NewTeam(s.part)
	return s
}

// loss is the mean over the examples and, but for losses by class, outputs.
func (s *scorer) loss(l Loss, z, y []float64, outputs int, dz []float64) float64 {
	s.sum, s.z, s.y, s.outputs, s.dz = l.sum, z, y, outputs, dz
	sums := grow(&s.sums, parallel.Cut(len(z), lossGrain))
	s.sums = sums
	s.team.Do(len(sums))
	total := 0.0
	for _, v := range sums {
		total += v
	}
	return total / float64(len(y))
}

func (s *scorer) part(i, _ int) {
	lo, hi := parallel.Range(len(s.z)/s.outputs, i, len(s.sums))
	targets := len(s.y) / (len(s.z) / s.outputs) // of an example
	var dz []float64
	if s.dz != nil {
		dz = s.dz[lo*s.outputs : hi*s.outputs]
	}
	s.sums[i] = s.sum(s.z[lo*s.outputs:hi*s.outputs], s.y[lo*targets:hi*targets], s.outputs, float64(len(s.y)), dz)
}
