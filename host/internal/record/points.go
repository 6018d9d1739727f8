package record

import (
	"math"
	"slices"
)

// Points are some of a run's points: every so many steps, so many for each power of ten, evenly spaced on a logarithmic axis, or those after
// listed numbers of steps. The zero value is all of them.
type Points struct {
	Every     int   `json:"every,omitempty"`
	PerDecade int   `json:"per_decade,omitempty"`
	Steps     []int `json:"steps,omitzero"` // ascending
}

// All tells whether all points are meant.
func (p Points) All() bool { return p.Every == 0 && p.PerDecade == 0 && p.Steps == nil }

// Has tells whether the point after a number of steps is one of them.
func (p Points) Has(step int) bool {
	switch {
	case p.Every > 0:
		return step%p.Every == 0
	case p.PerDecade > 0:
		return p.Next(step-1) == step
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
	case p.PerDecade > 0:
		return p.mark(p.markAfter(step))
	case p.Steps != nil:
		if i, _ := slices.BinarySearch(p.Steps, step+1); i < len(p.Steps) {
			return p.Steps[i]
		}
		return math.MaxInt
	}
	return step + 1
}

// mark is the i-th point of those for each power of ten; several may be the same.
func (p Points) mark(i int) int {
	x := math.Round(math.Pow(10, float64(i)/float64(p.PerDecade)))
	if x > math.MaxInt32*1e3 { // no run is that long
		return math.MaxInt
	}
	return int(x)
}

// markAfter is the first mark beyond a step.
func (p Points) markAfter(step int) int {
	if step < 1 {
		return 0
	}
	i := int(math.Log10(float64(step)) * float64(p.PerDecade))
	for ; p.mark(i) > step && i > 0; i-- {
	}
	for ; p.mark(i) <= step; i++ {
	}
	return i
}

// Before is the last of them before a point, -1 if there is none. The start counts as one of them.
func (p Points) Before(step int) int {
	switch {
	case step <= 0:
		return -1
	case p.Every > 0:
		return (step - 1) / p.Every * p.Every
	case p.PerDecade > 0:
		i := p.markAfter(step)
		for ; i >= 0 && p.mark(i) >= step; i-- {
		}
		if i < 0 {
			return 0
		}
		return p.mark(i)
	case p.Steps != nil:
		if i, _ := slices.BinarySearch(p.Steps, step); i > 0 {
			return p.Steps[i-1]
		}
		return 0
	}
	return step - 1
}

// Count is how many points of a run with so many steps are on record: these, the first and the last.
func (p Points) Count(steps int) int {
	if p.All() {
		return steps + 1
	}
	count := 1
	for step := 0; step < steps; step = p.Next(step) {
		count++
	}
	return count
}

// Cadence are the points at which something is measured that takes time: the start of every so many epochs, or other ones. The zero value is
// the start of each epoch.
type Cadence struct {
	Epochs int `json:"epochs,omitempty"`
	Points
}

// Has tells whether the point after a number of steps is one of them, with which an epoch goes on after index others.
func (c Cadence) Has(step, epoch, index int) bool {
	if !c.All() {
		return c.Points.Has(step)
	}
	return index == 0 && epoch >= 0 && epoch%max(c.Epochs, 1) == 0
}

// Within tells whether one of them is behind a point before, -1 if there is none, and not behind the one after so many steps. epoch is that of a
// step, -1 if there are none.
func (c Cadence) Within(before, step int, epoch func(step int) int) bool {
	if !c.All() {
		return c.Next(before) <= step
	}
	e := epoch(step)
	return e >= 0 && (before < 0 || e-e%max(c.Epochs, 1) > epoch(before))
}
