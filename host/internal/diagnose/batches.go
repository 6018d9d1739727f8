package diagnose

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// batches draws batches of B of the N training examples, by random numbers of its own, and sees how their gradients g_b scatter about the gradient g of all.
// Theory knows that from the variance of the gradients gᵢ of the examples:
//
//	E g_b = g,  E |g_b − g|² = Σσ²/B,  Σσ² = 1/N Σ |gᵢ − g|²,  and without replacement times (N − B)/(N − 1)
//
// So the mean of m batches is about √(E |g_b − g|² / m) away from g, and that of an epoch's batches, each with the weight of its examples, not at all.
var batches = Kind{
	Name: "batches",
	Help: "how the gradients of batches that are drawn at the same weights scatter about the gradient of all training examples, what theory says of it, " +
		"and whether they are unbiased",
	Source: "Cochran 1977: Sampling techniques, theorems 2.1 and 2.2; Goodfellow et al. 2016, section 8.1.3",
	Cost:   "1 for each sample; 1 for each batch of an epoch three times, of which once takes the time of some more, for the examples one by one",
	Limits: "networks with data, without dropout, batch normalisation and `gradient_noise`; where batch and data are the same there is no scatter to divide by, and " +
		"the bias of an epoch is of batches that have each example once",
	Keys: []model.Key{
		{Name: "samples", Type: model.Whole, Default: 100, Help: "batches that are drawn"},
		{Name: "replacement", Type: model.Choice, Default: "run", Choices: []string{"run", "with", "without"},
			Help: "whether an example can be twice in a batch: as the `run` draws, `with` or `without`"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "batch_variance", Title: "batch variance", Help: "Mean squared distance of the gradients of batches from that of all training examples.",
				Range: record.Norm, Column: true},
			{Name: "expected_batch_variance", Title: "expected batch variance", Help: "What the variance of the gradients of all training examples says it must be.",
				Range: record.Norm, Column: true},
			{Name: "batch_variance_ratio", Title: "ratio of batch variances", Help: "Variance of the gradients of batches in what it must be.",
				Range: record.Norm, Column: true},
			{Name: "batch_bias", Title: "batch bias", Help: "Distance of the mean of the batches' gradients from the gradient of all training examples, in its " +
				"standard error: about 1 unless there is a bias.", Range: record.Norm, Column: true},
			{Name: "epoch_bias", Title: "epoch bias", Help: "Distance of the mean of the gradients of an epoch's batches, each with the weight of its examples, from the " +
				"gradient of all training examples, in its norm: 0 up to rounding.", Range: record.Norm, Column: true},
		}
	},
	Refuses: func(_ model.Settings, p problem.Problem) (message, remedy string) {
		if message, remedy = inseparable(p); message != "" {
			return message, remedy
		}
		if _, is := p.(*problem.Supervised); !is {
			return "no other batches can be drawn than those of the run", "remove the table, or choose a network on a data set without gradient_noise"
		}
		return "", ""
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		d := &redrawn{run: r, samples: whole(s, "samples"), gradient: make([]float64, size(r)), mean: make([]float64, size(r)), own: make([]float64, size(r))}
		if d.Supervised, _ = r.Problem.(*problem.Supervised); d.Supervised != nil { // else it is refused
			train, _, _ := d.Rows(r.tree)
			d.n = len(train)
			d.replace = s["replacement"] == "with" || s["replacement"] != "without" && d.Batching.Replace
		}
		return d
	},
}

type redrawn struct {
	*problem.Supervised
	run       *Run
	samples   int
	n         int // training examples
	replace   bool
	gradient  []float64 // of all
	mean, own []float64 // of batches, and of one
}

func (d *redrawn) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	d.run.Objective().Gradient(problem.All, p.Weights, d.gradient)
	cost = record.GradientCost * (2*d.run.batches() + float64(d.samples))
	b := float64(d.Batching.Size(d.n, p.Step))
	if !d.replace {
		b = min(b, float64(d.n))
	}
	expected, variance := d.expected(p, b), d.drawn(p, int(b))
	if finite(expected) && finite(variance) {
		values[0], values[1] = record.Measured(variance), record.Measured(expected)
		if expected > 0 {
			values[2] = record.Measured(variance / expected)
			values[3] = record.Measured(floats.Distance(d.mean, d.gradient, 2) / math.Sqrt(variance/float64(d.samples)))
		}
	}
	if d.epoch(p) {
		cost += record.GradientCost * d.run.batches()
		if bias := floats.Distance(d.mean, d.gradient, 2) / floats.Norm(d.gradient, 2); finite(bias) {
			values[4] = record.Measured(bias)
		}
	}
	return cost
}

// expected is the variance that batches of b examples must have.
func (d *redrawn) expected(p *record.Sample, b float64) float64 {
	o, _ := problem.As[problem.Sampled](d.run.interruptible(d.Dealt(d.run.tree, 0, false, d.run.tree))) // in one batch
	sum, n := 0.0, float64(d.n)
	o.ExampleGradients(0, p.Weights, func(_ float64, g []float64) {
		e := floats.Distance(g, d.gradient, 2)
		sum += e * e
	})
	switch {
	case d.replace:
		return sum / n / b
	case b == n:
		return 0
	}
	return sum / n / b * (n - b) / (n - 1)
}

// drawn is the variance of batches that are drawn for the step, of which it leaves the mean. Without replacement each is the first of an epoch.
func (d *redrawn) drawn(p *record.Sample, b int) (variance float64) {
	o := d.Dealt(d.run.tree, b, d.replace, d.run.branch(batches.Name, p.Step))
	epoch := (d.n + b - 1) / b
	clear(d.mean)
	for i := 0; i < d.samples && d.run.ctx.Err() == nil; i++ {
		o.Gradient(i*epoch, p.Weights, d.own)
		floats.Add(d.mean, d.own)
		e := floats.Distance(d.own, d.gradient, 2)
		variance += e * e
	}
	floats.Scale(1/float64(d.samples), d.mean)
	return variance / float64(d.samples)
}

// epoch leaves the mean of the batches of the step's epoch, and tells whether they have each example once.
func (d *redrawn) epoch(p *record.Sample) bool {
	epoch, index := d.Epoch(p.Step)
	from, to := p.Step-index, d.Steps(epoch+1)
	if d.Batching.Replace || d.ExampleGradients(to)-d.ExampleGradients(from) != d.n || !d.Batching.Lists(d.n, to) {
		return false
	}
	clear(d.mean)
	for k := from; k < to && d.run.ctx.Err() == nil; k++ {
		d.run.Objective().Gradient(k, p.Weights, d.own)
		floats.AddScaled(d.mean, float64(d.Batching.Size(d.n, k))/float64(d.n), d.own)
	}
	return true
}
