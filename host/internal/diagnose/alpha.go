package diagnose

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// alpha tells where on a parabola the update leads. Along it, x from 0 to 1, the parabola a + bx + cx² is fitted to the loss and the slope of the
// step's batch at 0 and of the next one at 1, each weighed by the inverse of its variance: the least squares of
//
//	a = f₀,   a + b + c = f₁,   b = f₀′,   b + 2c = f₁′
//
// Its minimum is at x* = −b/2c, and α = 1/x* − 1 is 0 where the step leads there, 1 where it leads to the opposite wall at the height of the start,
// below 0 where it falls short, and below −1 where the step leads uphill. Of a parabola without a minimum α is −1, as in Cockpit's code.
var alpha = Kind{
	Name:   "alpha",
	Help:   "where on a parabola along the update the update leads: to its minimum, short of it, or beyond",
	Source: "Schneider, Dangel and Hennig 2021, section 3.1; Mahsereci and Hennig 2017 for the variances",
	Cost:   "2, of data one by one for each example, which takes the time of some more",
	Limits: "updates that lead from a point, so not at the end; without data, of batches of 1, and with dropout or batch normalisation losses and slopes " +
		"have the same weight",
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{{Name: "alpha", Title: "alpha",
			Help: "Where the update leads on a parabola along it: 0 is the minimum, 1 the opposite wall, below 0 short of it; -1 where there is no minimum.", Column: true}}
	},
	Make: func(_ model.Settings, r *Run) Diagnostic {
		message, _ := inseparable(r.Problem)
		return &alphaOf{run: r, separable: message == "", g: make([]float64, size(r)), moved: make([]float64, size(r))}
	},
}

type alphaOf struct {
	run       *Run
	separable bool
	g, moved  []float64
}

func (d *alphaOf) Measure(p *record.Sample, values, _ []record.Value) float64 {
	if p.Update == nil {
		return 0
	}
	floats.AddTo(d.moved, p.Weights, p.Update)
	before, after := d.along(p.Step, p.Weights, p.Update), d.along(p.Step+1, d.moved, p.Update)
	y := []float64{before.loss, after.loss, before.slope, after.slope}
	variances := []float64{before.lossVariance, after.lossVariance, before.slopeVariance, after.slopeVariance}
	for _, v := range variances {
		if !(v > 0) || !finite(v) {
			variances = nil
			break
		}
	}
	if x, fits := parabola(y, variances); fits {
		values[0] = record.Measured(x)
	}
	return 2 * record.GradientCost
}

// seen are the loss of a batch at a point and its slope along the update, with the variances of these means over its examples.
type seen struct{ loss, slope, lossVariance, slopeVariance float64 }

func (d *alphaOf) along(k int, weights, update []float64) (at seen) {
	s, is := problem.As[problem.Sampled](d.run.Objective())
	if !is || !d.separable {
		at.loss = d.run.Curved().Gradient(k, weights, d.g) // without noise that the run may meet
		at.slope = floats.Dot(d.g, update)
		return at
	}
	n, squares, slopes := 0.0, 0.0, 0.0 // squared differences from the means, by Welford
	s.ExampleGradients(k, weights, func(loss float64, g []float64) {
		slope := floats.Dot(g, update)
		n++
		e := loss - at.loss
		at.loss += e / n
		squares += e * (loss - at.loss)
		e = slope - at.slope
		at.slope += e / n
		slopes += e * (slope - at.slope)
	})
	at.lossVariance, at.slopeVariance = squares/(n-1)/n, slopes/(n-1)/n
	return at
}

// parabola fits one to losses and slopes at 0 and 1, and says where 1 lies on it. Without variances all have the same weight.
func parabola(y, variances []float64) (alpha float64, fits bool) {
	a := mat.NewDense(4, 3, []float64{1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 2})
	b := mat.NewVecDense(4, nil)
	for i, v := range y {
		if !finite(v) {
			return 0, false
		}
		weight := 1.0
		if variances != nil {
			weight = 1 / math.Sqrt(variances[i])
		}
		b.SetVec(i, weight*v)
		floats.Scale(weight, a.RawRowView(i))
	}
	var c mat.VecDense
	if err := c.SolveVec(a, b); err != nil {
		return 0, false
	}
	if c.AtVec(2) <= 0 {
		return -1, true
	}
	return -2*c.AtVec(2)/c.AtVec(1) - 1, true
}
