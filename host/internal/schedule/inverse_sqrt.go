package schedule

import "math"

// InverseSqrt is v_k = a √(c / (c + k)). After a warm-up of c steps it is the schedule of Vaswani et al.: Attention is all
// you need, NeurIPS 2017, section 5.3.
type InverseSqrt struct {
	From  float64 // a
	Scale float64 // c, in steps
}

// At returns v_k.
func (s InverseSqrt) At(k int) float64 { return s.From * math.Sqrt(s.Scale/(s.Scale+float64(k))) }

// Turns returns none.
func (s InverseSqrt) Turns(int) []int { return nil }

var inverseSqrt = Kind{
	Name: "inverse-sqrt",
	Manual: []Usage{
		{"`from` a, `scale` c = 1", "a √(c / (c + k))",
			"with `warmup` = c: Vaswani et al. 2017, section 5.3 (torch `LambdaLR`)"},
	},
	Read: func(k Keys) Schedule {
		return InverseSqrt{From: from(k), Scale: float64(k.Time("scale", 1, 1))}
	},
}

var _ Schedule = InverseSqrt{}
