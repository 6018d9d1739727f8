package main

import (
	"math"
	"testing"
)

// objective is what a rule may ask about, batch by batch.
type objective interface {
	gradient(batch int, w, into []float64) (loss float64)
	hessianVector(batch int, w, v, into []float64)
}

// network is the one of plugins/reference: 3 inputs, 4 hidden units with tanh, 2 outputs, half the mean squared error. Batch k has as many of
// its ten examples as it says, from k times as many on.
type network struct{ batch int }

// sizes of the network, and where its tensors begin.
const (
	inputs, hidden, outputs, examples = 3, 4, 2, 10

	b1 = hidden * inputs
	w2 = b1 + hidden
	b2 = w2 + outputs*hidden
)

// input and target are numbers of example e.
func input(e, j int) float64  { return math.Sin(1.7*float64(e) + 2.3*float64(j)) }
func target(e, i int) float64 { return math.Cos(0.9 * float64(e) * float64(i+1)) }

// gradient writes the gradient of a batch at w into g, and returns the loss.
func (n network) gradient(batch int, w, g []float64) (loss float64) {
	loss = n.pass(batch, w, nil, g, nil)
	return loss
}

// hessianVector writes the product of the Hessian of a batch at w with v into hv.
func (n network) hessianVector(batch int, w, v, hv []float64) {
	n.pass(batch, w, v, make([]float64, len(w)), hv)
}

// pass computes loss and gradient and, with v, how the gradient changes along it: each line of the forward and the backward pass and,
// below it, its derivative along v (Pearlmutter 1994).
func (n network) pass(batch int, w, v, g, hv []float64) (loss float64) {
	clear(g)
	second := v != nil
	if !second {
		v, hv = make([]float64, len(w)), make([]float64, len(w))
	}
	clear(hv)
	for i := range n.batch {
		e := (batch*n.batch + i) % examples
		var h, dh, back, dback [hidden]float64
		for j := range hidden {
			z, dz := w[b1+j], v[b1+j]
			for k := range inputs {
				z += w[j*inputs+k] * input(e, k)
				dz += v[j*inputs+k] * input(e, k)
			}
			h[j] = math.Tanh(z)
			dh[j] = (1 - h[j]*h[j]) * dz
		}
		for o := range outputs {
			r, dr := w[b2+o]-target(e, o), v[b2+o]
			for j := range hidden {
				at := w2 + o*hidden + j
				r += w[at] * h[j]
				dr += v[at]*h[j] + w[at]*dh[j]
			}
			loss += r * r / 2 / float64(n.batch)
			r, dr = r/float64(n.batch), dr/float64(n.batch)
			g[b2+o] += r
			hv[b2+o] += dr
			for j := range hidden {
				at := w2 + o*hidden + j
				g[at] += r * h[j]
				hv[at] += dr*h[j] + r*dh[j]
				back[j] += r * w[at]
				dback[j] += dr*w[at] + r*v[at]
			}
		}
		for j := range hidden {
			d, dd := back[j]*(1-h[j]*h[j]), dback[j]*(1-h[j]*h[j])-2*back[j]*h[j]*dh[j]
			g[b1+j] += d
			hv[b1+j] += dd
			for k := range inputs {
				g[j*inputs+k] += d * input(e, k)
				hv[j*inputs+k] += dd * input(e, k)
			}
		}
	}
	return loss
}

// rosenbrock is (1 − x)² + 100 (y − x²)², the same on all batches.
type rosenbrock struct{}

// gradient is that of the function.
func (rosenbrock) gradient(_ int, w, g []float64) float64 {
	x, y := w[0], w[1]
	g[0], g[1] = -2*(1-x)-400*x*(y-x*x), 200*(y-x*x)
	return (1-x)*(1-x) + 100*(y-x*x)*(y-x*x)
}

// hessianVector is the product of its Hessian.
func (rosenbrock) hessianVector(_ int, w, v, hv []float64) {
	x, y := w[0], w[1]
	hv[0], hv[1] = (2-400*y+1200*x*x)*v[0]-400*x*v[1], -400*x*v[0]+200*v[1]
}

// TestDerivatives compares gradients with finite differences of losses, and products with the Hessian with those of gradients.
func TestDerivatives(t *testing.T) {
	for name, on := range map[string]objective{"network": network{batch: 4}, "rosenbrock": rosenbrock{}} {
		n := 26
		if name == "rosenbrock" {
			n = 2
		}
		w, v, g, hv := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range w {
			w[i], v[i] = math.Sin(float64(3*i+1)), math.Cos(float64(5*i))
		}
		const batch, h = 3, 1e-5
		at := func(shift float64) (float64, []float64) {
			moved, g := make([]float64, n), make([]float64, n)
			for i := range w {
				moved[i] = w[i] + shift*v[i]
			}
			return on.gradient(batch, moved, g), g
		}
		on.gradient(batch, w, g)
		on.hessianVector(batch, w, v, hv)
		f1, g1 := at(h)
		f0, g0 := at(-h)
		slope := 0.0
		for i := range g {
			slope += g[i] * v[i]
			if want := (g1[i] - g0[i]) / (2 * h); math.Abs(hv[i]-want) > 1e-7*(1+math.Abs(want)) {
				t.Errorf("%s: element %d of the product is %v, differences say %v", name, i, hv[i], want)
			}
		}
		if want := (f1 - f0) / (2 * h); math.Abs(slope-want) > 1e-7*(1+math.Abs(want)) {
			t.Errorf("%s: the slope is %v, differences say %v", name, slope, want)
		}
	}
}
