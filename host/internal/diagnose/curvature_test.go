package diagnose

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// measured has a diagnostic measure a step of gradient descent on a problem, and returns its values by their names.
func measured(t *testing.T, k *Kind, s model.Settings, p problem.Problem, step int, w, update []float64, rate float64) map[string]float64 {
	t.Helper()
	tree := seed.New(3)
	run := NewRun(p, tree)
	g := make([]float64, len(w))
	p.Objective(tree).Gradient(step, w, g)
	sample := &record.Sample{Step: step, Weights: w, Gradient: g, Update: update, Values: make([]record.Value, len(record.Standard()))}
	if rate > 0 {
		sample.Set(record.LearningRate, rate)
	}
	quantities := k.Quantities(s)
	count := len(quantities)
	if k.Elements != nil {
		quantities = append(quantities, k.Elements(s, p)...)
	}
	values := make([]record.Value, len(quantities))
	if cost := k.Make(s, run).Measure(sample, values[:count], values[count:]); !(cost > 0) {
		t.Errorf("%s: it took %v", k.Name, cost)
	}
	all := map[string]float64{}
	for i, q := range quantities {
		if x, is := values[i].Get(); is {
			all[q.Name] = x
		}
	}
	return all
}

func near(t *testing.T, got map[string]float64, tolerance float64, want map[string]float64) {
	t.Helper()
	for name, x := range want {
		if y, is := got[name]; !is || !(math.Abs(x-y) <= tolerance*max(1, math.Abs(x))) && x != y {
			t.Errorf("%s is %v, %t, want %v", name, y, is, x)
		}
	}
}

// TestTaylor: to second order the series is exact on a quadratic, for any step; what it says of a gradient step follows from the matrix.
func TestTaylor(t *testing.T) {
	a := mat.NewDense(2, 2, []float64{3, 1, 1, -2})
	p, err := problem.Quadratic(a, []float64{0, 0}, []float64{0, 0})
	if err != nil {
		t.Fatal(err)
	}
	// at (1, 1): f = 1.5, g = (4, -1); along u = (1, 2): g'u = 2, u'Hu = 3 + 4 - 8 = -1; g'Hg = 48 - 8 - 2 = 38, g'g = 17
	got := measured(t, &taylor, nil, p, 0, []float64{1, 1}, []float64{1, 2}, 0.1)
	near(t, got, 1e-14, map[string]float64{"loss_change": 1.5, "taylor_1": 2, "taylor_2": 1.5, "update_curvature": -1.0 / 5, "gradient_curvature": 38.0 / 17,
		"gradient_step_change": -0.1*17 + 0.005*38, "best_rate": 17.0 / 38})
	// where the curvature along the gradient is negative, no step is too long
	got = measured(t, &taylor, model.Settings{"rate": 0.5}, p, 0, []float64{0.3, -1}, nil, 0)
	g := []float64{0.9 - 1, 0.3 + 2}
	square, bend := floats.Dot(g, g), 3*g[0]*g[0]+2*g[0]*g[1]-2*g[1]*g[1]
	near(t, got, 1e-14, map[string]float64{"best_rate": math.Inf(1), "gradient_step_change": -0.5*square + 0.125*bend})
	if _, is := got["loss_change"]; is {
		t.Error("there is a change without an update")
	}
}

// TestTaylorOfANetwork: what second order leaves of the change falls with the third power of the step, and first order with the second.
func TestTaylorOfANetwork(t *testing.T) {
	p := logistic(t, 32)
	w := make([]float64, problem.Size(p.Layout()))
	p.Objective(seed.New(3)).Initialize(w)
	var first, second []float64
	for _, scale := range []float64{0.004, 0.002} {
		u := make([]float64, len(w))
		for i := range u {
			u[i] = scale * math.Sin(float64(i))
		}
		got := measured(t, &taylor, nil, p, 5, w, u, 0.1)
		first, second = append(first, got["loss_change"]-got["taylor_1"]), append(second, got["loss_change"]-got["taylor_2"])
	}
	if a, b := first[0]/first[1], second[0]/second[1]; math.Abs(a-4) > 0.2 || math.Abs(b-8) > 0.4 {
		t.Errorf("by half of the step the error falls to one part in %v and %v, want 4 and 8", a, b)
	}
}

