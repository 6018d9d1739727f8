package schedule

import (
	"fmt"
	"math"
)

// Exponential is v_k = a γ^(min(k, T)/n): torch's ExponentialLR with n = 1, optax.exponential_decay with n transition steps.
type Exponential struct {
	From   float64 // a
	Factor float64 // γ
	Every  int     // n, in steps
	Steps  int     // T; 0 is no end
}

// At returns v_k.
func (s Exponential) At(k int) float64 {
	if s.Steps > 0 {
		k = min(k, s.Steps)
	}
	return s.From * math.Pow(s.Factor, float64(k)/float64(s.Every))
}

// Turns returns none.
func (s Exponential) Turns(int) []int { return nil }

var exponential = Kind{
	Name: "exponential",
	Manual: []Usage{
		{"`from` a, `factor` γ, `every` n = 1", "a γ^(k/n)",
			"torch `ExponentialLR` (n = 1), `optax.exponential_decay`"},
		{"or `from` a, `to` b, `steps` T", "a (b/a)^(k/T)", ""},
	},
	Read: readExponential,
}

func readExponential(k Keys) Schedule {
	s := Exponential{From: from(k)}
	switch factor := k.Given("factor"); {
	case k.Given("to") == factor:
		k.Fault("", "an exponential schedule needs either factor or to", "add factor = 0.99, or to = 1e-4, the value at the end")
		k.Ignore("factor", "every", "to", "steps")
	case factor:
		s.Factor, s.Every = k.Needed("factor", positive, "a factor above 0"), k.Time("every", 1, 1)
		k.Ignore("to")
	default:
		end := k.Needed("to", nil, "a finite number")
		if !(s.From*end > 0) {
			k.Fault("to", fmt.Sprintf("no exponential leads from %v to %v", s.From, end),
				"choose numbers of the same sign, neither of them 0")
		}
		s.Steps = steps(k)
		s.Factor, s.Every = end/s.From, s.Steps
		k.Ignore("factor")
	}
	return s
}

var _ Schedule = Exponential{}
