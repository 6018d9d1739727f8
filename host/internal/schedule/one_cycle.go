package schedule

import (
	"fmt"
	"math"
)

// OneCycle climbs from a to a peak p within a share r of the T steps and falls to b until step T − 1, both along half a
// wave, or in a straight line: torch's OneCycleLR. (Smith, Topin: Super-convergence: very fast training of neural networks
// using large learning rates, 2018.)
//
//	v_k = a + (p − a) s(k/e)                    for k <= e = r T − 1
//	v_k = p + (b − p) s((k − e)/(T − 1 − e))    for e < k < T,       s(x) = (1 − cos πx) / 2 or x
type OneCycle struct {
	From, Peak, To float64 // a, p, b
	Rise           float64 // r
	Steps          int     // T; r T must exceed 1
	Linear         bool
}

// At returns v_k.
func (s OneCycle) At(k int) float64 {
	end := float64(s.Steps - 1)
	turn := s.Rise*float64(s.Steps) - 1
	switch x := float64(k); {
	case x <= turn:
		return between(s.From, s.Peak, s.share(x/turn))
	case x < end:
		return between(s.Peak, s.To, s.share((x-turn)/(end-turn)))
	}
	return s.To
}

// Turns are the steps around the peak.
func (s OneCycle) Turns(n int) []int {
	turn := int(s.Rise*float64(s.Steps) - 1)
	return before(n, turn, turn+1)
}

func (s OneCycle) share(x float64) float64 {
	if s.Linear {
		return x
	}
	return (1 - math.Cos(math.Pi*x)) / 2
}

var oneCycle = Kind{
	Name: "one-cycle",
	Manual: []Usage{
		{"`peak` p, `from` a = p/25, `to` b = a/10⁴, `rise` r = 0.3, `shape` = `\"cosine\"` or `\"linear\"`, `steps` T", "a + (p − a) s(k/e) until e = rT − 1, then p + (b − p) s((k − e)/(T − 1 − e)); s(x) = (1 − cos πx)/2, or x",
			"torch `OneCycleLR`"},
	},
	Read: readOneCycle,
}

func readOneCycle(k Keys) Schedule {
	peak := k.Needed("peak", nil, "a finite number")
	from := k.Number("from", peak/25, nil, "a finite number")
	s := OneCycle{From: from, Peak: peak, To: k.Number("to", from/1e4, nil, "a finite number"), Steps: steps(k)}
	s.Rise = k.Number("rise", 0.3, func(x float64) bool { return x > 0 && x < 1 },
		"the share of the steps that climb, above 0 and below 1")
	s.Linear = k.Choice("shape", "cosine", "linear") == "linear"
	if k.Rest() != 0 && s.Rise*float64(s.Steps) <= 1 {
		k.Fault("", fmt.Sprintf("a rise of %v of %d steps leaves no step to climb", s.Rise, s.Steps),
			"choose a larger rise or more steps")
	}
	return s
}

var _ Schedule = OneCycle{}