// TestHessian: both ways find the eigenvalues of a quadratic and the share of the gradient along the eigenvectors.
func TestHessian(t *testing.T) {
	eigenvalues := []float64{5, 2, 1, -0.5, -3}
	a := mat.NewDense(5, 5, nil)
	for i, x := range eigenvalues {
		a.Set(i, i, x)
	}
	p, err := problem.Quadratic(a, make([]float64, 5), make([]float64, 5))
	if err != nil {
		t.Fatal(err)
	}
	w := []float64{1, 2, 3, 4, 5} // g = (5, 4, 3, -2, -15)
	for _, way := range []string{"extreme", "all"} {
		s := model.Settings{"eigenvalues": way, "overlap": 2, "tolerance": 1e-12, "products": 50}
		got := measured(t, &hessian, s, p, 0, w, nil, 0)
		want := map[string]float64{"sharpness": 5, "smallest_eigenvalue": -3, "top_overlap": (25.0 + 16) / (25 + 16 + 9 + 4 + 225)}
		if way == "all" {
			want["negative_eigenvalues"], want["hessian_trace"], want["hessian_condition"] = 0.4, 4.5, 10
		} else if len(got) != 3 {
			t.Errorf("%v is measured", got)
		}
		near(t, got, 1e-10, want)
	}
	big, _ := problem.Functions.Find("rosenbrock")
	if message, remedy := hessian.Refuses(model.Settings{"eigenvalues": "all"}, big.Problem(big.Start(2001))); message == "" || remedy == "" {
		t.Error("all eigenvalues of 2001 parameters are not refused")
	}
	few := model.Settings{"eigenvalues": "extreme", "overlap": 6, "tolerance": 0.1, "products": 5}
	if message, _ := hessian.Refuses(few, big.Problem(big.Start(6))); message == "" {
		t.Error("more eigenvectors than products are not refused")
	}
	if message, _ := hessian.Refuses(few, p); message != "" {
		t.Errorf("all 5 eigenvectors by 5 products are refused: %s", message)
	}
	measured(t, &hessian, few, p, 0, w, nil, 0)
}

// TestSingularHessian: eigenvalues that are 0 come out on both sides of it; none is negative, and the condition is infinite.
func TestSingularHessian(t *testing.T) {
	const n = 20
	a, v := mat.NewDense(n, n, nil), make([]float64, n)
	for k, x := range []float64{4, 1} {
		for i := range v {
			v[i] = math.Sin(float64(1 + i*i + 3*k))
		}
		a.RankOne(a, x, mat.NewVecDense(n, v), mat.NewVecDense(n, v))
	}
	p, err := problem.Quadratic(a, make([]float64, n), v)
	if err != nil {
		t.Fatal(err)
	}
	got := measured(t, &hessian, model.Settings{"eigenvalues": "all"}, p, 0, v, nil, 0)
	if got["smallest_eigenvalue"] >= 0 {
		t.Fatal("no eigenvalue came out negative; the test says nothing")
	}
	near(t, got, 0, map[string]float64{"negative_eigenvalues": 0, "hessian_condition": math.Inf(1)})
}

// TestInverse: what is not a number stays so.
func TestInverse(t *testing.T) {
	if x := inverse(math.NaN()); !math.IsNaN(x) {
		t.Errorf("1/NaN is %v", x)
	}
}

