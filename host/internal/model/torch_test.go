package model

import (
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

// drawn are n numbers from -1 to 1, of the same bits as those of testdata/curvature.py.
func drawn(n int, salt uint32) []float64 {
	x := make([]float64, n)
	for i := range x {
		h := uint32(i+1)*2654435761 + salt*2246822519
		h = (h ^ h>>16) * 2246822507
		h = (h ^ h>>13) * 3266489909
		x[i] = float64(h^h>>16)/(1<<31) - 1
	}
	return x
}

// TestCurvatureAgainstTorch compares gradients, and products of the Hessian and of the Gauss-Newton matrix with a vector, with those of
// testdata/curvature.csv, which testdata/curvature.py made by torch's double backward: of all activations and losses, convolutions, pools and
// batch normalisation in both modes.
func TestCurvatureAgainstTorch(t *testing.T) {
	const tolerance, examples = 1e-10, 6 // relative, in the Euclidean norm
	type key struct{ network, loss, mode string }
	rows := map[key][3][]float64{}
	for _, row := range read(t, "curvature") {
		k := key{row[0], row[1], row[2]}
		values := rows[k]
		for i := range values {
			values[i] = append(values[i], number(t, row[3+i]))
		}
		rows[k] = values
	}
	tanh, dense := mustActivation(t, "tanh"), func(units int) Layer { return Dense{Units: units} }
	conv := func(w Window) Layer { return Conv2D{Filters: 2, Window: w} }
	one, two, image, norm := [2]int{1, 1}, [2]int{2, 2}, Shape{5, 4, 2}, BatchNorm{Epsilon: 1e-5}
	networks := map[string]design{
		"l2":         {Shape{4}, L2{0.3, 0.3, 0.3}, []Layer{Activated{dense(3), tanh}, dense(3)}},
		"batch-norm": {Shape{3}, L2{}, []Layer{dense(4), Activated{norm, tanh}, dense(3)}},
		"convolution": {image, L2{}, []Layer{Activated{conv(Window{[2]int{3, 3}, one, false}), tanh}, conv(Window{[2]int{2, 3}, [2]int{2, 1}, true}),
			Flatten{}, dense(3)}},
		"max-pool": {image, L2{}, []Layer{Activated{conv(Window{two, one, true}), tanh}, Pool{Window: Window{two, two, true}}, Flatten{}, dense(3)}},
		"average-pool": {image, L2{}, []Layer{Activated{conv(Window{two, one, true}), mustActivation(t, "silu")},
			Pool{Window{[2]int{3, 3}, two, true}, true}, Flatten{}, dense(3)}},
		"batch-norm, images": {image, L2{}, []Layer{conv(Window{two, one, false}), Activated{norm, mustActivation(t, "softplus")}, Flatten{}, dense(3)}},
	}
	for _, f := range Activations {
		if f.forward != nil { // the linear one is that of the last layers
			networks[f.Name] = design{Shape{3}, L2{}, []Layer{Activated{dense(4), f}, Activated{dense(3), f}, dense(3)}}
		}
	}
	worst, compared := 0.0, 0
	for name, c := range networks {
		n, err := New(c.in, c.layers)
		if err != nil {
			t.Fatal(err)
		}
		n.L2 = c.l2
		x, w, v := mat.NewDense(examples, c.in.Size(), drawn(examples*c.in.Size(), 1)), drawn(n.Size(), 3), drawn(n.Size(), 4)
		for _, loss := range Losses {
			y := drawn(3*examples, 2)
			switch {
			case loss.ByClass:
				for i := range examples {
					y[i] = float64(int((y[3*i] + 1) * 1.5))
				}
				y = y[:examples]
			case loss.Accuracy != nil:
				for i, target := range y {
					y[i] = 0
					if target > 0 {
						y[i] = 1
					}
				}
			}
			pass := n.NewPass(seed.New(1))
			for mode, k := range map[string]int{"training": 0, "evaluation": Evaluation} {
				if k == Evaluation && !n.Calibrates() {
					continue
				}
				pass.Calibrate(w, x)
				want, is := rows[key{name, loss.Name, mode}]
				if !is || len(want[0]) != len(w) {
					t.Fatalf("torch has %d parameters of %s, %s, %s", len(want[0]), name, loss.Name, mode)
				}
				g, hv, gv := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
				pass.HessianVector(loss, k, w, x, y, v, g, hv)
				pass.GaussNewtonVector(loss, k, w, x, y, v, gv)
				for i, got := range [][]float64{g, hv, gv} {
					e := floats.Distance(got, want[i], 2) / floats.Norm(want[i], 2)
					if worst = max(worst, e); !(e < tolerance) {
						t.Errorf("%s, %s, %s: %s differs by %.1e", name, loss.Name, mode, []string{"gradient", "Hessian's product", "Gauss-Newton product"}[i], e)
					}
				}
				compared++
			}
		}
	}
	if compared != len(rows) {
		t.Errorf("%d of %d cases were compared", compared, len(rows))
	}
	t.Logf("%d cases, largest relative difference %.1e", compared, worst)
}
