package schedule

import "math"

// Step is v_k = a γ^⌊k/n⌋: torch's StepLR.
type Step struct {
	From   float64 // a
	Factor float64 // γ
	Every  int     // n, in steps
}

// At returns v_k.
func (s Step) At(k int) float64 { return s.From * math.Pow(s.Factor, float64(k/s.Every)) }

// Turns returns none.
func (s Step) Turns(int) []int { return nil }

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

var (
	_ Schedule = Step{}
	_ Schedule = Exponential{}
	_ Schedule = Polynomial{}
	_ Schedule = InverseSqrt{}
	_ Schedule = InverseTime{}
)
