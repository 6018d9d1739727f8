// Package average is what rules have in common whose result is an average of the weights that another rule trains.
//
//	a step of the base at θ, to θ'
//	θ̄ ← θ̄ + c (θ' − θ̄)
//
// The base sees nothing of the average, and the host trains θ: the result alone is at θ̄.
package average

import "github.com/steepest/steepest/sdk"

// Mean is the state.
type Mean struct {
	Weights sdk.Vec // θ̄
	N       int     // how many weights are in it
}

// add puts the weights after a step into the average, with a share of c; the first ones are the average.
func (a *Mean) add(c float64, m sdk.Model) {
	if a.N++; a.N == 1 {
		c = 1
	}
	for i, w := range m.Weights {
		if w += m.Update[i]; c == 1 {
			a.Weights[i] = w
		} else {
			a.Weights[i] += c * (w - a.Weights[i])
		}
	}
}

// result leads from the weights to the average, if there is one.
func result[H any](_ H, a *Mean, _ []struct{}, m sdk.Model) {
	if a.N == 0 {
		return
	}
	for i, w := range m.Weights {
		m.Update[i] = a.Weights[i] - w
	}
}

// Around averages the weights of a rule. share is c of those after step k if n are in the average already, or 0 where they do not enter it.
func Around[H any](name string, base *sdk.Optimizer, share func(h H, k, n int) float64, options ...sdk.Option) *sdk.Optimizer {
	step := func(h H, a *Mean, m sdk.Model, base func([]float64)) {
		base(m.Grad)
		if c := share(h, m.K, a.N); c > 0 {
			a.add(c, m)
		}
	}
	return sdk.Around(name, base, step, append(options,
		sdk.Family("averaging"), sdk.NeedsWeights(), sdk.EvaluatesModelAt(result[H]))...)
}
