// Package rmsprop is RMSProp: gradients scaled by a moving average of their magnitude, optionally
// centred and with momentum.
//
//	r ← ρ r + (1 − ρ) g²
//	m ← ρ m + (1 − ρ) g,  w = r − m²         centred;  otherwise w = r
//	θ ← θ − μ g / (δ + √w)                   without momentum
//	b ← β b + g / (δ + √w),  θ ← θ − μ b     with momentum β
//
// Goodfellow, Bengio, Courville: Deep Learning (2016), algorithms 8.5 and 8.6. Tieleman, Hinton: Lecture 6.5 of Neural
// Networks for Machine Learning (2012). Centring: Graves, arXiv:1308.0850 (2013), equation 40. Equal to
// torch.optim.RMSprop, whose name for ρ is alpha: δ stands outside the root. (TensorFlow's stands inside, and multiplies
// by the learning rate before the momentum.)
package rmsprop

import (
	"math"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR       float64 `hyper:"lr,1e-2" in:"[0,inf)" help:"learning rate μ"`
	Alpha    float64 `hyper:"alpha,0.99" in:"[0,1)" help:"decay ρ of the average of squared gradients"`
	Eps      float64 `hyper:"eps,1e-8" in:"[0,inf)" help:"δ, added to the root"`
	Momentum float64 `hyper:"momentum,0" in:"[0,1]" help:"share β of the velocity that a step keeps; 0 is none"`
	Centered bool    `hyper:"centered,false" help:"divide by the standard deviation instead of the root mean square"`
}

type state struct {
	R sdk.Vec // moving average r of squared gradients
	M sdk.Vec // moving average m of gradients, if centred
	B sdk.Vec // velocity b, if there is momentum
}

func step(h hyper, s *state, x sdk.Tensor) {
	for i, g := range x.Grad {
		s.R[i] = h.Alpha*s.R[i] + (1-h.Alpha)*g*g
		w := s.R[i]
		if h.Centered {
			s.M[i] = h.Alpha*s.M[i] + (1-h.Alpha)*g
			w = max(w-s.M[i]*s.M[i], 0) // a variance; rounding can make it -1e-17 under a constant gradient
		}
		d := g / (h.Eps + math.Sqrt(w))
		if h.Momentum > 0 {
			s.B[i] = h.Momentum*s.B[i] + d
			d = s.B[i]
		}
		x.Update[i] = -h.LR * d
	}
}

// Optimizer is the plugin.
var Optimizer = sdk.New("rmsprop", step,
	sdk.Family("adaptive"),
	sdk.Summary("gradients divided by a moving average of their magnitude"),
	sdk.Reference("Tieleman and Hinton 2012; Goodfellow et al. 2016, algorithms 8.5 and 8.6; centred: Graves 2013"),
	sdk.Elementwise(),
	kernel())
