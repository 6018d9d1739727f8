package main

import (
	"testing"

	"github.com/steepest/steepest/sdk/opttest"
)

// TestExam examines all optimizers, in one program, as a host would use them. Some stand for the others under the race detector, which
// sees the SDK in all of them.
func TestExam(t *testing.T) {
	for i, o := range optimizers {
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			if testing.Short() && i%8 != 0 {
				t.Skip("others are examined")
			}
			opttest.Run(t, o)
		})
	}
}

// conventions are the trajectories of torch.optim (PyTorch 1.13.1, float64) on Rosenbrock's function from (-1.5, 2) that each must follow.
var conventions = map[string][]string{
	"adagrad":  {"adagrad/eps-outside"},
	"adam":     {"adam/eps-outside"},
	"momentum": {"momentum", "nesterov"},
	"rmsprop":  {"rmsprop/eps-outside", "rmsprop/momentum", "rmsprop/centered"},
	"sgd":      {"sgd"},
}

func TestTorch(t *testing.T) {
	followed := 0
	for _, o := range optimizers {
		t.Run(o.Name(), func(t *testing.T) {
			t.Parallel()
			opttest.Follow(t, o, conventions[o.Name()]...)
		})
		if conventions[o.Name()] != nil {
			followed++
		}
	}
	if followed != len(conventions) {
		t.Errorf("%d optimizers of %d with conventions are in the table", followed, len(conventions))
	}
}
