// Package lookahead is Lookahead: another rule's weights, which every k steps are drawn back to slow ones.
//
//	a step of the base at θ, to θ'
//	after every k-th step:  φ ← φ + α (θ' − φ),  θ' ← φ
//
// φ is where θ was before the first step. The host trains the fast weights θ and evaluates at the slow ones φ, as the paper does. The base's state stays
// as it is when its weights are drawn back ("maintain" in the paper).
//
// Zhang, Lucas, Hinton, Ba: Lookahead Optimizer: k Steps Forward, 1 Step Back, NeurIPS 2019 (arXiv:1907.08610), algorithm 1. Equal to
// pytorch_optimizer's Lookahead with pullback_momentum="none" around the same base.
package lookahead

import "github.com/steepest/steepest/sdk"

type hyper struct {
	Period int     `hyper:"sync_period,5" in:"[1,inf)" help:"steps k from one pull to the next"`
	Alpha  float64 `hyper:"slow_step_size,0.5" in:"[0,1]" help:"share α of the way to the fast weights that the slow ones go"`
}

type global struct {
	Slow sdk.Vec // φ
}

func step(h hyper, g *global, m sdk.Model, base func([]float64)) {
	if m.K == 1 {
		copy(g.Slow, m.Weights)
	}
	base(m.Grad)
	if m.K%h.Period != 0 {
		return
	}
	for i, w := range m.Weights {
		slow := g.Slow[i] + h.Alpha*(w+m.Update[i]-g.Slow[i])
		m.Update[i] = slow - w
		g.Slow[i] = w + m.Update[i] // where the host's addition leads
	}
}

// result leads from the fast weights to the slow ones.
func result(_ hyper, g *global, _ []struct{}, m sdk.Model) {
	for i, w := range m.Weights {
		m.Update[i] = g.Slow[i] - w
	}
}

// Around is Lookahead around a rule.
func Around(name string, base *sdk.Optimizer) *sdk.Optimizer {
	return sdk.Around(name, base, step,
		sdk.Family("averaging"),
		sdk.Summary(base.Name()+" drawn back to slow weights every few steps (Lookahead)"),
		sdk.Reference("Zhang et al. 2019, algorithm 1 (arXiv:1907.08610)"),
		sdk.NeedsWeights(), sdk.EvaluatesModelAt(result))
}
