package diagnose

import (
	"math"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// preconditioned is the sharpness as an optimizer meets it that scales each element of the gradient by itself. Of an update u = −μ P⁻¹ g the host
// sees the diagonal matrix
//
//	S = μ P⁻¹,   sᵢ = −uᵢ / gᵢ
//
// and S H has the eigenvalues of S^½ H S^½. On a quadratic such updates diverge along an eigenvector whose eigenvalue is above 2; for gradient descent
// this is the sharpness times the learning rate. An element without update has no part in it.
var preconditioned = Kind{
	Name:   "preconditioned",
	Help:   "the largest eigenvalue of the Hessian of the training loss as the update meets it: preconditioned by what makes the update of the gradient",
	Source: "Cohen et al. 2022, section 2; the preconditioner is observed",
	Cost:   "2 for each product with all examples, some 20 to 100",
	Limits: "updates that have in each element the sign of the negative gradient: elsewhere, as with momentum or weight decay, nothing is measured; of momentum " +
		"that keeps the signs it has past gradients in it too, and the edge is elsewhere",
	Keys: []model.Key{
		{Name: "tolerance", Type: model.Number, In: "(0,1)", Default: 1e-4, Help: "of the eigenvalue, relative to it"},
		{Name: "products", Type: model.Whole, Default: 200, Help: "the most products"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "preconditioned_sharpness", Title: "preconditioned sharpness",
				Help: "Largest eigenvalue of the preconditioned Hessian of the training loss: that of its product with the update, in the learning rate.", Column: true},
			{Name: "step_sharpness", Title: "step sharpness",
				Help: "Largest eigenvalue of the product of update in gradient and Hessian; above 2 an update without momentum is unstable.", Column: true},
		}
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		tolerance, _ := s["tolerance"].(float64)
		return &preconditionedOf{run: r, most: whole(s, "products"), tolerance: tolerance, root: make([]float64, size(r)), scaled: make([]float64, size(r))}
	},
}

type preconditionedOf struct {
	run          *Run
	most         int
	tolerance    float64
	root, scaled []float64 // S^½, and a vector times it
}

func (d *preconditionedOf) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	if !d.observe(p) {
		return 0
	}
	o := d.run.Curved()
	m := curvature.Matrix{N: len(d.root), Multiply: func(v, into []float64) {
		for i, s := range d.root {
			d.scaled[i] = s * v[i]
		}
		o.HessianVector(problem.All, p.Weights, d.scaled, into)
		for i, s := range d.root {
			into[i] *= s
		}
	}}
	e, err := curvature.Extreme(m, 0, 1, d.tolerance, d.most, d.run.Random("preconditioned", p.Step))
	if err != nil {
		return 0
	}
	top := e.Largest[len(e.Largest)-1].Value
	values[1] = record.Measured(top)
	if rate, measured := p.Get(record.LearningRate).Get(); measured && rate > 0 {
		values[0] = record.Measured(top / rate)
	}
	return float64(e.Products) * record.HessianVectorCost * d.run.batches()
}

// observe finds S^½ by the update, and tells whether it is one of this gradient alone as far as can be seen.
func (d *preconditionedOf) observe(p *record.Sample) bool {
	if p.Update == nil {
		return false
	}
	some := false
	for i, u := range p.Update {
		if d.root[i] = 0; u == 0 {
			continue
		}
		s := -u / p.Gradient[i]
		if !(s > 0) || math.IsInf(s, 0) {
			return false
		}
		d.root[i], some = math.Sqrt(s), true
	}
	return some
}
