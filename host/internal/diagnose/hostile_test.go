package diagnose

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestHostile has every diagnostic measure where little is left to measure: one parameter, a loss that is flat, a network whose units are dead, batches of one
// example, weights that are not finite or so large that squares are not. What is measured is what the case says, and nothing is infinite but what may be; of
// shares the sum is 1.
func TestHostile(t *testing.T) {
	sphere, _ := problem.Functions.Find("sphere")
	flat, err := problem.Quadratic(mat.NewDense(3, 3, nil), make([]float64, 3), make([]float64, 3))
	if err != nil {
		t.Fatal(err)
	}
	relu, _ := model.Activations.Find("relu")
	single, network := logistic(t, 1), logistic(t, 16)
	if network.Network, err = model.New(model.Shape{30}, []model.Layer{
		model.Activated{Layer: model.Dense{Units: 3, Weight: model.Glorot{}}, Activation: relu}, model.Dense{Units: 1, Weight: model.Glorot{}}}); err != nil {
		t.Fatal(err)
	}
	fill := func(n int, x float64) []float64 {
		w := make([]float64, n)
		floats.AddConst(x, w)
		return w
	}
	size := network.Network.Size()
	dead := slices.Concat(fill(90, 0), fill(3, -1), fill(4, 0.1)) // the biases of the hidden units are negative
	nan, inf := math.NaN(), math.Inf(1)
	const unmeasured = -12345
	for name, c := range map[string]struct {
		p    problem.Problem
		w    []float64
		want map[string]float64
	}{
		"one parameter": {sphere.Problem([]float64{1}), []float64{1}, map[string]float64{"sharpness": 2, "smallest_eigenvalue": 2, "hessian_condition": 1, "top_overlap": 1,
			"trace_estimate": 2, "step_sharpness": 0.2, "critical_minima": 1, "critical_index": 0}},
		"minimum": {sphere.Problem([]float64{1, 1, 1}), fill(3, 0), map[string]float64{"sharpness": 2, "top_overlap": unmeasured, "best_rate": unmeasured,
			"update_curvature": unmeasured, "descent_cosine": unmeasured, "update_ratio": unmeasured, "step_sharpness": unmeasured, "critical_distance": 0}},
		"flat": {flat, []float64{1, 2, 3}, map[string]float64{"sharpness": 0, "negative_eigenvalues": 0, "hessian_condition": inf, "trace_estimate": 0, "trace_error": 0,
			"loss_change": 0, "taylor_2": 0, "alpha": -1, "critical_minima": 0}},
		"one example": {single, fill(31, 0.1), map[string]float64{"gradient_variance": unmeasured, "noise_scale": unmeasured, "norm_test": unmeasured, "early_stopping": unmeasured}},
		"dead":        {network, dead, map[string]float64{"saturated": 1, "dead_units": 1, "smallest_eigenvalue": 0, "hessian_condition": inf, "negative_eigenvalues": 0}},
		"not a number": {network, fill(size, nan), map[string]float64{"saturated": nan, "dead_units": nan, "positive_definite": nan, "sharpness": unmeasured, "trace_estimate": unmeasured,
			"alpha": unmeasured, "noise_scale": unmeasured, "gradient_limit": unmeasured, "tic_trace": unmeasured, "loss_change": nan, "update_ratio": nan}},
		"infinite": {network, fill(size, inf), map[string]float64{"sharpness": unmeasured, "trace_estimate": unmeasured, "alpha": unmeasured, "noise_scale": unmeasured,
			"gradient_limit": unmeasured, "loss_change": nan}},
		"huge": {sphere.Problem([]float64{1, 1}), fill(2, 1e200), map[string]float64{"sharpness": 2, "smallest_eigenvalue": 2, "hessian_trace": 4, "gradient_limit": 2e200}},
	} {
		for _, chosen := range Every() {
			k, s := chosen.Kind(), chosen.Settings
			if k.refuses(s, c.p) {
				continue
			}
			if _, is := c.p.(*problem.Supervised); is && (k == &criticalPoint || k == &criticalPoints) {
				continue // whose searches begin elsewhere, or take long
			}
			if s["starts"] == 200 {
				s["starts"] = 3
			}
			if k == &hessian {
				s["eigenvalues"] = "all"
			}
			tree := seed.New(3)
			g, u := make([]float64, len(c.w)), make([]float64, len(c.w))
			c.p.Objective(tree).Gradient(0, c.w, g)
			floats.AddScaled(u, -0.1, g)
			sample := &record.Sample{Weights: c.w, Gradient: g, Update: u, Values: make([]record.Value, len(record.Standard()))}
			quantities, elements := k.Quantities(s), []record.Quantity(nil)
			if k.Elements != nil {
				elements = k.Elements(s, c.p)
			}
			values, parts := make([]record.Value, len(quantities)), make([]record.Value, len(elements))
			k.Make(s, NewRun(c.p, tree)).Measure(sample, values, parts)
			for i, q := range quantities {
				x, is := values[i].Get()
				switch want, told := c.want[q.Name]; {
				case told && want == unmeasured:
					if is {
						t.Errorf("%s: %s is %v", name, q.Name, x)
					}
				case told:
					if !is || math.Abs(x-want) > 1e-12*math.Abs(want) || math.IsNaN(x) != math.IsNaN(want) {
						t.Errorf("%s: %s is %v, %t, want %v", name, q.Name, x, is, want)
					}
				case math.IsInf(x, 0) && finite(floats.Sum(c.w)) && floats.Norm(c.w, 2) < 1e100:
					t.Errorf("%s: %s is %v", name, q.Name, x)
				}
			}
			if k == &density || k == &histogram {
				sum, measured := 0.0, 0
				for _, v := range parts {
					if x, is := v.Get(); is {
						sum += x
						measured++
					}
				}
				if measured > 0 && math.Abs(sum-1) > 1e-9 {
					t.Errorf("%s: the shares of %s add up to %v", name, k.Name, sum)
				}
			}
		}
	}
}
