package diagnose

import (
	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
)

var criticalPoint = Kind{
	Name:   "critical-point",
	Help:   "the critical point of the training loss to which a search from the weights leads: its loss, and its index by all eigenvalues",
	Source: "Dauphin et al. 2014, section 4; the method of Levenberg and Marquardt on half the squared gradient norm: Nocedal and Wright 2006, section 10.3",
	Cost:   "some 5 to 400 Hessians, of 2 for each parameter",
	Limits: "problems of at most 2000 parameters; where the search does not converge nothing is measured",
	AtEnd:  true,
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "critical_loss", Title: "loss of the critical point", Help: "Training loss at the critical point.", Column: true},
			{Name: "critical_index", Title: "index of the critical point", Help: "Number of negative eigenvalues of the Hessian at the critical point.", Range: record.Norm, Column: true},
			{Name: "critical_index_share", Title: "index of the critical point", Help: "Share of the eigenvalues of the Hessian at the critical point that are negative.",
				Range: record.Share, Column: true},
			{Name: "critical_zero_share", Title: "zero eigenvalues of the critical point", Help: "Share of the eigenvalues of the Hessian at the critical point that are 0: above 0 it is degenerate.",
				Range: record.Share, Column: true},
			{Name: "critical_smallest_eigenvalue", Title: "smallest eigenvalue of the critical point", Help: "Smallest eigenvalue of the Hessian at the critical point.", Column: true},
			{Name: "critical_distance", Title: "distance to the critical point", Help: "Euclidean distance of the weights from the critical point.", Range: record.Norm, Column: true},
			{Name: "critical_gradient_norm", Title: "gradient norm at the critical point", Help: "Euclidean norm of the gradient at the critical point as it was found.",
				Range: record.Norm, Column: true},
		}
	},
	Refuses: refusesSize,
	Make:    func(_ model.Settings, r *Run) Diagnostic { return &criticalPointOf{r} },
}

type criticalPointOf struct{ run *Run }

func (d *criticalPointOf) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	r, err := landscape.Search(d.run.ctx, d.run.Curved(), p.Weights)
	cost = d.run.searched(r.Gradients, r.Hessians)
	if err != nil || r.Ending != landscape.Converged {
		return cost
	}
	n := float64(len(r.Eigenvalues))
	for i, x := range []float64{r.Loss, float64(r.Index()), float64(r.Index()) / n, float64(r.Zeros()) / n, r.Eigenvalues[0],
		floats.Distance(r.Weights, p.Weights, 2), r.Gradient} {
		values[i] = record.Measured(x)
	}
	return cost
}
