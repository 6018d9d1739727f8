package model

import "gonum.org/v1/gonum/floats"

// bilinear are the derivatives along a direction of a layer y = W x + b. As it is linear in its parameters and in its input, each is a sum
// of two of its own passes:
//
//	ry = (V x + vb) + W rx,   rdW = rdy xᵀ + dy rxᵀ,   rdb = rdy,   rdx = Wᵀ rdy + Vᵀ dy
type bilinear struct {
	weights    int   // how many elements W has; those of b follow
	one, other stage // of the layer, with buffers of their own
	dw         []float64
}

func (b *bilinear) forwardAlong(w, v, x, rx []float64, n int) []float64 {
	ry := b.one.forward(nil, v, x, n)
	if rx != nil {
		floats.Add(ry, b.other.forward(nil, w[:b.weights], rx, n))
	}
	return ry
}

func (b *bilinear) backwardAlong(w, v, x, rx, dy, rdy, hv []float64, n int) (rdx []float64) {
	rdx = b.one.backward(w, x, rdy, hv, n, rx == nil)
	if rx == nil {
		return nil
	}
	dw := grow(&b.dw, b.weights)
	floats.Add(rdx, b.other.backward(v[:b.weights], rx, dy, dw, n, false))
	floats.Add(hv[:b.weights], dw)
	return rdx
}
