package schedule

// Warmup climbs linearly to the first value of another schedule, which begins afterwards:
//
//	v_k = a + (u_0 − a) k/w   for k < w,   v_k = u_(k−w)   from then on
//
// It is optax.warmup_constant_schedule, optax.warmup_cosine_decay_schedule and so on, or torch's SequentialLR that begins
// with LinearLR.
type Warmup struct {
	From  float64  // a
	Steps int      // w
	Then  Schedule // u
}

// At returns v_k.
func (s Warmup) At(k int) float64 {
	if k < s.Steps {
		return between(s.From, s.Then.At(0), float64(k)/float64(s.Steps))
	}
	return s.Then.At(k - s.Steps)
}

// Turns are its end and those that follow.
func (s Warmup) Turns(n int) []int {
	turns := before(n, s.Steps)
	for _, k := range s.Then.Turns(n - s.Steps) {
		turns = append(turns, k+s.Steps)
	}
	return turns
}

var _ Schedule = Warmup{}
