package diagnose

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// noise tells how the gradients gᵢ of the B examples of a batch scatter about their mean g. With their variances σ², of each of D parameters and in all,
// by B − 1:
//
//	noise scale     Σσ² / |G|²,  |G|² = |g|² − Σσ²/B without bias                      McCandlish et al. 2018, appendix A.1
//	norm test       √(Σσ² / B) / |g|                                                   Byrd et al. 2012
//	inner product   √(var(gᵢᵀg) / B) / |g|²                                            Bollapragada et al. 2018, equation 2.6
//	orthogonality   √(Σ |gᵢ − (gᵢᵀg / |g|²) g|² / (B − 1) / B) / |g|                   there, equation 3.3
//	CABS            μ Σσ² / J, with the learning rate μ and the loss J                 Balles et al. 2017, equation 22
//	early stopping  1 − B/D Σ g² / σ²                                                  Mahsereci et al. 2017, equation 7
//	mean GSNR       1/D Σ g² / σ²                                                      Liu et al. 2020, equation 1
var noise = Kind{
	Name:   "noise",
	Help:   "how the gradients of a batch's examples scatter: their variance, the noise scale, and tests of the batch's size",
	Source: "McCandlish et al. 2018; Byrd et al. 2012; Bollapragada et al. 2018; Balles et al. 2017; Mahsereci et al. 2017; Liu et al. 2020",
	Cost:   "2 for the examples of a batch one by one, twice, which takes the time of some more",
	Limits: "problems with data, without dropout and batch normalisation, and batches of 2 and more; of batches that are drawn without " +
		"replacement all is as if they were drawn with it",
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "gradient_variance", Title: "gradient variance", Help: "Variance of the gradients of a batch's examples, of all parameters together.",
				Range: record.Norm, Column: true},
			{Name: "noise_scale", Title: "noise scale", Help: "Variance of the gradients of examples in the squared norm of the gradient: the batch size from which on larger " +
				"ones help little; infinite where the gradient cannot be told from 0.", Column: true},
			{Name: "norm_test", Title: "norm test", Help: "Standard deviation of the batch's gradient in its norm.", Range: record.Norm, Column: true},
			{Name: "inner_product_test", Title: "inner product test", Help: "Standard deviation of the slope along the batch's gradient in that slope.",
				Range: record.Norm, Column: true},
			{Name: "orthogonality_test", Title: "orthogonality test", Help: "Standard deviation of the batch's gradient across its direction in its norm.",
				Range: record.Norm, Column: true},
			{Name: "cabs", Title: "CABS", Help: "Batch size that the rule of coupled adaptive batch size asks for.", Column: true},
			{Name: "early_stopping", Title: "early stopping", Help: "Evidence that the gradient is nothing but noise, where it is above 0.", Column: true},
			{Name: "mean_gsnr", Title: "mean GSNR", Help: "Squared gradient in the variance of the gradients of examples, the mean over the parameters.",
				Range: record.Norm, Column: true},
		}
	},
	Elements: func(_ model.Settings, p problem.Problem) (all []record.Quantity) {
		for _, t := range p.Layout() {
			all = append(all, element(record.Quantity{Name: "tensor_snr", Title: "signal to noise",
				Help: "Squared norm of the batch's gradient in its variance.", Range: record.Norm, Column: true}, t.Name))
		}
		return all
	},
	Refuses: func(_ model.Settings, p problem.Problem) (message, remedy string) { return inseparable(p) },
	Make:    func(_ model.Settings, r *Run) Diagnostic { return newScatter(r) },
}

// inseparable says why a problem has no gradients of single examples, and what would be right; nothing if it has.
func inseparable(p problem.Problem) (message, remedy string) {
	switch s, is := p.(*problem.Supervised); {
	case p.StepsPerEpoch() == 0:
		return "the problem has no examples", "remove the table, or choose a problem with data"
	case is && !s.Network.Separable():
		return "the gradient of an example depends on the others of its batch, or on what is drawn for it", "remove dropout and batch normalisation, or the table"
	}
	return "", ""
}

// scatter gathers sums over examples in two passes: about the mean of the first, so that no digits are lost.
type scatter struct {
	run            *Run
	mean, variance []float64
	count          float64
	slopes, across float64 // sums of squares, along and across the mean
}

func newScatter(r *Run) *scatter {
	return &scatter{run: r, mean: make([]float64, size(r)), variance: make([]float64, size(r))}
}

func (d *scatter) gather(k int, weights []float64) {
	s, is := problem.As[problem.Sampled](d.run.Objective())
	if d.count = 0; !is {
		return
	}
	clear(d.mean)
	clear(d.variance)
	s.ExampleGradients(k, weights, func(_ float64, g []float64) {
		floats.Add(d.mean, g)
		d.count++
	})
	floats.Scale(1/d.count, d.mean)
	square := floats.Dot(d.mean, d.mean)
	d.slopes, d.across = 0, 0
	s.ExampleGradients(k, weights, func(_ float64, g []float64) {
		slope := 0.0
		for i, x := range g {
			e := x - d.mean[i]
			d.variance[i] += e * e
			slope += e * d.mean[i]
		}
		d.slopes += slope * slope
		for i, x := range g {
			e := x - d.mean[i] - slope/square*d.mean[i]
			d.across += e * e
		}
	})
	floats.Scale(1/(d.count-1), d.variance)
}

func (d *scatter) Measure(p *record.Sample, values, elements []record.Value) (cost float64) {
	d.gather(p.Step, p.Weights)
	cost = 2 * record.GradientCost
	all, square := floats.Sum(d.variance), floats.Dot(d.mean, d.mean)
	if d.count < 2 || !finite(all) || !finite(square) {
		return cost
	}
	b := d.count
	values[0] = record.Measured(all)
	if signal := square - all/b; signal > 0 {
		values[1] = record.Measured(all / signal)
	} else if all > 0 {
		values[1] = record.Measured(math.Inf(1)) // the gradient cannot be told from none
	}
	if square > 0 {
		values[2] = record.Measured(math.Sqrt(all / b / square))
		values[3] = record.Measured(math.Sqrt(d.slopes/(b-1)/b) / square)
		values[4] = record.Measured(math.Sqrt(d.across / (b - 1) / b / square))
	}
	loss, _ := p.Get(record.TrainLoss).Get()
	if rate, measured := p.Get(record.LearningRate).Get(); measured && loss > 0 {
		values[5] = record.Measured(rate * all / loss)
	}
	sum, parameters := 0.0, 0.0
	for i, v := range d.variance {
		if v > 0 {
			sum += d.mean[i] * d.mean[i] / v
			parameters++
		}
	}
	if parameters > 0 {
		values[6], values[7] = record.Measured(1-b*sum/parameters), record.Measured(sum/parameters)
	}
	for i, t := range d.run.Layout() {
		from, to := t.Offset, t.Offset+t.Length
		if v := floats.Sum(d.variance[from:to]); v > 0 {
			elements[i] = record.Measured(floats.Dot(d.mean[from:to], d.mean[from:to]) * b / v)
		}
	}
	return cost
}
