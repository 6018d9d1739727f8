package schedule

// Constant is v_k = v.
type Constant float64

// At returns v.
func (c Constant) At(int) float64 { return float64(c) }

// Turns returns none.
func (c Constant) Turns(int) []int { return nil }

var constant = Kind{
	Name: "constant",
	Manual: []Usage{
		{"`value`", "v",
			"`optax.constant_schedule`"},
	},
	Read: func(k Keys) Schedule { return Constant(k.Needed("value", nil, "a finite number")) },
}

var _ Schedule = Constant(0)
