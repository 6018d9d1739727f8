package schedule

import "math"

// Step is v_k = a γ^⌊k/n⌋: torch's StepLR.
type Step struct {
	From   float64 // a
	Factor float64 // γ
	Every  int     // n, in steps
}

// At returns v_k.
func (s Step) At(k int) float64 { return s.From * math.Pow(s.Factor, float64(k/s.Every)) }

// Turns returns none.
func (s Step) Turns(int) []int { return nil }

var step = Kind{
	Name: "step",
	Manual: []Usage{
		{"`from` a, `every` n, `factor` γ = 0.1, at least 0", "a γ^⌊k/n⌋",
			"torch `StepLR`"},
	},
	Read: func(k Keys) Schedule {
		k.Require("every", "add every = 100, the steps between two changes")
		s := Step{From: from(k)}
		// A negative factor would change the sign again and again.
		s.Factor = k.Number("factor", 0.1, func(x float64) bool { return x >= 0 }, "a factor of at least 0")
		s.Every = k.Time("every", 1, 1)
		return s
	},
}

var _ Schedule = Step{}
