package diagnose

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
)

var path = Kind{
	Name:    "path",
	Help:    "how far the run has come, by which way, and how its update lies to the gradient and to the update before",
	Source:  "Goodfellow et al. 2015, section 6; cosines as in Cockpit (Schneider et al. 2021)",
	Cost:    "0",
	EachRow: true,
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "distance_from_start", Title: "distance from start", Help: "Euclidean distance of the weights from where the run began.",
				Range: record.Norm, Column: true},
			{Name: "path_length", Title: "path length", Help: "Sum of the Euclidean norms of all updates so far.", Range: record.Norm, Column: true},
			{Name: "descent_cosine", Title: "descent cosine", Help: "Cosine of the angle between the update and the negative gradient of its batch.", Column: true},
			{Name: "update_cosine", Title: "update cosine", Help: "Cosine of the angle between the update and the one before.", Column: true},
		}
	},
	Make: func(_ model.Settings, r *Run) Diagnostic { return &pathOf{run: r} },
}

// pathOf follows a run.
type pathOf struct {
	run   *Run
	start []float64
	state []float64 // the length of the path, and the last update if there was one
}

func (d *pathOf) Measure(p *record.Sample, values, _ []record.Value) float64 {
	if d.start == nil {
		d.start = make([]float64, len(p.Weights))
		d.run.Objective().Initialize(d.start)
	}
	values[0] = record.Measured(floats.Distance(p.Weights, d.start, 2))
	length := 0.0
	if len(d.state) > 0 {
		length = d.state[0]
	}
	values[1] = record.Measured(length)
	if p.Update == nil {
		return 0
	}
	values[2] = cosine(p.Update, p.Gradient, -1)
	if len(d.state) > 1 {
		values[3] = cosine(p.Update, d.state[1:], 1)
	}
	return 0
}

// cosine is that of the angle between two vectors, times a sign; it is not measured of a vector of length 0.
func cosine(a, b []float64, sign float64) record.Value {
	norms := floats.Norm(a, 2) * floats.Norm(b, 2)
	if !(norms > 0) || math.IsInf(norms, 0) {
		return record.Value{}
	}
	return record.Measured(max(-1, min(1, sign*floats.Dot(a, b)/norms)))
}

func (d *pathOf) Follow(p *record.Sample) {
	length := floats.Norm(p.Update, 2)
	if len(d.state) > 0 {
		length += d.state[0]
	}
	d.state = append(append(d.state[:0], length), p.Update...)
}

func (d *pathOf) State() []float64 { return d.state }

func (d *pathOf) Restore(state []float64) error {
	if n := len(state); n != 0 && n != 1+size(d.run) {
		return fmt.Errorf("the checkpoint has %d numbers of the diagnostic path, not %d", n, 1+size(d.run))
	}
	d.state = state
	return nil
}
