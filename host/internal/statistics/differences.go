package statistics

import (
	"math"
	"slices"
)

// Differences are a[i] - b[i] over pairs, such as seeds that two optimizers share: below zero where a is less. A run that
// diverged against one that did not is infinitely worse; two that are equally infinite are a tie. It panics if a and b
// differ in length.
func Differences(a, b []float64) []float64 {
	if len(a) != len(b) {
		panic("statistics: pairs that are none")
	}
	d := make([]float64, len(a))
	for i := range a {
		if x, y := loss(a[i]), loss(b[i]); x != y {
			d[i] = x - y
		}
	}
	return d
}

// loss is x, if it is a number, and infinitely bad else.
func loss(x float64) float64 {
	if math.IsNaN(x) {
		return math.Inf(1)
	}
	return x
}

// known are differences with zero for NaN, of which nothing is known.
func known(differences []float64) []float64 {
	d := slices.Clone(differences)
	for i, v := range d {
		if math.IsNaN(v) {
			d[i] = 0
		}
	}
	return d
}

// Time is when something was reached, or how long it was waited for in vain, in any unit. A run that diverged never reaches
// anything: it is waited for until +∞.
type Time struct {
	At      float64
	Reached bool
}

// reached: what is reached after an infinite time never is.
func (t Time) reached() bool { return t.Reached && !math.IsInf(t.At, 1) && !math.IsNaN(t.At) }

// TimeDifferences are a[i] - b[i] over pairs of times, for [SignTest]: infinite where only one was reached, and a tie
// where neither was. Nothing is known, so it is a tie too, where one was reached after the other was no longer waited for.
func TimeDifferences(a, b []Time) []float64 {
	if len(a) != len(b) {
		panic("statistics: pairs that are none")
	}
	d := make([]float64, len(a))
	for i, x := range a {
		switch y := b[i]; {
		case x.reached() && y.reached():
			d[i] = x.At - y.At
		case x.reached() && x.At <= loss(y.At):
			d[i] = math.Inf(-1)
		case y.reached() && y.At <= loss(x.At):
			d[i] = math.Inf(1)
		}
	}
	return d
}
