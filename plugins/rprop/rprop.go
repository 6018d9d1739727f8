// Package rprop is Rprop, resilient backpropagation: each parameter has a step length of its own, which grows while its gradient keeps
// its sign and shrinks where that turns. How large a gradient is does not matter, so that it is for the whole data set, not for batches.
//
//	Δ ← min(η⁺ Δ, Δmax)   where g p > 0
//	Δ ← max(η⁻ Δ, Δmin)   where g p < 0, and there g ← 0
//	θ ← θ − sign(g) Δ
//	p ← g
//
// Riedmiller, Braun: A Direct Adaptive Method for Faster Backpropagation Learning: The RPROP Algorithm, ICNN 1993, in the variant
// iRprop⁻ of Igel, Hüsken: Improving the Rprop Learning Algorithm, NC 2000: where the sign turned the step is left out, not taken back.
// Equal to torch.optim.Rprop, in whose words Δ begins as the learning rate. What that is later is of no matter.
package rprop

import "github.com/steepest/steepest/sdk"

type hyper struct {
	LR       float64 `hyper:"lr,1e-2" in:"[0,inf)" help:"length Δ of the first step"`
	EtaMinus float64 `hyper:"eta_minus,0.5" in:"(0,1)" help:"factor η⁻ by which a step shrinks where the sign turned"`
	EtaPlus  float64 `hyper:"eta_plus,1.2" in:"(1,inf)" help:"factor η⁺ by which a step grows while the sign stays"`
	Min      float64 `hyper:"step_min,1e-6" in:"[0,inf)" help:"shortest step Δmin"`
	Max      float64 `hyper:"step_max,50" in:"(0,inf)" help:"longest step Δmax"`
}

type state struct {
	D sdk.Vec // step lengths Δ
	P sdk.Vec // p: gradients of the step before, 0 where the sign had turned
}

// Init begins with the learning rate as the length of all steps.
func (s *state) Init(h hyper, _ sdk.Tensor) {
	for i := range s.D {
		s.D[i] = h.LR
	}
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		switch turn := g * s.P[i]; {
		case turn > 0:
			s.D[i] *= h.EtaPlus
		case turn < 0:
			s.D[i] *= h.EtaMinus
			g = 0
		}
		s.D[i] = min(max(s.D[i], h.Min), h.Max)
		switch {
		case g > 0:
			x.Update[i] = -s.D[i]
		case g < 0:
			x.Update[i] = s.D[i]
		default:
			x.Update[i] = g * s.D[i] // 0, or NaN for the host to see
		}
		s.P[i] = g
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("rprop", step,
	sdk.Family("sign"),
	sdk.Summary("a step length for each parameter that grows while its gradient keeps its sign"),
	sdk.Reference("Riedmiller and Braun 1993; Igel and Hüsken 2000, iRprop⁻"),
	sdk.Elementwise())
