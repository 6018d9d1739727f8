package landscape

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// sixHumpCamel is f(x, y) = (4 − 2.1 x² + x⁴/3) x² + x y + 4 (y² − 1) y² (Dixon and Szegö 1978), of which the literature has 15 critical points.
var sixHumpCamel = &problem.Function{
	Name: "six-hump-camel", Dimension: 2, Range: [][2]float64{{-3, 3}, {-2, 2}},
	Start: func(int) []float64 { return make([]float64, 2) },
	Eval: func(x, g []float64) float64 {
		u, v := x[0]*x[0], x[1]*x[1]
		if g != nil {
			g[0], g[1] = 8*x[0]-8.4*u*x[0]+2*u*u*x[0]+x[1], x[0]+16*v*x[1]-8*x[1]
		}
		return (4-2.1*u+u*u/3)*u + x[0]*x[1] + 4*(v-1)*v
	},
	Hessian: func(x []float64, dst *mat.SymDense) {
		u, v := x[0]*x[0], x[1]*x[1]
		dst.SetSym(0, 0, 8-25.2*u+10*u*u)
		dst.SetSym(0, 1, 1)
		dst.SetSym(1, 1, 48*v-8)
	},
}

// function is one of ours, or one of this test.
func function(t *testing.T, name string) *problem.Function {
	t.Helper()
	if name == sixHumpCamel.Name {
		return sixHumpCamel
	}
	f, ok := problem.Functions.Find(name)
	if !ok {
		t.Fatal(name)
	}
	return f
}

