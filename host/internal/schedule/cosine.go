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

var cosine = Kind{
	Name: "cosine",
	Manual: []Usage{
		{"`from` a, `to` b = 0, `steps` T", "b + (a − b) (1 + cos(πk/T)) / 2",
			"torch `CosineAnnealingLR` (until T), `optax.cosine_decay_schedule`"},
		{"or `from` a, `to` b = 0, `restart` T, `restart_factor` m = 1", "the same, begun anew after T steps, then after mT, m²T, ...",
			"torch `CosineAnnealingWarmRestarts`"},
	},
	Read: readCosine,
}

func readCosine(k Keys) Schedule {
	from, to := from(k), to(k)
	if !k.Given("restart") {
		k.Ignore("restart")
		if k.Given("restart_factor") {
			k.Fault("restart_factor", "restart_factor does nothing without restart",
				"add restart = 100, the steps of the first cycle")
		}
		k.Ignore("restart_factor")
		return Cosine{From: from, To: to, Steps: steps(k)}
	}
	if k.Given("steps") {
		k.Fault("steps", "steps and restart exclude each other", "keep restart, the steps of the first cycle")
	}
	k.Ignore("steps")
	factor := k.Whole("restart_factor", 1, 1)
	return CosineRestarts{From: from, To: to, First: k.Time("restart", 1, 1), Factor: factor}
}

var (
	_ Schedule = Cosine{}
	_ Schedule = CosineRestarts{}
)
