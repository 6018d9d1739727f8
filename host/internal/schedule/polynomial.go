package schedule

import "math"

// Polynomial is v_k = b + (a − b) (1 − min(k, T)/T)^p: optax.polynomial_schedule, and with b = 0 torch's PolynomialLR. With
// p = 1 it is linear: optax.linear_schedule, torch's LinearLR.
type Polynomial struct {
	From, To float64 // a, b
	Power    float64 // p
	Steps    int     // T
}

// At returns v_k.
func (s Polynomial) At(k int) float64 {
	return s.To + (s.From-s.To)*math.Pow(1-float64(min(k, s.Steps))/float64(s.Steps), s.Power)
}

// Turns returns none.
func (s Polynomial) Turns(int) []int { return nil }

var polynomial = Kind{
	Name: "polynomial",
	Manual: []Usage{
		{"`from` a, `to` b = 0, `power` p, `steps` T", "b + (a − b) (1 − k/T)^p",
			"torch `PolynomialLR` (b = 0), `optax.polynomial_schedule`"},
	},
	Read: func(k Keys) Schedule {
		return Polynomial{From: from(k), To: to(k), Power: k.Needed("power", positive, "a power above 0"), Steps: steps(k)}
	},
}

var linear = Kind{
	Name: "linear",
	Manual: []Usage{
		{"`from` a, `to` b = 0, `steps` T", "b + (a − b) (1 − k/T)",
			"torch `LinearLR`, `optax.linear_schedule`"},
	},
	Read: func(k Keys) Schedule {
		return Polynomial{From: from(k), To: to(k), Power: 1, Steps: steps(k)}
	},
}

var _ Schedule = Polynomial{}
