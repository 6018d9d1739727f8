package schedule

// Piecewise is a table: the first value until step t₁, the second from t₁ on, and so on: torch's MultiStepLR,
// optax.piecewise_constant_schedule. Linear joins the points (0, v₀), (t₁, v₁), ... by straight lines instead and stays at
// the last: optax.piecewise_interpolate_schedule, numpy.interp.
type Piecewise struct {
	Values []float64 // v, one more than At
	Steps  []int     // t, ascending
	Linear bool
}

// At returns v_k.
func (s Piecewise) At(k int) float64 {
	i, start := 0, 0
	for i < len(s.Steps) && k >= s.Steps[i] {
		start = s.Steps[i]
		i++
	}
	if !s.Linear || i == len(s.Steps) {
		return s.Values[i]
	}
	return between(s.Values[i], s.Values[i+1], float64(k-start)/float64(s.Steps[i]-start))
}

// Turns are the places of the table.
func (s Piecewise) Turns(n int) []int { return before(n, s.Steps...) }

var _ Schedule = Piecewise{}
