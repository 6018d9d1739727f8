// Package newtoncg is the truncated Newton method: conjugate gradients solve for Newton's step until it is good enough, from products of the
// Hessian with vectors alone.
//
//	p ≈ −(H + λI)⁻¹ g   until ‖(H + λI) p + g‖ < min(η, √‖g‖) ‖g‖,   or the curvature is not positive,
//	line search:    t ← 1, ½, ¼, ... until f(θ + t p) ≤ f(θ) + c₁ t gᵀp,   θ ← θ + t p
//	trust region:   ‖p‖ ≤ Δ, up to whose bound p goes along a direction without curvature;
//	                θ ← θ + p if the loss falls by more than a share of what the model says; Δ grows and shrinks
//
// Nocedal, Wright: Numerical Optimization (2006), algorithm 7.1 (line search), and 7.2 with 4.1 (trust region, Steihaug 1983). Equal to
// scipy.optimize.minimize(method="trust-ncg") with the trust region on all examples, as long as it takes fewer iterations than the bound on them here.
// On a batch, all asks are about that batch.
package newtoncg

import (
	"math"

	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR         float64 `hyper:"lr,1" in:"(0,inf)" help:"first trial of the line search; 1 is Newton's step"`
	Bound      string  `hyper:"bound,line-search" choices:"line-search,trust-region" help:"what keeps a step from going too far"`
	Damping    float64 `hyper:"damping,0" in:"[0,inf)" help:"λ, added to the Hessian's diagonal"`
	Iterations int     `hyper:"iterations,50" in:"[1,1000000]" help:"most products with the Hessian in a step"`
	Forcing    float64 `hyper:"forcing,0.5" in:"(0,1)" help:"largest share η of the gradient that a solution may leave"`
	C1         float64 `hyper:"c1,1e-4" in:"(0,1)" help:"share of the slope by which the loss must fall in a line search"`
	Trials     int     `hyper:"trials,25" in:"[1,1000]" help:"most trials of a line search; the step is zero after them"`
	Radius     float64 `hyper:"radius,1" in:"(0,inf)" help:"trust region's radius Δ at the start"`
	Largest    float64 `hyper:"max_radius,1000" in:"(0,inf)" help:"largest Δ"`
	Accept     float64 `hyper:"accept,0.15" in:"[0,0.25)" help:"share of the model's fall from which a step is made"`
}

type region struct {
	Radius float64 // Δ; 0 before the first step
}

func step(h hyper, r *region, _ []struct{}, m sdk.Model) {
	norm := flat.Norm(m.Grad)
	if !(norm > 0) { // an optimum, or the gradient is not a number
		flat.Scale(m.Update, -1, m.Grad)
		return
	}
	if h.Bound == "line-search" {
		p, _, _ := solve(h, m, norm, math.Inf(1))
		backtrack(h, m, p)
		return
	}
	if r.Radius == 0 {
		r.Radius = h.Radius
	}
	p, fall, bounded := solve(h, m, norm, r.Radius)
	share := (m.Loss - m.AskLoss(p, sdk.ThisBatch)) / fall
	switch {
	case !(share >= 0.25): // also if it is not a number
		r.Radius *= 0.25
	case share > 0.75 && bounded:
		r.Radius = min(2*r.Radius, h.Largest)
	}
	if share > h.Accept {
		copy(m.Update, p)
	}
}

// solve is the loop of conjugate gradients. It returns the step, by how much the quadratic model falls along it, and whether the step goes to the
// bound of a trust region of the given radius.
func solve(h hyper, m sdk.Model, norm, radius float64) (p []float64, fall float64, bounded bool) {
	n := len(m.Grad)
	p, hp, d, hd, r := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	copy(r, m.Grad)
	flat.Scale(d, -1, m.Grad)
	move := func(t float64) {
		flat.Add(p, t, d)
		flat.Add(hp, t, hd)
	}
	// model is how much higher the quadratic model is t further along d.
	model := func(t float64) float64 {
		return flat.Dot(m.Grad, p) + flat.Dot(p, hp)/2 + t*(flat.Dot(m.Grad, d)+flat.Dot(hp, d)) + t*t*flat.Dot(d, hd)/2
	}
	for rr, i := flat.Dot(r, r), 0; i < h.Iterations; i++ {
		m.AskHessianVector(d, sdk.ThisBatch, hd)
		flat.Add(hd, h.Damping, d)
		curvature := flat.Dot(d, hd)
		t := rr / curvature
		if !(curvature > 0) {
			switch near, far := crossings(p, d, radius); {
			case math.IsInf(radius, 1) && i == 0:
				move(1) // along −g, and the line search says how far
			case math.IsInf(radius, 1):
			case model(near) < model(far):
				move(near)
			default:
				move(far)
			}
			return p, -model(0), true
		}
		move(t)
		if flat.Norm(p) >= radius {
			move(-t)
			_, far := crossings(p, d, radius)
			move(far)
			return p, -model(0), true
		}
		flat.Add(r, t, hd)
		next := flat.Dot(r, r)
		if math.Sqrt(next) < min(h.Forcing, math.Sqrt(norm))*norm {
			break
		}
		for i := range d {
			d[i] = -r[i] + next/rr*d[i]
		}
		rr = next
	}
	return p, -model(0), false
}

// crossings are the t at which ‖p + t d‖ is the radius, without the cancellation of the usual formula.
func crossings(p, d []float64, radius float64) (near, far float64) {
	a, b, c := flat.Dot(d, d), 2*flat.Dot(p, d), flat.Dot(p, p)-radius*radius
	q := b + math.Copysign(math.Sqrt(b*b-4*a*c), b)
	near, far = -q/(2*a), -2*c/q
	return min(near, far), max(near, far)
}

// backtrack goes along p as far as the loss falls enough.
func backtrack(h hyper, m sdk.Model, p []float64) {
	slope := flat.Dot(m.Grad, p)
	for t, i := h.LR, 0; i < h.Trials; t, i = t/2, i+1 {
		flat.Scale(m.Update, t, p)
		if m.AskLoss(m.Update, sdk.ThisBatch) <= m.Loss+h.C1*t*slope {
			return
		}
	}
	clear(m.Update)
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("newton-cg", step,
	sdk.Family("second order"),
	sdk.Summary("truncated Newton with conjugate gradients, in a line search or a trust region"),
	sdk.Reference("Nocedal and Wright 2006, algorithms 7.1 and 7.2"),
	sdk.NeedsLoss(), sdk.Asks())
