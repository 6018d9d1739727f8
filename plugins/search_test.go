package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/steepest/steepest/sdk"
)

// searching are the rules whose every step is to lower the loss of its batch, in each of their variants.
var searching = []struct {
	name   string
	values map[string]any
}{
	{"lbfgs", nil},
	{"nonlinear-cg", nil},
	{"nonlinear-cg", map[string]any{"beta": "fletcher-reeves"}},
	{"nonlinear-cg", map[string]any{"beta": "hager-zhang"}},
	{"newton-cg", nil},
	{"newton-cg", map[string]any{"bound": "trust-region"}},
}

func named(name string) *sdk.Optimizer {
	return optimizers[slices.IndexFunc(optimizers, func(o *sdk.Optimizer) bool { return o.Name() == name })]
}

// parabola has the curvatures of its elements along the axes.
type parabola []float64

func (p parabola) gradient(_ int, w, g []float64) (loss float64) {
	for i, e := range p {
		g[i] = e * w[i]
		loss += g[i] * w[i] / 2
	}
	return loss
}

func (p parabola) hessianVector(_ int, _, v, hv []float64) {
	for i, e := range p {
		hv[i] = e * v[i]
	}
}

// slope is a loss without curvature.
type slope struct{}

func (slope) gradient(_ int, w, g []float64) (loss float64) {
	for i := range w {
		g[i] = float64(i + 1)
		loss += g[i] * w[i]
	}
	return loss
}

func (slope) hessianVector(_ int, _, _, hv []float64) { clear(hv) }

// wells is a fourth of (x² − 1)² for each coordinate: at 0 is a maximum along all axes.
type wells struct{}

func (wells) gradient(_ int, w, g []float64) (loss float64) {
	for i, x := range w {
		g[i] = x*x*x - x
		loss += (x*x - 1) * (x*x - 1) / 4
	}
	return loss
}

func (wells) hessianVector(_ int, w, v, hv []float64) {
	for i, x := range w {
		hv[i] = (3*x*x - 1) * v[i]
	}
}

// TestSearch: no step raises the loss of its batch, be the next step's another batch, be there no curvature, or be it negative; and where
// there is a minimum it is found, however small the loss is.
func TestSearch(t *testing.T) {
	curvatures := parabola{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	small := make(parabola, len(curvatures))
	for i, c := range curvatures {
		small[i] = 1e-9 * c
	}
	for what, c := range map[string]struct {
		on       objective
		n, steps int
		scale    float64 // of the start
		loss     float64 // below which it ends
	}{
		"batches":  {network{3}, 26, 200, 0.8, math.Inf(1)},
		"slope":    {slope{}, 3, 10, 1, -10},
		"wells":    {wells{}, 10, 60, 0.05, 1e-20},
		"parabola": {curvatures, 10, 60, 1, 1e-20},
		"small":    {small, 10, 60, 1, 1e-29},
	} {
		for _, s := range searching {
			t.Run(fmt.Sprint(what, " ", s.name, s.values), func(t *testing.T) {
				if what == "small" && s.name == "newton-cg" && s.values != nil {
					t.Skip("its radius is a length, which has nothing to do with the loss's")
				}
				start := make([]float64, c.n)
				for i := range start {
					start[i] = c.scale * math.Sin(1.3*float64(i)+0.4)
				}
				a, loss := ask(t, named(s.name), maps.Clone(s.values), nil, c.on, start), 0.0
				for k := range c.steps {
					before := a.step(t)
					loss = a.on.gradient(k, a.weights, a.gradient)
					if !(loss <= before+1e-14*math.Abs(before)) {
						t.Fatalf("step %d goes from %v to %v", k+1, before, loss)
					}
				}
				jams := what == "wells" && s.values["beta"] == "fletcher-reeves" // as its package says
				if !jams && !(loss < c.loss) {
					t.Errorf("it ends at %v, asks %v", loss, a.asks)
				}
			})
		}
	}
}
