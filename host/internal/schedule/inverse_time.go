package schedule

// InverseTime is v_k = a / (1 + k/c), whose sum diverges while the sum of its squares does not, as Robbins and Monro ask: A
// stochastic approximation method, Annals of Mathematical Statistics 22 (1951).
type InverseTime struct {
	From  float64 // a
	Scale float64 // c, in steps
}

// At returns v_k.
func (s InverseTime) At(k int) float64 { return s.From / (1 + float64(k)/s.Scale) }

// Turns returns none.
func (s InverseTime) Turns(int) []int { return nil }

var inverseTime = Kind{
	Name: "inverse-time",
	Manual: []Usage{
		{"`from` a, `scale` c = 1", "a / (1 + k/c)",
			"1/k of Robbins and Monro 1951 (torch `LambdaLR`)"},
	},
	Read: func(k Keys) Schedule {
		return InverseTime{From: from(k), Scale: float64(k.Time("scale", 1, 1))}
	},
}

var _ Schedule = InverseTime{}
