package model

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// HessianVector returns and writes what [Pass.Gradient] does, and writes the product of the Hessian there with a vector v into hv: the
// derivative of the gradient along v, by forward and backward passes over twice the numbers (Pearlmutter 1994). It is exact up to rounding.
// The second derivative of relu, leaky-relu and max-pool is 0, as it is on both sides of their kinks.
func (p *Pass) HessianVector(loss Loss, k int, w []float64, x *mat.Dense, y, v, g, hv []float64) float64 {
	value, n := p.forwardAlong(loss, k, w, x, y, v)
	dy, rdy := p.dz, p.rdz
	for i := len(p.stages) - 1; i >= 0 && p.along[i+1] != nil; i-- {
		dy, rdy = p.stages[i].backwardAlong(p.network.part(w, i), p.network.part(v, i), p.inputs[i], p.along[i], dy, rdy,
			p.network.part(g, i), p.network.part(hv, i), n)
	}
	p.network.penaltyAlong(v, hv)
	return value + p.network.Penalty(w, g)
}

// GaussNewtonVector writes the product of the generalised Gauss-Newton matrix with v into hv: Jᵀ H J, with the Jacobian J of the outputs with
// respect to w and the Hessian H of the loss with respect to the outputs (Schraudolph 2002). It is positive semidefinite, for the losses are
// convex, and equals the Hessian of a network that is linear in w. The penalty counts as it does there.
func (p *Pass) GaussNewtonVector(loss Loss, k int, w []float64, x *mat.Dense, y, v, hv []float64) {
	_, n := p.forwardAlong(loss, k, w, x, y, v)
	p.turn(w, p.rdz, hv, n)
	p.network.penaltyAlong(v, hv)
}

// forwardAlong makes a forward pass and its derivative along v. It leaves the derivative of the loss with respect to the outputs in dz, and
// that of this along v in rdz. It returns the loss, without penalty, and the number of examples.
func (p *Pass) forwardAlong(loss Loss, k int, w []float64, x *mat.Dense, y, v []float64) (value float64, n int) {
	p.at(k)
	n, _ = x.Dims()
	z, outputs := p.forward(w, x), p.network.Out.Size()
	p.dz, p.rdz = grow(&p.dz, len(z)), grow(&p.rdz, len(z))
	value = p.scorer.loss(loss, z, y, outputs, p.dz)
	for i, s := range p.stages {
		p.along[i+1] = s.forwardAlong(p.network.part(w, i), p.network.part(v, i), p.inputs[i], p.along[i], n)
	}
	loss.along(z, p.along[len(p.stages)], outputs, float64(len(y)), p.rdz)
	return value, n
}

// Activations visits the layers with an activation, from 0, behind a forward pass in training: what came out, n x units, and the derivative of the
// function there. Both are valid during a visit alone.
func (p *Pass) Activations(visit func(layer int, f Activation, outputs, slopes []float64, units int)) {
	for i, s := range p.stages {
		a, is := s.(*activated)
		if !is {
			continue
		}
		a.rx = append(a.rx[:0], a.y...)
		for j := range a.rx {
			a.rx[j] = 1
		}
		a.f.backward(a.x, a.y, a.rx)
		visit(i, a.f, a.y, a.rx, p.network.layers[i].out.Size())
	}
}

// penaltyAlong adds the product of the penalty's Hessian with v to hv.
func (n *Network) penaltyAlong(v, hv []float64) {
	for _, t := range n.layout {
		if factor := n.L2.of(t.Role); factor != 0 {
			floats.AddScaled(hv[t.Offset:t.Offset+t.Length], factor, v[t.Offset:t.Offset+t.Length])
		}
	}
}