// TestSingleSample: of a single sample there is no standard error.
func TestSingleSample(t *testing.T) {
	p := logistic(t, 32)
	got := measured(t, &density, model.Settings{"starts": 1, "lanczos": 3, "samples": 3, "bins": 4}, p, 0, make([]float64, problem.Size(p.Layout())), nil, 0)
	if x, is := got["trace_error"]; is || !finite(got["trace_estimate"]) {
		t.Errorf("the trace is %v ± %v", got["trace_estimate"], x)
	}
}

// TestPath follows a run, and the same one from a state that was kept.
func TestPath(t *testing.T) {
	f, _ := problem.Functions.Find("sphere")
	p := f.Problem([]float64{1, 1})
	run := NewRun(p, seed.New(1))
	d := path.Make(nil, run).(Follower)
	w := []float64{1, 1}
	updates := [][]float64{{3, 4}, {-4, 3}, {4, -3}, nil}
	want := []map[string]float64{
		{"distance_from_start": 0, "path_length": 0, "descent_cosine": -7 / (5 * math.Sqrt2)},
		{"distance_from_start": 5, "path_length": 5, "update_cosine": 0},
		{"distance_from_start": math.Sqrt(50), "path_length": 10, "update_cosine": -1},
		{"distance_from_start": 5, "path_length": 15},
	}
	for k, u := range updates {
		if k == 2 { // as after a checkpoint
			again := path.Make(nil, run).(Follower)
			if err := again.Restore(append([]float64(nil), d.State()...)); err != nil {
				t.Fatal(err)
			}
			d = again
		}
		g := []float64{2 * w[0], 2 * w[1]}
		values := make([]record.Value, 4)
		s := &record.Sample{Step: k, Weights: w, Gradient: g, Update: u}
		d.Measure(s, values, nil)
		got := map[string]float64{}
		for i, q := range path.Quantities(nil) {
			if x, is := values[i].Get(); is {
				got[q.Name] = x
			}
		}
		near(t, got, 1e-14, want[k])
		if _, is := got["update_cosine"]; is != (k == 1 || k == 2) {
			t.Errorf("step %d: %v", k, got)
		}
		if u != nil {
			d.Follow(s)
			floats.Add(w, u)
		}
	}
	if d.Restore([]float64{1, 2}) == nil {
		t.Error("a state of another size is restored")
	}
}

// TestDensity: the bins have all eigenvalues, and each as many as there are, but for those that the width of a bin moves to the next.
func TestDensity(t *testing.T) {
	const n, bins = 60, 12
	a := mat.NewDense(n, n, nil)
	for i := range n { // two thirds about 0, one third about 10
		a.Set(i, i, 0.01*float64(i))
		if i%3 == 0 {
			a.Set(i, i, 10+0.01*float64(i))
		}
	}
	p, err := problem.Quadratic(a, make([]float64, n), make([]float64, n))
	if err != nil {
		t.Fatal(err)
	}
	s := model.Settings{"starts": 20, "lanczos": 20, "samples": 30, "bins": bins}
	values, elements := make([]record.Value, 4), make([]record.Value, bins)
	density.Make(s, NewRun(p, seed.New(1))).Measure(&record.Sample{Weights: make([]float64, n)}, values, elements)
	low, _ := values[0].Get()
	high, _ := values[1].Get()
	sum, lower := 0.0, 0.0
	for i, v := range elements {
		x, _ := v.Get()
		if sum += x; low+(high-low)*float64(i+1)/bins <= 5 {
			lower += x
		}
	}
	if math.Abs(sum-1) > 1e-12 || math.Abs(lower-2.0/3) > 0.05 || len(density.Elements(s, p)) != bins {
		t.Errorf("from %v to %v the shares add up to %v, %v of them below 5", low, high, sum, lower)
	}
	trace, _ := values[2].Get()
	if e, _ := values[3].Get(); math.Abs(trace-mat.Trace(a)) > 4*e+1e-9 {
		t.Errorf("the trace is %v ± %v, want %v", trace, e, mat.Trace(a))
	}
}
