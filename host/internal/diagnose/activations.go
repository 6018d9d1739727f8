package diagnose

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// saturated is the share of an activation's largest derivative below which it is saturated: little of a gradient passes.
const saturated = 0.05

var activations = Kind{
	Name:   "activations",
	Help:   "of each layer with an activation how much of it is saturated or dead, and the variance of what comes out",
	Source: "Glorot and Bengio 2010, section 3; saturated is where the derivative is below 5 % of its largest, dead a unit that is so for a whole batch",
	Cost:   "1",
	Limits: "networks with activations",
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "saturated", Title: "saturated", Help: "Share of the values of all activations at which their derivative is below 5 % of its largest.",
				Range: record.Share, Column: true},
			{Name: "dead_units", Title: "dead units", Help: "Share of the units of all layers with an activation that are saturated for every example of the batch.",
				Range: record.Share, Column: true},
		}
	},
	Elements: func(_ model.Settings, p problem.Problem) (all []record.Quantity) {
		for _, layer := range withActivation(p) {
			for _, q := range []record.Quantity{
				{Name: "layer_saturated", Title: "saturated", Help: "Share of the values at which the derivative of the activation is below 5 % of its largest.", Range: record.Share},
				{Name: "layer_dead", Title: "dead units", Help: "Share of the units that are saturated for every example of the batch.", Range: record.Share},
				{Name: "layer_variance", Title: "variance", Help: "Variance of what comes out of the layer, over examples and units.", Range: record.Norm},
			} {
				q.Column = true
				all = append(all, element(q, model.LayerName(layer)))
			}
		}
		return all
	},
	Refuses: func(_ model.Settings, p problem.Problem) (message, remedy string) {
		if len(withActivation(p)) == 0 {
			return "the problem has no layers with an activation", "remove the table, or choose a network with one"
		}
		return "", ""
	},
	Make: func(_ model.Settings, r *Run) Diagnostic { return saturation{r} },
}

// withActivation are the layers of a problem, from 0, that have one.
func withActivation(p problem.Problem) (layers []int) {
	s, is := p.(*problem.Supervised)
	if !is {
		return nil
	}
	for layer := range s.Network.Activated() {
		layers = append(layers, layer)
	}
	slices.Sort(layers)
	return layers
}

type saturation struct{ run *Run }

func (d saturation) Measure(p *record.Sample, values, elements []record.Value) float64 {
	o, is := problem.As[problem.Layered](d.run.Objective())
	if !is {
		return 0
	}
	flat, all, dead, every, none := 0, 0, 0, 0, 0.0
	o.Activations(p.Step, p.Weights, func(_ int, f model.Activation, outputs, slopes []float64, units int) {
		flatHere, deadHere := 0, 0
		for u := range units {
			alive := false
			for i := u; i < len(slopes); i += units {
				if math.Abs(slopes[i]) < saturated*f.Steepest {
					flatHere++
				} else {
					alive = true
				}
			}
			if !alive {
				deadHere++
			}
		}
		undefined := 0.0
		if floats.HasNaN(outputs) { // of which the derivative is not told
			undefined = math.NaN()
		}
		elements[0] = record.Measured(float64(flatHere)/float64(len(slopes)) + undefined)
		elements[1] = record.Measured(float64(deadHere)/float64(units) + undefined)
		elements[2] = record.Measured(stat.PopVariance(outputs, nil))
		elements = elements[3:]
		flat, all, dead, every = flat+flatHere, all+len(slopes), dead+deadHere, every+units
		none += undefined
	})
	values[0], values[1] = record.Measured(float64(flat)/float64(all)+none), record.Measured(float64(dead)/float64(every)+none)
	return record.GradientCost
}
