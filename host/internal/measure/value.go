package measure

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/record"
)

// Value is what is known of a measure of a run. The zero Value is missing.
type Value struct {
	state       State
	best, worst float64 // between which the number lies
}

// State is how a number of a run is known. No statistic may drop a run that did badly, so that there is more than being measured.
type State int

// The states.
const (
	Missing  State = iota // it was not measured
	Measured              // it may be NaN or infinite all the same
	Censored              // the budget ran out before: it is more than a number
	Infinite              // infinitely bad: the run diverged, or stopped before it got there
	Unknown               // the run did not end
	LeftOut               // the run was pruned: it is in no statistic
)

// String names the state.
func (s State) String() string {
	return [...]string{"missing", "measured", "censored", "infinite", "unknown", "left out"}[s]
}

// Known is a number that was measured.
func Known(x float64) Value { return Value{Measured, x, x} }

func unknown(best, worst float64) Value { return Value{Unknown, best, worst} }

// infinite is infinitely bad.
func infinite(b record.Better) Value { return Value{Infinite, worst(b), worst(b)} }

func worst(b record.Better) float64 {
	if b == record.More {
		return math.Inf(-1)
	}
	return math.Inf(1)
}

// State is how the number is known.
func (v Value) State() State { return v.state }

// Number is the number, if it was measured.
func (v Value) Number() (x float64, measured bool) { return v.best, v.state == Measured }

// Between are the best and the worst that the number can be: the same if it is known. They mean nothing if it is missing or left out.
func (v Value) Between() (best, worst float64) { return v.best, v.worst }

// Counts tells whether the value is one of a statistic, as which it is the worst that it can be.
func (v Value) Counts() bool {
	return v.state == Measured || v.state == Censored || v.state == Infinite
}

// String is the value as people read it.
func (v Value) String() string {
	switch v.state {
	case Measured:
		return fmt.Sprint(v.best)
	case Censored:
		return fmt.Sprintf("more than %v", v.best)
	case Infinite:
		return "infinitely bad"
	}
	return v.state.String()
}