// search searches the critical points of a function in n variables.
func search(t *testing.T, name string, n, starts int, s uint64) CriticalPoints {
	t.Helper()
	f := function(t, name)
	p := f.Problem(f.Start(n))
	o, _ := problem.As[problem.Curved](p.Objective(seed.New(1)))
	start, _ := Anywhere(p, seed.New(s))
	found, err := Critical(context.Background(), o, n, starts, start, nil)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCriticalPoints: 200 starts find as many of each kind as the literature knows, and whatever is found is one by the function's values alone: its
// gradient is 0 by central differences of the loss, and its eigenvalues are those of a Hessian by differences of the gradient.
func TestCriticalPoints(t *testing.T) {
	type counts struct{ minima, saddles, maxima, degenerate int }
	for _, c := range []struct {
		name  string
		n     int
		want  counts
		known []Point // some of them; the rest are those that the function itself knows
	}{
		{name: "himmelblau", n: 2, want: counts{minima: 4, saddles: 4, maxima: 1}}, // Himmelblau 1972
		{name: "rosenbrock", n: 2, want: counts{minima: 1}},
		{name: "rosenbrock", n: 3, want: counts{minima: 1}},
		// Shang and Qiu 2006, table 1, has the second minimum for 4 to 7 variables; Kok and Sandrock 2009 has the saddle.
		{"rosenbrock", 4, counts{minima: 2, saddles: 1}, []Point{{Nature: problem.Minimum, Loss: 3.70142861, Weights: []Number{-0.775659, 0.613093, 0.382063, 0.145972}}}},
		{"rosenbrock", 5, counts{minima: 2, saddles: 1}, []Point{{Nature: problem.Minimum, Loss: 3.93083943, Weights: []Number{-0.962051, 0.935739, 0.880714, 0.777878, 0.605093}}}},
		{name: "rosenbrock", n: 6, want: counts{minima: 2, saddles: 1}},
		// The saddle at (0, 1) is in each text; there is another in the domain, outside which there may be more.
		{"beale", 2, counts{minima: 1, saddles: 2}, []Point{{Nature: problem.Saddle, Loss: 14.203125, Weights: []Number{0, 1}}}},
		{name: "monkey-saddle", n: 2, want: counts{degenerate: 1}},
		{name: "three-hump-camel", n: 2, want: counts{minima: 3, saddles: 2}},
		{"six-hump-camel", 2, counts{minima: 6, saddles: 7, maxima: 2}, []Point{{Nature: problem.Minimum, Loss: -1.031628453, Weights: []Number{0.089842, -0.712656}}}},
		{name: "styblinski-tang", n: 2, want: counts{minima: 4, saddles: 4, maxima: 1}},
		{name: "styblinski-tang", n: 3, want: counts{minima: 8, saddles: 18, maxima: 1}}, // 3³: each variable for itself has 2 minima and a maximum
		{name: "booth", n: 2, want: counts{minima: 1}},
		{name: "saddle", n: 2, want: counts{saddles: 1}},
	} {
		found := search(t, c.name, c.n, 200, 1)
		if got := (counts{found.Minima, found.Saddles, found.Maxima, found.Degenerate}); got != c.want {
			t.Errorf("%s of %d: %+v, want %+v", c.name, c.n, got, c.want)
		}
		came := found.Unconverged
		for _, p := range found.Points {
			came += p.Starts
			check(t, c.name, p)
		}
		if came != 200 {
			t.Errorf("%s: %d starts are accounted for", c.name, came)
		}
		for _, k := range c.known {
			has(t, found, k, 2e-6)
		}
		if f := function(t, c.name); f.Critical != nil {
			for _, k := range f.Critical(c.n) {
				nature := k.Nature
				if nature == problem.LocalMinimum {
					nature = problem.Minimum
				}
				has(t, found, Point{Nature: nature, Loss: Number(f.Eval(k.X, nil)), Weights: losses(k.X)}, 1e-6)
			}
		}
	}
}

// check holds a point to what finite differences say.
func check(t *testing.T, name string, p Point) {
	t.Helper()
	f, x, n := function(t, name), Numbers(p.Weights), len(p.Weights)
	loss := func(x []float64) float64 { return f.Eval(x, nil) }
	size := max(1, math.Abs(float64(p.Eigenvalues[0])), math.Abs(float64(p.Eigenvalues[n-1])))
	if g := floats.Norm(fd.Gradient(nil, loss, x, &fd.Settings{Formula: fd.Central}), 2); g > 1e-7*size {
		t.Errorf("%s: at %v the gradient is %.1e", name, x, g)
	}
	if p.Gradient > 1e-10 {
		t.Errorf("%s: at %v the gradient is said to be %.1e", name, x, float64(p.Gradient))
	}
	h := mat.NewSymDense(n, nil)
	fd.Hessian(h, loss, x, &fd.Settings{Formula: fd.Central})
	values, _, err := curvature.Spectrum(h, false)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if math.Abs(v-float64(p.Eigenvalues[i])) > 1e-4*size {
			t.Errorf("%s: at %v an eigenvalue is %v, and %v by differences", name, x, p.Eigenvalues[i], v)
		}
	}
}

// has tells of a point that was not found.
func has(t *testing.T, found CriticalPoints, want Point, tolerance float64) {
	t.Helper()
	for _, p := range found.Points {
		if p.Nature == want.Nature && floats.EqualApprox(Numbers(p.Weights), Numbers(want.Weights), tolerance) && math.Abs(float64(p.Loss-want.Loss)) < 1e-6 {
			return
		}
	}
	t.Errorf("no %s at %v of value %v", want.Nature, want.Weights, want.Loss)
}

// TestCriticalPointsOfHimmelblau: whatever the seed, all are found, and # minima − # saddles + # maxima is 1.
func TestCriticalPointsOfHimmelblau(t *testing.T) {
	for s := range uint64(10) {
		found := search(t, "himmelblau", 2, 200, s)
		if len(found.Points) != 9 || found.Alternating != 1 || found.Unconverged != 0 {
			t.Errorf("seed %d: %d points, %d, %d unconverged", s, len(found.Points), found.Alternating, found.Unconverged)
		}
	}
	if a, b := search(t, "himmelblau", 2, 30, 5), search(t, "himmelblau", 2, 30, 5); !reflect.DeepEqual(a, b) {
		t.Error("the same search finds something else")
	}
}

