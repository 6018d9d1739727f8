// Package measure has the one grammar for a number of a run, QUANTITY [final | best | at step N | mean over last N], what it means, and
// how it is found: while a run trains, and of one that is on record. docs/measures.md is its manual.
package measure

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/record"
)

// Measure is a number of a run: a quantity, recorded or derived, and when.
type Measure struct {
	Quantity string
	When     When
	N        int // the step, or how many points the mean is over
}

// When is which of a quantity's values in a run is meant.
type When int

// What there is.
const (
	Final        When = iota // at the end
	Best                     // the best at any point
	AtStep                   // after N updates
	MeanOverLast             // the mean of the last N values
)

// String is the measure as it is written, without a "final", which goes without saying.
func (m Measure) String() string {
	switch m.When {
	case Best:
		return m.Quantity + " best"
	case AtStep:
		return fmt.Sprintf("%s at step %d", m.Quantity, m.N)
	case MeanOverLast:
		return fmt.Sprintf("%s mean over last %d", m.Quantity, m.N)
	}
	return m.Quantity
}

// Find returns the quantity of the measure, of those of a schema or derived; ok tells whether there is one.
func (m Measure) Find(s record.Schema) (q record.Quantity, ok bool) {
	if i := s.Index(m.Quantity); i >= 0 {
		return s[i], true
	}
	d, ok := derivedQuantities.Find(m.Quantity)
	return d.Quantity, ok
}

// derived is a quantity of a whole run, which is known from how it ended.
type derived struct {
	record.Quantity
	of func(record.Outcome) Value
}

// String is the name, by which it is found.
func (d derived) String() string { return d.Name }
