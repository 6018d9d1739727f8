package problem

import (
	"testing"

	"github.com/steepest/steepest/host/internal/dataset"
)

// TestStepsWithin: as many steps as a number of examples suffices for, whatever the batches.
func TestStepsWithin(t *testing.T) {
	known := StochasticFunctions[0]
	for _, how := range []dataset.Batching{{}, {Sizes: []int{128}}, {Sizes: []int{128}, DropLast: true},
		{Sizes: []int{7, 0, 300}, Milestones: []int{1, 3}}, {Sizes: []int{333}, Replace: true}} {
		p := known.Problem(how)
		for _, examples := range []int{0, 1, 6, 7, 127, 128, 129, 999, 1000, 1001, 5000} {
			steps, met := 0, 0
			for met+how.Size(known.Rows, steps) <= examples {
				met += how.Size(known.Rows, steps)
				steps++
			}
			if got := StepsWithin(p, examples); got != steps || ExampleGradients(p, got) != met {
				t.Errorf("%+v: %d steps of %d examples within %d, want %d of %d", how, got, ExampleGradients(p, got), examples, steps, met)
			}
		}
	}
	if got := ExampleGradients(example(t), 100); got != 0 {
		t.Errorf("%d examples of a function", got)
	}
}
