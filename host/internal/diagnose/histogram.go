package diagnose

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// mostBins is how many columns of histograms there can be: each is one of steps.csv.
const mostBins = 10_000

var histogram = Kind{
	Name:   "histogram",
	Help:   "how the elements of the gradient are distributed, of single examples where there are some, and how they lie to the weights",
	Source: "Schneider, Dangel and Hennig 2021, section 3.2",
	Cost:   "2 for the examples of a batch one by one, which takes the time of some more, and 1 with a `limit`; 0 of the batch's gradient",
	Limits: fmt.Sprintf("at most %d bins in all", mostBins),
	Keys: []model.Key{
		{Name: "bins", Type: model.Whole, Default: 40, Help: "bins of the elements of the gradient, of the same width, symmetric about 0"},
		{Name: "weight_bins", Type: model.Whole, Help: "bins of the weights, for a histogram of both; without it there is none"},
		{Name: "limit", Type: model.Number, In: "[0,inf)", Default: 0.0,
			Help: "the upper end; what is beyond is in the last bin; 0 is the largest element there is, so that the width of the bins changes"},
		{Name: "weight_limit", Type: model.Number, In: "[0,inf)", Default: 0.0, Help: "likewise of the weights"},
		{Name: "gradients", Type: model.Choice, Default: "examples", Choices: []string{"examples", "batch"},
			Help: "`examples` are those of single examples; `batch` is their mean, as are examples without data and with dropout or batch normalisation"},
		{Name: "tensors", Type: model.Switch, Choices: []string{"together", "each"}, Help: "`each` adds a histogram of each tensor's gradient"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "gradient_limit", Title: "gradient up to", Help: "Upper end of the histogram of the gradient's elements.", Range: record.Norm, Column: true},
			{Name: "weight_limit", Title: "weights up to", Help: "Upper end of the weights in the histogram of both.", Range: record.Norm, Column: true},
		}
	},
	Elements: func(s model.Settings, p problem.Problem) (all []record.Quantity) {
		add := func(name, title, help, part string) {
			all = append(all, element(record.Quantity{Name: name, Title: title, Help: help, Range: record.Share, Column: true}, part))
		}
		for i := range whole(s, "bins") {
			add("gradient_histogram", "gradient histogram", "Share of the elements of the gradient in a bin; 0 is the lowest.", fmt.Sprint(i))
		}
		for _, t := range binned(s, p.Layout()) {
			for i := range whole(s, "bins") {
				add("tensor_histogram", "gradient histogram", "Share of the elements of a tensor's gradient in a bin: `TENSOR/BIN`.", fmt.Sprintf("%s/%d", t.Name, i))
			}
		}
		for i := range whole(s, "bins") {
			for j := range whole(s, "weight_bins") {
				add("weight_histogram", "gradient and weights", "Share of the elements of the gradient in a bin of theirs and one of the weights: `BIN/BIN`.", fmt.Sprintf("%d/%d", i, j))
			}
		}
		return all
	},
	Bins: []Bins{{"gradient_histogram", "", "gradient_limit"}, {"tensor_histogram", "", "gradient_limit"}, {"weight_histogram", "", ""}},
	Refuses: func(s model.Settings, p problem.Problem) (message, remedy string) {
		if n := whole(s, "bins") * (1 + len(binned(s, p.Layout())) + whole(s, "weight_bins")); n > mostBins {
			return fmt.Sprintf("there would be %d bins, and there can be %d", n, mostBins), "choose fewer bins, or leave tensors out"
		}
		return "", ""
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		d := &histogramOf{run: r, bins: whole(s, "bins"), weightBins: whole(s, "weight_bins"), tensors: binned(s, r.Layout())}
		d.limit, _ = s["limit"].(float64)
		d.weightLimit, _ = s["weight_limit"].(float64)
		message, _ := inseparable(r.Problem)
		d.single = s["gradients"] != "batch" && message == ""
		return d
	},
}

// binned are the tensors that have histograms of their own.
func binned(s model.Settings, layout []*v1.Tensor) []*v1.Tensor {
	if each, _ := s["tensors"].(bool); each {
		return layout
	}
	return nil
}

type histogramOf struct {
	run                *Run
	bins, weightBins   int
	limit, weightLimit float64
	tensors            []*v1.Tensor
	single             bool // whether the gradients are those of single examples
	counts             []float64
}

// visit calls f with each gradient, and says what it took.
func (d *histogramOf) visit(p *record.Sample, f func(g []float64)) (cost float64) {
	if s, is := problem.As[problem.Sampled](d.run.Objective()); is && d.single {
		s.ExampleGradients(p.Step, p.Weights, func(_ float64, g []float64) { f(g) })
		return record.GradientCost
	}
	f(p.Gradient)
	return 0
}

func (d *histogramOf) Measure(p *record.Sample, values, elements []record.Value) (cost float64) {
	limit, weightLimit := d.limit, d.weightLimit
	if limit == 0 {
		cost += d.visit(p, func(g []float64) { limit = max(limit, largest(g)) }) // NaN stays
	}
	if weightLimit == 0 {
		weightLimit = largest(p.Weights)
	}
	if !finite(limit) || !finite(weightLimit) {
		return cost
	}
	limit, weightLimit = max(limit, leastLimit), max(weightLimit, leastLimit)
	d.counts = append(d.counts[:0], make([]float64, len(elements))...)
	all, pairs := d.counts[:d.bins], d.counts[d.bins*(1+len(d.tensors)):]
	count, undefined := 0.0, false
	cost += d.visit(p, func(g []float64) {
		count++
		for i, x := range g {
			undefined = undefined || math.IsNaN(x)
			bin := binOf(x, limit, d.bins)
			all[bin]++
			if d.weightBins > 0 {
				pairs[bin*d.weightBins+binOf(p.Weights[i], weightLimit, d.weightBins)]++
			}
		}
		for t, tensor := range d.tensors {
			for _, x := range g[tensor.Offset : tensor.Offset+tensor.Length] {
				d.counts[d.bins*(1+t)+binOf(x, limit, d.bins)]++
			}
		}
	})
	if undefined {
		return cost
	}
	values[0] = record.Measured(limit)
	if d.weightBins > 0 {
		values[1] = record.Measured(weightLimit)
	}
	for i, n := range d.counts {
		of := float64(len(p.Weights))
		if t := i/d.bins - 1; t >= 0 && t < len(d.tensors) {
			of = float64(d.tensors[t].Length)
		}
		elements[i] = record.Measured(n / count / of)
	}
	return cost
}

// leastLimit is the upper end of a histogram of nothing but zeros.
const leastLimit = 1e-12

// largest is the largest absolute element; NaN if there is one.
func largest(v []float64) (most float64) {
	for _, x := range v {
		most = max(most, math.Abs(x))
	}
	return most
}

// binOf is the bin of a number among those from -limit to limit. What is beyond is in the first or in the last.
func binOf(x, limit float64, bins int) int {
	at := (x/limit + 1) / 2 * float64(bins)
	if !(at > 0) {
		return 0
	}
	return int(min(at, float64(bins-1)))
}
