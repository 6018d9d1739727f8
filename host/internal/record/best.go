package record

import "math"

// Best is the best value of a quantity at any recorded point of a run, and the first point that had it. The zero Best has none.
type Best struct {
	Step  int
	value Value
}

// With is the best with one more value. NaN is never better, and nothing else is worse than it.
func (b Best) With(better Better, step int, x float64) Best {
	best, measured := b.value.Get()
	if measured && !better.Improves(x, best) || math.IsNaN(x) {
		return b
	}
	return Best{step, Measured(x)}
}

// Get is the value; it was not measured if there was none.
func (b Best) Get() Value { return b.value }

// Improves tells whether a value is better than another. NaN never is.
func (b Better) Improves(x, on float64) bool {
	if b == More {
		return x > on
	}
	return x < on
}
