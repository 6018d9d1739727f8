package diagnose

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

var density = Kind{
	Name:   "density",
	Help:   "how the eigenvalues of the Hessian of the training loss are distributed, for any number of parameters, and an estimate of their sum",
	Source: "Ubaru, Chen and Saad 2017; Ghorbani et al. 2019; Meyer et al. 2021 for the sum",
	Cost:   "2 for each product with all examples: `starts` times `lanczos`, and `samples`",
	Keys: []model.Key{
		{Name: "starts", Type: model.Whole, Default: 4, Help: "vectors drawn at random, over which the distribution is averaged"},
		{Name: "lanczos", Type: model.Whole, Default: 30, Help: "steps of the algorithm of Lanczos from each"},
		{Name: "samples", Type: model.Whole, Default: 30, Help: "products for the sum"},
		{Name: "bins", Type: model.Whole, Default: 40, Help: "bins of the histogram, of the same width from `density_low` to `density_high`"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "density_low", Title: "density from", Help: "Lower end of the histogram of the Hessian's eigenvalues.", Column: true},
			{Name: "density_high", Title: "density to", Help: "Upper end of the histogram of the Hessian's eigenvalues.", Column: true},
			{Name: "trace_estimate", Title: "trace", Help: "Estimate of the sum of the Hessian's eigenvalues.", Column: true},
			{Name: "trace_error", Title: "error of the trace", Help: "Standard error of the estimate of the sum of the Hessian's eigenvalues.", Range: record.Norm, Column: true},
		}
	},
	Elements: func(s model.Settings, _ problem.Problem) (all []record.Quantity) {
		for i := range whole(s, "bins") {
			all = append(all, element(record.Quantity{Name: "density", Title: "density", Help: "Share of the Hessian's eigenvalues in a bin.",
				Range: record.Share, Column: true}, fmt.Sprint(i)))
		}
		return all
	},
	Bins:   []Bins{{"density", "density_low", "density_high"}},
	Limits: fmt.Sprintf("at most %d bins", mostBins),
	Refuses: func(s model.Settings, _ problem.Problem) (message, remedy string) {
		if n := whole(s, "bins"); n > mostBins {
			return fmt.Sprintf("there would be %d bins, and there can be %d", n, mostBins), "choose fewer bins"
		}
		return "", ""
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		return densityOf{run: r, starts: whole(s, "starts"), steps: whole(s, "lanczos"), samples: whole(s, "samples")}
	},
}

func whole(s model.Settings, name string) int { n, _ := s[name].(int); return n }

type densityOf struct {
	run                    *Run
	starts, steps, samples int
}

func (d densityOf) Measure(p *record.Sample, values, elements []record.Value) float64 {
	o, random := d.run.Curved(), d.run.Random("density", p.Step)
	h := curvature.Matrix{N: len(p.Weights), Multiply: func(v, into []float64) { o.HessianVector(problem.All, p.Weights, v, into) }}
	found, err := curvature.SpectralDensity(h, d.starts, d.steps, random)
	cost := float64(found.Products) * record.HessianVectorCost * d.run.batches()
	if err != nil {
		return cost
	}
	trace := curvature.HutchPlusPlus(h, d.samples, random)
	cost += float64(trace.Products) * record.HessianVectorCost * d.run.batches()
	low, high := found.Nodes[0], found.Nodes[len(found.Nodes)-1]
	width := high - low
	if width <= 1e-12*max(math.Abs(low), math.Abs(high)) { // all are the same, but for rounding
		width = max(math.Abs(low), 1) * 1e-6
	}
	sigma := width / float64(len(elements))
	low, high = low-2*sigma, high+2*sigma
	values[0], values[1] = record.Measured(low), record.Measured(high)
	values[2] = record.Measured(trace.Value)
	if d.samples >= 6 || trace.Error == 0 { // else a single sample is left for it
		values[3] = record.Measured(trace.Error)
	}
	before, whole := found.Within(math.Inf(-1), low, sigma), found.Within(low, high, sigma)
	for i := range elements {
		upTo := found.Within(math.Inf(-1), low+(high-low)*float64(i+1)/float64(len(elements)), sigma)
		elements[i] = record.Measured((upTo - before) / whole)
		before = upTo
	}
	return cost
}
