package record

import (
	"math"
	"slices"
)

// Points are some of a run's points: every so many steps, or those after listed numbers of steps. The zero value is all of them.
type Points struct {
	Every int   `json:"every,omitempty"`
	Steps []int `json:"steps,omitzero"` // ascending
}

// Has tells whether the point after a number of steps is one of them.
func (p Points) Has(step int) bool {
	switch {
	case p.Every > 0:
		return step%p.Every == 0
	case p.Steps != nil:
		_, found := slices.BinarySearch(p.Steps, step)
		return found
	}
	return true
}

// Next is the first of them after a point, [math.MaxInt] if there is none. The start counts as one of them.
func (p Points) Next(step int) int {
	switch {
	case step < 0:
		return 0
	case p.Every > 0:
		return (step/p.Every + 1) * p.Every
	case p.Steps != nil:
		if i, _ := slices.BinarySearch(p.Steps, step+1); i < len(p.Steps) {
			return p.Steps[i]
		}
		return math.MaxInt
	}
	return step + 1
}

// Count is how many points of a run with so many steps are on record: these, the first and the last.
func (p Points) Count(steps int) int {
	if p.Every == 0 && p.Steps == nil {
		return steps + 1
	}
	count := 1
	for step := 0; step < steps; step = p.Next(step) {
		count++
	}
	return count
}

// Validation are the points at which the validation examples are evaluated, beside the last: the start of every so many epochs, or
// other ones. The zero value is the start of each epoch.
type Validation struct {
	Epochs int `json:"epochs,omitempty"`
	Points
}

// Has tells whether the point after a number of steps is one of them, with which an epoch goes on after index others.
func (v Validation) Has(step, epoch, index int) bool {
	if v.Every > 0 || v.Steps != nil {
		return v.Points.Has(step)
	}
	return index == 0 && epoch >= 0 && epoch%max(v.Epochs, 1) == 0
}
