package diagnose

import (
	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

var tensors = Kind{
	Name:    "tensors",
	Help:    "of each tensor the norms of gradient and update, and the norm of the update in that of the weights",
	Source:  "Goodfellow et al. 2016, section 11.5: after Bottou, an update of about 1 % of the weights is sound",
	Cost:    "0",
	EachRow: true,
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "update_ratio", Title: "update ratio", Help: "Euclidean norm of the update in that of the weights, of all tensors together.",
				Range: record.Norm, Column: true},
			{Name: "first_last_gradient", Title: "gradient of first in last layer", Help: "Euclidean norm of the gradient of the first layer's biases in that " +
				"of the last's: far below 1 gradients vanish on the way back, far above 1 they explode.", Range: record.Norm, Column: true},
		}
	},
	Elements: func(_ model.Settings, p problem.Problem) []record.Quantity {
		var all []record.Quantity
		for _, t := range p.Layout() {
			for _, q := range []record.Quantity{
				{Name: "tensor_gradient_norm", Title: "gradient norm", Help: "Euclidean norm of the gradient of the step's batch."},
				{Name: "tensor_update_norm", Title: "update norm", Help: "Euclidean norm of the update."},
				{Name: "tensor_update_ratio", Title: "update ratio", Help: "Euclidean norm of the update in that of the weights."},
			} {
				q.Range, q.Column = record.Norm, true
				all = append(all, element(q, t.Name))
			}
		}
		return all
	},
	Make: func(_ model.Settings, r *Run) Diagnostic { return tensorNorms{r.Layout()} },
}

// element is a quantity of a part of a problem.
func element(q record.Quantity, part string) record.Quantity {
	q.Name += "[" + part + "]"
	q.Title += " of " + part
	return q
}

type tensorNorms struct{ layout []*v1.Tensor }

func (d tensorNorms) Measure(p *record.Sample, values, elements []record.Value) float64 {
	ratio := func(update, weights []float64) record.Value {
		norm := floats.Norm(weights, 2)
		if norm == 0 {
			return record.Value{}
		}
		return record.Measured(floats.Norm(update, 2) / norm)
	}
	if p.Update != nil {
		values[0] = ratio(p.Update, p.Weights)
	}
	first, last := -1.0, 0.0
	for i, t := range d.layout {
		from, to := t.Offset, t.Offset+t.Length
		norm := floats.Norm(p.Gradient[from:to], 2)
		if elements[3*i] = record.Measured(norm); t.Role == v1.Role_ROLE_BIAS {
			if last = norm; first < 0 {
				first = norm
			}
		}
		if p.Update != nil {
			elements[3*i+1] = record.Measured(floats.Norm(p.Update[from:to], 2))
			elements[3*i+2] = ratio(p.Update[from:to], p.Weights[from:to])
		}
	}
	if last > 0 {
		values[1] = record.Measured(first / last)
	}
	return 0
}
