package diagnose

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
)

// taylor compares what the loss of the step's batch does along the update with its Taylor series there, and with what the series says of a step
// along the negative gradient:
//
//	J(θ + u) ≈ J(θ) + gᵀu + ½ uᵀHu,   J(θ − μg) ≈ J(θ) − μ gᵀg + ½ μ² gᵀHg,   smallest at μ* = gᵀg / gᵀHg
var taylor = Kind{
	Name:   "taylor",
	Help:   "the change of the batch's loss by the update and what its Taylor series predicts, and the same of a gradient step",
	Source: "Goodfellow et al. 2016, equations 4.8 to 4.10",
	Cost:   "6: two gradients and two products; 3 at the end, where there is no update",
	Keys: []model.Key{{Name: "rate", Type: model.Number, In: "[0,inf)", Default: 0.0,
		Help: "the learning rate μ of the gradient step; 0 is that of the run"}},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "loss_change", Title: "loss change", Help: "Change of the batch's loss by the update.", Column: true},
			{Name: "taylor_1", Title: "first-order change", Help: "What the Taylor series to first order predicts of it, g'u.", Column: true},
			{Name: "taylor_2", Title: "second-order change", Help: "What the Taylor series to second order predicts of it, g'u + u'Hu/2.", Column: true},
			{Name: "update_curvature", Title: "update curvature", Help: "Curvature of the batch's loss along the update, u'Hu / u'u.", Column: true},
			{Name: "gradient_curvature", Title: "gradient curvature", Help: "Curvature of the batch's loss along its gradient, g'Hg / g'g.", Column: true},
			{Name: "gradient_step_change", Title: "gradient step change",
				Help: "What the Taylor series to second order predicts of a step along the negative gradient, -rate g'g + rate^2 g'Hg / 2.", Column: true},
			{Name: "best_rate", Title: "best rate",
				Help:  "Learning rate of a gradient step at which the Taylor series to second order is lowest, g'g / g'Hg; infinite where the curvature is not positive.",
				Range: record.Norm, Column: true},
			{Name: "taylor_error", Title: "second-order error", Help: "By how much the change of the loss differs from what the series to second order predicts, in the size of the change.",
				Range: record.Norm, Column: true},
		}
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		rate, _ := s["rate"].(float64)
		n := size(r)
		return &taylorOf{run: r, rate: rate, g: make([]float64, n), hv: make([]float64, n), moved: make([]float64, n)}
	},
}

type taylorOf struct {
	run          *Run
	rate         float64
	g, hv, moved []float64
}

func (d *taylorOf) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	o := d.run.Curved()
	loss := o.Gradient(p.Step, p.Weights, d.g) // without noise that the run may meet
	square := floats.Dot(d.g, d.g)
	cost = record.GradientCost
	if square > 0 && finite(square) {
		o.HessianVector(p.Step, p.Weights, d.g, d.hv)
		cost += record.HessianVectorCost
		curvature := floats.Dot(d.g, d.hv) / square
		values[4] = record.Measured(curvature)
		rate := d.rate
		if own, measured := p.Get(record.LearningRate).Get(); rate == 0 && measured {
			rate = own
		}
		if rate > 0 {
			values[5] = record.Measured(square * (rate*rate/2*curvature - rate))
		}
		values[6] = record.Measured(inverse(curvature))
	}
	if p.Update == nil {
		return cost
	}
	floats.AddTo(d.moved, p.Weights, p.Update)
	slope := floats.Dot(d.g, p.Update)
	o.HessianVector(p.Step, p.Weights, p.Update, d.hv)
	bend := floats.Dot(p.Update, d.hv)
	values[1], values[2] = record.Measured(slope), record.Measured(slope+bend/2)
	if length := floats.Dot(p.Update, p.Update); length > 0 {
		values[3] = record.Measured(bend / length)
	}
	change := o.Gradient(p.Step, d.moved, d.g) - loss
	values[0] = record.Measured(change)
	if change != 0 {
		values[7] = record.Measured(math.Abs(change-slope-bend/2) / math.Abs(change))
	}
	return cost + record.HessianVectorCost + record.GradientCost
}
