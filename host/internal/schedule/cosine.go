package schedule

import "math"

// Cosine is half a wave,
//
//	v_k = b + (a − b) (1 + cos(π min(k, T)/T)) / 2
//
// optax.cosine_decay_schedule, and up to k = T torch's CosineAnnealingLR, which climbs again afterwards. (Loshchilov,
// Hutter: SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, equation 5.)
type Cosine struct {
	From, To float64 // a, b
	Steps    int     // T
}

// At returns v_k.
func (s Cosine) At(k int) float64 {
	return between(s.To, s.From, (1+math.Cos(math.Pi*float64(min(k, s.Steps))/float64(s.Steps)))/2)
}

// Turns returns none.
func (s Cosine) Turns(int) []int { return nil }

// CosineRestarts begins a new half wave after T steps, the next after Tm, then Tm², ...: torch's
// CosineAnnealingWarmRestarts.
type CosineRestarts struct {
	From, To float64 // a, b
	First    int     // T
	Factor   int     // m
}

// At returns v_k.
func (s CosineRestarts) At(k int) float64 {
	cycle := s.First
	if s.Factor == 1 {
		k %= cycle
	}
	for k >= cycle {
		k -= cycle
		cycle *= s.Factor
	}
	return Cosine{s.From, s.To, cycle}.At(k)
}

// Turns are the last step of each cycle and the first of the next; cycles of the same length repeat the first.
func (s CosineRestarts) Turns(n int) []int {
	var turns []int
	cycle := s.First
	for k := cycle; k < n; k += cycle {
		turns = append(turns, k-1, k)
		if s.Factor == 1 {
			break
		}
		cycle *= s.Factor
	}
	return turns
}

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

// between is a at x = 0 and b at x = 1.
func between(a, b, x float64) float64 { return a + (b-a)*x }

var (
	_ Schedule = Cosine{}
	_ Schedule = CosineRestarts{}
	_ Schedule = OneCycle{}
)
