package record

import "time"

// Sample is one point of the trajectory and the step that leads away from it. All of it is measured at the same weights:
// those after Step updates, 0 being the start. What it refers to is valid during a call alone, and not to be changed.
type Sample struct {
	Step  int
	Epoch int           // completed epochs; -1 if the problem has none
	Wall  time.Duration // since the start of the run
	Row   bool          // whether it is on record; all points are measured, judged and shown
	Last  bool          // whether no step leads away from it

	Weights  []float64
	Gradient []float64 // of the next step's batch as computed, before any transform; nil if none was
	Update   []float64 // that is applied next; nil if there is none, as at the last point

	Time      StepTime // of the step that leads away; zero if there is none
	Spent     Spent    // by the steps up to here
	Gradients int      // computed by this program for the run so far, also those computed again

	Values []Value // of the quantities in the run's schema
}

// Set notes a quantity that was measured.
func (p *Sample) Set(quantity int, x float64) { p.Values[quantity] = Measured(x) }

// Get is what is known of a quantity.
func (p *Sample) Get(quantity int) Value { return p.Values[quantity] }
