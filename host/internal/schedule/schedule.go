// Package schedule says which value a hyperparameter has at each step of a run.
package schedule

// Schedule gives the value v_k of the update that follows k others, k = 0, 1, ... It depends on k alone, so that a run can
// go on anywhere, and is safe for use by several goroutines. The formulas are in docs/schedules.md.
type Schedule interface {
	At(k int) float64
}

// Constant is v_k = v.
type Constant float64

// At returns v.
func (c Constant) At(int) float64 { return float64(c) }

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
		return s.From + (s.Then.At(0)-s.From)*float64(k)/float64(s.Steps)
	}
	return s.Then.At(k - s.Steps)
}

var (
	_ Schedule = Constant(0)
	_ Schedule = Warmup{}
)
