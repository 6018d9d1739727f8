package schedule

import (
	"fmt"
	"slices"
)

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

var piecewise = Kind{
	Name: "piecewise",
	Manual: []Usage{
		{"`values` v, `at` t, `interpolate` = `\"none\"`", "the first value until t₁, the second from t₁ on, ...; one value more than places",
			"torch `MultiStepLR`, `optax.piecewise_constant_schedule`"},
		{"`interpolate` = `\"linear\"`", "straight lines through (0, v₁), (t₁, v₂), ...",
			"`optax.piecewise_interpolate_schedule`"},
	},
	Read: readPiecewise,
}

func readPiecewise(k Keys) Schedule {
	k.Require("values", "add values = [0.1, 0.01]")
	k.Require("at", "add at = [100], the step of each value but the first")
	s := Piecewise{Steps: k.Times("at"), Linear: k.Choice("interpolate", "none", "linear") == "linear"}
	s.Values = k.Numbers("values")
	switch {
	case len(s.Values) != len(s.Steps)+1:
		k.Fault("values", fmt.Sprintf("there are %d values and %d places", len(s.Values), len(s.Steps)),
			"give one value more than places: the first holds from step 0")
	case !slices.IsSorted(s.Steps) || len(slices.Compact(slices.Clone(s.Steps))) < len(s.Steps):
		k.Fault("at", "the places are not in ascending order", "sort them, each once")
	}
	return s
}

var _ Schedule = Piecewise{}
