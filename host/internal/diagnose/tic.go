package diagnose

import (
	"fmt"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// tic is Takeuchi's information criterion, which at a minimum is N times the expected gap between the losses on other examples and on the N of
// the training. With C the second moment of the gradients gᵢ of examples and H a curvature, both of the step's batch:
//
//	TIC = tr(C H⁻¹),   diagonal  Σⱼ Cⱼⱼ / (Hⱼⱼ + ε),   trace  tr C / (tr H + ε)
//
// The approximations and ε are those of Cockpit.
var tic = Kind{
	Name:   "tic",
	Help:   "Takeuchi's information criterion, how much better the loss is on the examples of the training than on others, by the diagonals and by the traces",
	Source: "Takeuchi 1976; Thomas et al. 2020, section 5; Schneider, Dangel and Hennig 2021 for the approximations",
	Cost: fmt.Sprintf("1 for the examples of a batch one by one, and 2 for each product: as many as parameters, or `samples` of more than %d parameters",
		curvature.MaxWhole),
	Limits: fmt.Sprintf("problems with data, without dropout and batch normalisation; the diagonal of at most %d parameters; it says something of generalisation "+
		"at a minimum alone", curvature.MaxWhole),
	Keys: []model.Key{
		{Name: "curvature", Type: model.Choice, Default: "gauss-newton", Choices: []string{"gauss-newton", "hessian"},
			Help: "`gauss-newton` is never negative; `hessian` is the default of Cockpit, of which small and negative elements make the diagonal worthless"},
		{Name: "samples", Type: model.Whole, Default: 30, Help: "products for the trace where there are too many parameters for the diagonal"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "tic_diagonal", Title: "TIC, diagonal", Help: "Takeuchi's information criterion by the diagonals of second moment and curvature.", Column: true},
			{Name: "tic_trace", Title: "TIC, traces", Help: "Takeuchi's information criterion by the traces of second moment and curvature.", Column: true},
		}
	},
	Refuses: func(_ model.Settings, p problem.Problem) (message, remedy string) { return inseparable(p) },
	Make: func(s model.Settings, r *Run) Diagnostic {
		return &ticOf{run: r, hessian: s["curvature"] == "hessian", samples: whole(s, "samples"), moment: make([]float64, size(r))}
	},
}

// ticGuard keeps quotients finite where there is no curvature.
const ticGuard = 1e-7

type ticOf struct {
	run     *Run
	hessian bool
	samples int
	moment  []float64 // the diagonal of C
}

func (d *ticOf) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	s, is := problem.As[problem.Sampled](d.run.Objective())
	multiply := d.product(p)
	if !is || multiply == nil {
		return 0
	}
	clear(d.moment)
	count := 0.0
	s.ExampleGradients(p.Step, p.Weights, func(_ float64, g []float64) {
		for i, x := range g {
			d.moment[i] += x * x
		}
		count++
	})
	floats.Scale(1/count, d.moment)
	cost = record.GradientCost
	all := floats.Sum(d.moment)
	if !finite(all) {
		return cost
	}
	n := len(p.Weights)
	if n > curvature.MaxWhole {
		trace := curvature.HutchPlusPlus(curvature.Matrix{N: n, Multiply: multiply}, d.samples, d.run.Random("tic", p.Step))
		values[1] = record.Measured(all / (trace.Value + ticGuard))
		return cost + float64(trace.Products)*record.HessianVectorCost
	}
	v, hv, trace, diagonal := make([]float64, n), make([]float64, n), 0.0, 0.0
	for i := range n {
		v[i] = 1
		multiply(v, hv)
		v[i] = 0
		trace += hv[i]
		diagonal += d.moment[i] / (hv[i] + ticGuard)
	}
	values[0], values[1] = record.Measured(diagonal), record.Measured(all/(trace+ticGuard))
	return cost + float64(n)*record.HessianVectorCost
}

// product is that of the batch's curvature; nil if there is none.
func (d *ticOf) product(p *record.Sample) func(v, into []float64) {
	if d.hessian {
		o := d.run.Curved()
		return func(v, into []float64) { o.HessianVector(p.Step, p.Weights, v, into) }
	}
	if o, is := problem.As[problem.GaussNewton](d.run.Objective()); is {
		return func(v, into []float64) { o.GaussNewtonVector(p.Step, p.Weights, v, into) }
	}
	return nil
}
