// Package lbfgs is L-BFGS: Newton's direction from the last few changes of the gradient, and a line search along it.
//
//	d ← −H g,   H by the two-loop recursion from the pairs (s, y) and γ = sᵀy / yᵀy of the last one
//	t ← a step with the strong Wolfe conditions on this batch
//	s = t d,   y = ∇f(θ + s) − ∇f(θ)   both on this batch; kept if sᵀy > 2.2·10⁻¹⁶ yᵀy
//	θ ← θ + s
//
// Nocedal, Wright: Numerical Optimization (2006), algorithms 7.4, 7.5 and 3.5. Equal to torch.optim.LBFGS(line_search_fn="strong_wolfe",
// max_iter=1, max_eval=26, tolerance_grad=0, tolerance_change=0) on all examples: a step here is an iteration there, whose tolerances end a
// run, which is the host's to do. On batches torch's y would be the difference of two batches' gradients. Here it is of one, as in
// Schraudolph, Yu, Günter: A Stochastic Quasi-Newton Method for Online Convex Optimization (2007), without another gradient, for the
// search has seen the one where it ends. Not in torch either: a direction that leads up, or along which the search finds nothing lower,
// makes it forget the pairs; and a pair is kept as in L-BFGS-B (Zhu, Byrd, Lu, Nocedal 1997), whatever the scale of the loss, where torch learns
// nothing more once sᵀy is below 10⁻¹⁰.
package lbfgs

import (
	"github.com/steepest/steepest/plugins/internal/flat"
	"github.com/steepest/steepest/plugins/internal/linesearch"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR      float64 `hyper:"lr,1" in:"(0,inf)" help:"first trial of a search"`
	History int     `hyper:"history,10" in:"[1,1000]" help:"how many pairs are kept"`
	C1      float64 `hyper:"c1,1e-4" in:"(0,1)" help:"share of the slope by which the loss must fall"`
	C2      float64 `hyper:"c2,0.9" in:"(0,1)" help:"share of the slope that may remain"`
	Trials  int     `hyper:"trials,25" in:"[1,99]" help:"most trials of a search after its first"`
}

// Validate refuses what no step may satisfy.
func (h hyper) Validate() error { return linesearch.Check(h.C1, h.C2) }

type pair struct{ S, Y sdk.Vec }

type memory struct {
	Pairs []pair  // oldest first
	Scale float64 // γ; 0 before the first pair
}

func step(h hyper, g *memory, _ []struct{}, m sdk.Model) {
	d := g.direction(m.Grad)
	slope := flat.Dot(m.Grad, d)
	if !(slope < 0) {
		*g = memory{}
		d = g.direction(m.Grad)
		slope = flat.Dot(m.Grad, d)
	}
	trial := h.LR
	if g.Scale == 0 {
		trial *= min(1, 1/flat.Sum(m.Grad))
	}
	if !(slope < 0) { // nothing leads down, or the gradient is not a number
		flat.Scale(m.Update, trial, d)
		return
	}
	found := linesearch.Wolfe{C1: h.C1, C2: h.C2, Most: h.Trials}.Along(m, d, slope, trial)
	flat.Scale(m.Update, found.Step, d)
	if found.Step == 0 {
		*g = memory{}
		return
	}
	g.learn(h.History, m, found.Gradient)
}

// direction is −H g.
func (g *memory) direction(gradient []float64) []float64 {
	d := make([]float64, len(gradient))
	flat.Scale(d, -1, gradient)
	if g.Scale == 0 {
		return d
	}
	along := make([]float64, len(g.Pairs))
	for i := len(g.Pairs) - 1; i >= 0; i-- {
		p := g.Pairs[i]
		along[i] = flat.Dot(p.S, d) * (1 / flat.Dot(p.Y, p.S))
		flat.Add(d, -along[i], p.Y)
	}
	flat.Scale(d, g.Scale, d)
	for i, p := range g.Pairs {
		flat.Add(d, along[i]-flat.Dot(p.Y, d)*(1/flat.Dot(p.Y, p.S)), p.S)
	}
	return d
}

// learn keeps what this step has shown of the curvature, if it is positive.
func (g *memory) learn(history int, m sdk.Model, after []float64) {
	p := pair{append(sdk.Vec(nil), m.Update...), append(sdk.Vec(nil), after...)}
	flat.Add(p.Y, -1, m.Grad)
	sy, yy := flat.Dot(p.Y, p.S), flat.Dot(p.Y, p.Y)
	if !(sy > 0x1p-52*yy) {
		return
	}
	g.Pairs = append(g.Pairs[max(0, len(g.Pairs)+1-history):], p)
	g.Scale = sy / yy
}

// Optimizer is the plugin.
var Optimizer = sdk.NewJoint("lbfgs", step,
	sdk.Family("line search"),
	sdk.Summary("L-BFGS with a strong Wolfe line search"),
	sdk.Reference("Nocedal and Wright 2006, algorithms 7.5 and 3.5"),
	sdk.NeedsLoss(), sdk.Asks())