// TestNoCriticalPoint: where there is none, none is found: at a flat point of |g|², on the way to infinity, and where nothing is finite.
func TestNoCriticalPoint(t *testing.T) {
	line := func(f, slope, curve func(float64) float64) problem.Curved {
		p := &problem.Function{Eval: func(x, g []float64) float64 {
			if g != nil {
				g[0] = slope(x[0])
			}
			return f(x[0])
		}, Hessian: func(x []float64, dst *mat.SymDense) { dst.SetSym(0, 0, curve(x[0])) }}
		o, _ := problem.As[problem.Curved](p.Problem([]float64{0}).Objective(seed.New(1)))
		return o
	}
	cubic := line(func(x float64) float64 { return x*x*x + x }, func(x float64) float64 { return 3*x*x + 1 }, func(x float64) float64 { return 6 * x })
	falling := line(func(x float64) float64 { return math.Exp(-x) }, func(x float64) float64 { return -math.Exp(-x) }, func(x float64) float64 { return math.Exp(-x) })
	inverse := line(func(x float64) float64 { return 1 / x }, func(x float64) float64 { return -1 / (x * x) }, func(x float64) float64 { return 2 / (x * x * x) })
	straight := line(func(x float64) float64 { return x }, func(float64) float64 { return 1 }, func(float64) float64 { return 0 })
	nowhere := line(math.Log, func(float64) float64 { return math.NaN() }, func(float64) float64 { return math.NaN() })
	for name, c := range map[string]struct {
		o     problem.Curved
		start float64
		want  Ending
	}{"x³ + x": {cubic, 2, Flat}, "exp −x": {falling, 1, Far}, "1/x": {inverse, 1, Far}, "x": {straight, 1, Flat}, "NaN": {nowhere, 1, Undecided}} {
		r, err := Search(context.Background(), c.o, []float64{c.start})
		if err != nil || r.Ending != c.want {
			t.Errorf("%s: %s at %v with a gradient of %.1e, %v", name, r.Ending, r.Weights, r.Gradient, err)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Search(ended, cubic, []float64{1}); err == nil {
		t.Error("an end of the context is no error")
	}
}

// TestScaledCriticalPoint: where the loss is scaled, up or down, the same points are found.
func TestScaledCriticalPoint(t *testing.T) {
	f := function(t, "himmelblau")
	for _, scale := range []float64{1e-12, 1e12} {
		scaled := &problem.Function{Range: f.Range, Eval: func(x, g []float64) float64 {
			loss := f.Eval(x, g)
			floats.Scale(scale, g)
			return scale * loss
		}, Hessian: func(x []float64, dst *mat.SymDense) { f.Hessian(x, dst); dst.ScaleSym(scale, dst) }}
		p := scaled.Problem([]float64{0, 0})
		o, _ := problem.As[problem.Curved](p.Objective(seed.New(1)))
		start, _ := Anywhere(p, seed.New(1))
		found, err := Critical(context.Background(), o, 2, 200, start, nil)
		if err != nil || found.Minima != 4 || found.Saddles != 4 || found.Maxima != 1 || found.Unconverged != 0 {
			t.Errorf("scaled by %g: %d minima, %d saddles, %d maxima, %d unconverged, %v", scale, found.Minima, found.Saddles, found.Maxima, found.Unconverged, err)
		}
	}
}

// TestRangeOfDomain: the domain of a function in words has the numbers of its range.
func TestRangeOfDomain(t *testing.T) {
	for _, f := range problem.Functions {
		for _, r := range f.Range {
			if !strings.Contains(f.Domain, "["+fmt.Sprint(r[0])+", "+fmt.Sprint(r[1])+"]") {
				t.Errorf("%s: the domain %q, and %v", f.Name, f.Domain, r)
			}
		}
		if len(f.Range) == 0 {
			t.Errorf("%s has no range", f.Name)
		}
	}
}
