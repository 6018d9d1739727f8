package diagnose

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

var hessian = Kind{
	Name:   "hessian",
	Help:   "the eigenvalues of the Hessian of the training loss: the largest, the smallest, how many are negative, and what follows",
	Source: "Goodfellow et al. 2016, section 4.3.1; Ghorbani et al. 2019 for the algorithm of Lanczos",
	Cost:   "2 for each product: as many as parameters for `all`, some 20 to 100 for `extreme`",
	Limits: fmt.Sprintf("`all` of at most %d parameters; where `products` do not suffice for the tolerance, extreme eigenvalues are those found so far, "+
		"which lie inside the spectrum", curvature.MaxWhole),
	Keys: []model.Key{
		{Name: "eigenvalues", Type: model.Choice, Default: "extreme", Choices: []string{"extreme", "all"},
			Help: "`extreme` are those at both ends; of `all` there are the fraction that is negative, the trace and the condition too"},
		{Name: "overlap", Type: model.Whole, Default: 1, Help: "of how many eigenvectors with the largest eigenvalues the share of the gradient is measured"},
		{Name: "tolerance", Type: model.Number, In: "(0,1)", Default: 1e-4, Help: "of extreme eigenvalues, relative to the largest"},
		{Name: "products", Type: model.Whole, Default: 200, Help: "the most products for extreme eigenvalues"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "sharpness", Title: "sharpness", Help: "Largest eigenvalue of the Hessian of the training loss.", Column: true},
			{Name: "smallest_eigenvalue", Title: "smallest eigenvalue", Help: "Smallest eigenvalue of the Hessian of the training loss.", Column: true},
			{Name: "top_overlap", Title: "overlap with the top", Help: "Share of the squared gradient of all examples that lies in the eigenvectors with the largest eigenvalues.",
				Range: record.Share, Column: true},
			{Name: "negative_eigenvalues", Title: "negative eigenvalues", Help: "Share of the eigenvalues of the Hessian that are negative: its index.",
				Range: record.Share, Column: true},
			{Name: "hessian_trace", Title: "trace", Help: "Sum of all eigenvalues of the Hessian.", Column: true},
			{Name: "hessian_condition", Title: "condition", Help: "Largest absolute eigenvalue of the Hessian in the smallest; infinite where that is 0 but for rounding.", Range: record.Norm, Column: true},
		}
	},
	Refuses: func(s model.Settings, p problem.Problem) (message, remedy string) {
		if n := problem.Size(p.Layout()); s["eigenvalues"] == "all" && n > curvature.MaxWhole {
			return fmt.Sprintf("it has %d parameters, and all eigenvalues are computed of at most %d", n, curvature.MaxWhole), `write eigenvalues = "extreme", or add name = "density"`
		} else if overlap, products := min(whole(s, "overlap"), n), whole(s, "products"); s["eigenvalues"] != "all" && overlap > products {
			return fmt.Sprintf("%d products do not find %d eigenvectors for the overlap", products, overlap), "raise products, or lower overlap"
		}
		return "", ""
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		d := &hessianOf{run: r, g: make([]float64, size(r))}
		d.all = s["eigenvalues"] == "all"
		d.overlap, _ = s["overlap"].(int)
		d.most, _ = s["products"].(int)
		d.tolerance, _ = s["tolerance"].(float64)
		return d
	},
}

type hessianOf struct {
	run           *Run
	all           bool
	overlap, most int
	tolerance     float64
	g             []float64
}

func (d *hessianOf) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	o := d.run.Curved()
	o.Gradient(problem.All, p.Weights, d.g)
	cost = d.run.batches()
	norm := floats.Norm(d.g, 2)
	if !finite(norm) {
		return cost
	}
	overlap := func(vector func(i int) []float64) {
		if norm == 0 {
			return
		}
		sum := 0.0
		for i := range min(d.overlap, len(d.g)) {
			along := floats.Dot(vector(i), d.g) / norm
			sum += along * along
		}
		values[2] = record.Measured(min(sum, 1))
	}
	if !d.all {
		m := curvature.Matrix{N: len(d.g), Multiply: func(v, into []float64) { o.HessianVector(problem.All, p.Weights, v, into) }}
		e, err := curvature.Extreme(m, 1, max(d.overlap, 1), d.tolerance, d.most, d.run.Random("hessian", p.Step))
		if err != nil {
			return cost
		}
		top := len(e.Largest) - 1
		values[0], values[1] = record.Measured(e.Largest[top].Value), record.Measured(e.Smallest[0].Value)
		overlap(func(i int) []float64 { return e.Largest[top-i].Vector })
		return cost + float64(e.Products)*record.HessianVectorCost*d.run.batches()
	}
	h := mat.NewSymDense(len(d.g), nil)
	problem.Hessian(o, p.Weights, h)
	e, vectors, err := curvature.Spectrum(h, true)
	cost += float64(len(d.g)) * record.HessianVectorCost * d.run.batches()
	if err != nil {
		return cost
	}
	n, negative, least := len(e), 0, math.Inf(1)
	zero := curvature.Rounding(n, e[0], e[n-1])
	for _, x := range e {
		if least = min(least, math.Abs(x)); x < -zero {
			negative++
		}
	}
	values[0], values[1] = record.Measured(e[n-1]), record.Measured(e[0])
	overlap(func(i int) []float64 { return mat.Col(nil, n-1-i, vectors) })
	values[3], values[4] = record.Measured(float64(negative)/float64(n)), record.Measured(floats.Sum(e))
	if values[5] = record.Measured(math.Inf(1)); least > zero {
		values[5] = record.Measured(max(e[n-1], -e[0]) / least)
	}
	return cost
}
