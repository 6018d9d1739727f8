package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
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
	"adadelta": {"adadelta"},
	"adagrad":  {"adagrad/eps-outside"},
	"adam":     {"adam/eps-outside"},
	"adamax":   {"adamax"},
	"adamw":    {"adamw"},
	"amsgrad":  {"amsgrad"},
	"momentum": {"momentum", "nesterov"},
	"radam":    {"radam"},
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

// tolerance is the largest difference from a reference, relative to the largest coordinate, and tolerances are those of trajectories that
// need another, with the reason.
const tolerance = 1e-12

var tolerances = map[string]float64{
	// A search goes where losses are equal to the last digits, and what is lost there grows from step to step.
	"lbfgs/lbfgs":                  1e-9,
	"newton-cg/trust-region":       1e-11,
	"nonlinear-cg/fletcher-reeves": 1e-9,
	"nonlinear-cg/hager-zhang":     1e-9,
	"nonlinear-cg/polak-ribiere":   1e-9,
	// The inputs have a rank of two, so that the gradient of the first matrix has an eigenvalue of zero. Along its eigenvector there is
	// rounding alone, some 1e-17, which the step divides by δ = 1e-5.
	"soap/soap": 1e-9, "soap/always": 1e-9,
}

// key is what tolerances call a trajectory: NAME/VARIANT.
func key(name, file string) string {
	return name + "/" + strings.TrimSuffix(filepath.Base(file), ".csv")
}

// allowed is the largest difference from the trajectory in a file.
func allowed(name, file string) float64 { return cmp.Or(tolerances[key(name, file)], tolerance) }

// references are the trajectories in an optimizer's testdata that plugins/reference recorded.
func references(t *testing.T, name string) (files []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(name, "testdata", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		if b, err := os.ReadFile(file); err != nil || strings.HasPrefix(string(b), "# reference: ") {
			files = append(files, file)
		}
	}
	return files
}

// TestReference follows another implementation on a network's gradients, with its hyperparameters: plugins/reference has the scripts.
func TestReference(t *testing.T) {
	for _, o := range optimizers {
		for _, file := range references(t, o.Name()) {
			t.Run(key(o.Name(), file), func(t *testing.T) {
				t.Parallel()
				replay(t, o, file)
			})
		}
	}
}
