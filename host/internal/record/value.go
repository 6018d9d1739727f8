// Package record names what can be said about a point of a run.
package record

// Value is what is known of a quantity at a point: the number that was measured, which may be NaN or infinite, or that it
// was not measured, which is something else than NaN. The zero Value was not measured.
type Value struct {
	number   float64
	measured bool
}

// Measured is a value that was measured.
func Measured(x float64) Value { return Value{x, true} }

// Get returns the number, and whether it was measured.
func (v Value) Get() (x float64, measured bool) { return v.number, v.measured }
