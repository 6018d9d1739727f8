// Package schedule says which value a hyperparameter has at each step of a run.
package schedule

import (
	"slices"
	"sort"
)

// Schedule gives the value v_k of the update that follows k others, k = 0, 1, ... It depends on k alone, so that a run can
// go on anywhere, and is safe for use by several goroutines. The formulas are in docs/schedules.md.
type Schedule interface {
	At(k int) float64
	// Turns are the steps before n, in ascending order, where the values turn or jump: between two neighbours, step 0 and
	// step n − 1 included, they only rise, only fall, or stay within what was before.
	Turns(n int) []int
}

// before keeps the steps before n of an ascending list.
func before(n int, steps ...int) []int {
	i, _ := slices.BinarySearch(steps, n)
	return slices.Clip(steps[:i])
}

// FirstOutside returns the first step before n whose value is outside an interval; -1 if there is none. It looks at a few
// steps only, however many there are.
func FirstOutside(s Schedule, n int, inside func(float64) bool) int {
	low := 0
	for _, high := range append(s.Turns(n), n-1) {
		if high < low {
			break // there are no steps
		}
		if !inside(s.At(low)) {
			return low
		}
		if !inside(s.At(high)) {
			return low + sort.Search(high-low, func(i int) bool { return !inside(s.At(low + i)) })
		}
		low = high
	}
	return -1
}
