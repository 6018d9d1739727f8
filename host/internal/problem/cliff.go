package problem

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// cliff is the loss of a recurrent network with one unit, no input, and a target after 50 steps:
//
//	h₀ = ½,   hₜ₊₁ = w σ(hₜ) + b,   f(w, b) = (σ(h₅₀) − 0.7)²,   σ(h) = 1 / (1 + exp(−h))
//
// Where h₀ crosses from one basin of the recursion into another the loss has a wall,
// and beside it the floor slopes towards the wall. A step taken there is thrown far away, unless the gradient is clipped.
// The minimum 0 is attained along a curve; with w = 0 it is b = ln(7/3).
var cliff = &Function{
	Name:    "cliff",
	Formula: "f(w, b) = (σ(h₅₀) − 0.7)², where h₀ = ½, hₜ₊₁ = w σ(hₜ) + b, σ(h) = 1 / (1 + exp(−h))",
	Domain:  "w in [3, 7], b in [-3.5, -1.5]",
	Range:   [][2]float64{{3, 7}, {-3.5, -1.5}},
	Source: "Goodfellow, Bengio, Courville: Deep Learning, MIT Press, 2016, section 8.2.4; the function is that of Pascanu, " +
		"Mikolov, Bengio: On the difficulty of training recurrent neural networks, ICML 2013, figure 6",
	StartSource: "ours, on the slope towards the wall",
	Dimension:   2,
	Start:       fixed(5, -2),
	Critical:    points(CriticalPoint{Valley, []float64{0, math.Log(7.0 / 3)}}),
	Eval: func(x, g []float64) float64 {
		u := unroll(x[0], x[1])
		if g != nil {
			g[0] = 2 * u.r * u.w
			g[1] = 2 * u.r * u.b
		}
		return u.r * u.r
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		u := unroll(x[0], x[1])
		setSym2(dst, 2*(u.w*u.w+u.r*u.ww), 2*(u.w*u.b+u.r*u.wb), 2*(u.b*u.b+u.r*u.bb))
	},
}

// unrolled is the residual r = σ(h₅₀) − 0.7 with its first and second derivatives by w and b.
type unrolled struct{ r, w, b, ww, wb, bb float64 }

// unroll follows the recursion and the derivatives of h forward.
func unroll(w, b float64) unrolled {
	h := unrolled{r: 0.5}
	for range 50 {
		s := h.activate()
		h = unrolled{
			r: w*s.r + b,
			w: s.r + w*s.w, b: w*s.b + 1,
			ww: 2*s.w + w*s.ww, wb: s.b + w*s.wb, bb: w * s.bb,
		}
	}
	s := h.activate()
	s.r -= 0.7
	return s
}

// activate passes a value with its derivatives through σ, whose own are σ' = σ (1 − σ) and σ” = σ' (1 − 2σ).
func (h unrolled) activate() unrolled {
	s := 1 / (1 + math.Exp(-h.r))
	d := s * (1 - s)
	dd := d * (1 - 2*s)
	return unrolled{
		r: s,
		w: d * h.w, b: d * h.b,
		ww: dd*h.w*h.w + d*h.ww, wb: dd*h.w*h.b + d*h.wb, bb: dd*h.b*h.b + d*h.bb,
	}
}
