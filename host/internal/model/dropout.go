package model

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"
)

// Dropout sets each value to 0 with probability Rate at each training step, and divides the others by 1 - Rate, so that
// evaluation needs no change (Srivastava et al. 2014; inverted, as in torch). What is dropped is a function of seed, step
// and layer.
type Dropout struct{ Rate float64 }

var dropoutKind = LayerKind{
	Name: "dropout",
	Keys: []Key{{Name: "rate", Type: Number, Needed: "add rate = 0.5, the probability that a value is dropped",
		In:   "[0,1)",
		Help: "each value is 0 with this probability in training, the others are divided by 1 − rate"}},
	Make: func(s Settings) Layer { return Dropout{setting[float64](s, "rate")} },
}

func (d Dropout) bind(in Shape) (bound, error) {
	if !(d.Rate >= 0 && d.Rate < 1) {
		return bound{}, &Misfit{Key: "rate", Message: fmt.Sprintf("rate = %v is out of range", d.Rate),
			Remedy: "choose a number in [0,1)"}
	}
	return bound{out: in, random: d.Rate > 0, begin: func() stage { return &dropout{rate: d.Rate, random: rand.NewChaCha8([32]byte{})} }}, nil
}

type dropout struct {
	rate    float64
	random  *rand.ChaCha8
	y, mask []float64
	ry      []float64
	active  bool
}

func (d *dropout) forward(c *context, _, x []float64, _ int) []float64 {
	if d.active = c.mode == train && d.rate > 0; !d.active {
		return x
	}
	y, mask := grow(&d.y, len(x)), grow(&d.mask, len(x))
	d.random.Seed(c.tree.Index(c.layer).Index(c.step).Node())
	limit, keep := uint64(d.rate*(1<<53)), 1/(1-d.rate)
	for i, v := range x {
		mask[i] = 0
		if d.random.Uint64()>>11 >= limit {
			mask[i] = keep
		}
		y[i] = v * mask[i]
	}
	return y
}

func (d *dropout) backward(_, _, dy, _ []float64, _ int, _ bool) []float64 {
	if d.active {
		for i := range dy {
			dy[i] *= d.mask[i]
		}
	}
	return dy
}

func (d *dropout) forwardAlong(_, _, _, rx []float64, _ int) []float64 {
	if !d.active || rx == nil {
		return rx
	}
	ry := grow(&d.ry, len(rx))
	floats.MulTo(ry, rx, d.mask[:len(rx)])
	return ry
}

func (d *dropout) backwardAlong(w, _, x, _, dy, rdy, g, _ []float64, n int) (dx, rdx []float64) {
	rdx = d.backward(w, x, rdy, g, n, false)
	return d.backward(w, x, dy, g, n, false), rdx
}
