package problem

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// derivatives has a box for each problem with a Hessian; its points are drawn from there.
func derivatives(t *testing.T) map[string]struct {
	Problem
	low, high []float64
} {
	type box = struct {
		Problem
		low, high []float64
	}
	even := func(p Problem, half float64) box {
		n := Size(p.Layout())
		return box{p, constant(-half)(n), constant(half)(n)}
	}
	list := map[string]box{
		"quadratic":                    even(example(t), 2),
		"quadratic, conditioned":       even(ConditionedQuadratic(constant(1)(6), 1000, 1), 2),
		"branin":                       {branin.Problem(branin.Start(2)), []float64{-5, 0}, []float64{10, 15}},
		"cliff":                        {cliff.Problem(cliff.Start(2)), []float64{3, -3.5}, []float64{7, -1.5}},
		"rosenbrock, five-dimensional": even(rosenbrock.Problem(rosenbrock.Start(5)), 2),
		"nonstationary":                even(NonstationaryQuadratic(constant(1)(4), 100, Movement{Every: 2, Changes: 2, Distance: 3}, 1), 2),
		"random matrix":                even(RandomMatrix(constant(1)(5), 1, 1), 2),
		"random function":              even(RandomFunction(constant(0)(4), 50, 1), 2),
		"noisy":                        even(WithNoise(beale.Problem(beale.Start(2)), 0), 2),
	}
	for _, f := range StochasticFunctions {
		list[f.Name] = even(f.Problem(f.Batching()), 3)
	}
	for _, f := range Functions {
		if _, ok := list[f.Name]; !ok {
			n := f.Dimension
			if f.Least > 0 {
				n = 3
			}
			list[f.Name] = even(f.Problem(f.Start(n)), 2)
		}
	}
	return list
}

// TestDerivativesAgainstFiniteDifferences: gradients against differences of losses and Hessians against differences of
// gradients, by the five-point formula with the best of four steps.
func TestDerivativesAgainstFiniteDifferences(t *testing.T) {
	const tolerance = 1e-7 // relative, in the Euclidean and the Frobenius norm
	stencil := []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -2. / 3}, {Loc: 1, Coeff: 2. / 3},
		{Loc: 2, Coeff: -1. / 12}}
	for name, c := range derivatives(t) {
		o := c.Objective(seed.New(1))
		n := len(c.low)
		r := rand.New(rand.NewPCG(3, 4))
		rounds := 20
		if n > 10 {
			rounds = 1
		}
		for range rounds {
			x, g, scratch := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = c.low[i] + r.Float64()*(c.high[i]-c.low[i])
			}
			loss := o.Gradient(5, x, g)
			if e := o.Evaluate(Training, x); c.StepsPerEpoch() == 0 &&
				(e != Evaluation{Loss: record.Measured(loss)} || o.Evaluate(Validation, x) != Evaluation{}) {
				t.Errorf("%s: loss %v, evaluated %v", name, loss, e)
			}
			h := mat.NewSymDense(n, nil)
			exact, _ := As[Exact](o)
			exact.Hessian(x, h)
			worstGradient, worstHessian := math.Inf(1), math.Inf(1)
			for _, step := range []float64{1e-2, 1e-3, 1e-4, 1e-5} {
				settings := fd.Settings{Formula: fd.Formula{Stencil: stencil, Derivative: 1, Step: step}}
				want := fd.Gradient(nil, func(x []float64) float64 { return o.Gradient(5, x, scratch) }, x, &settings)
				worstGradient = min(worstGradient, floats.Distance(g, want, 2)/floats.Norm(want, 2))
				j, difference := mat.NewDense(n, n, nil), mat.NewDense(n, n, nil)
				fd.Jacobian(j, func(y, x []float64) { o.Gradient(5, x, y) }, x, &fd.JacobianSettings{Formula: settings.Formula})
				difference.Sub(j, h)
				worstHessian = min(worstHessian, mat.Norm(difference, 2)/mat.Norm(h, 2))
			}
			if !(worstGradient < tolerance && worstHessian < tolerance) {
				t.Errorf("%s at %v: relative error %.1e of the gradient, %.1e of the Hessian", name, x, worstGradient,
					worstHessian)
			}
		}
	}
}

func TestCriticalPoints(t *testing.T) {
	for _, f := range Functions {
		for _, n := range []int{f.Dimension, f.Least, 4} {
			if n != f.Dimension && (f.Least == 0 || n < f.Least) {
				continue
			}
			lowest := math.Inf(1)
			for _, p := range f.Critical(n) {
				g, h := make([]float64, n), mat.NewSymDense(n, nil)
				value := f.Eval(p.X, g)
				f.Hessian(p.X, h)
				if e := floats.Norm(g, 2); e > 1e-13*max(1, mat.Norm(h, 2)) { // as the last digit of a coordinate allows
					t.Errorf("%s: the gradient has norm %.1e at the %s %v", f.Name, e, p.Nature, p.X)
				}
				var eigen mat.EigenSym
				if !eigen.Factorize(h, false) {
					t.Fatal(f.Name)
				}
				e := eigen.Values(nil)
				low, high := e[0], e[n-1]
				is := map[Nature]bool{Minimum: low > 0, LocalMinimum: low > 0, Maximum: high < 0, Saddle: low < 0 && high > 0,
					Valley: math.Abs(low) < 1e-12*high, Degenerate: low == 0 || math.Abs(low) < 1e-12*high}
				if !is[p.Nature] {
					t.Errorf("%s: no %s at %v, where the Hessian has the eigenvalues %v", f.Name, p.Nature, p.X, e)
				}
				switch {
				case p.Nature == Minimum || p.Nature == Valley:
					lowest = value
				case p.Nature == LocalMinimum && value < lowest+1e-3:
					t.Errorf("%s: the local minimum %v at %v is not above the minimum %v", f.Name, value, p.X, lowest)
				}
			}
			if start := f.Start(n); len(start) != n || floats.HasNaN(start) {
				t.Errorf("%s: start %v for n = %d", f.Name, start, n)
			}
		}
	}
}

// TestPublishedValues compares with values from the cited literature, as many digits as they have.
func TestPublishedValues(t *testing.T) {
	for _, c := range []struct {
		f         *Function
		x         []float64
		want, tol float64
	}{
		{rosenbrock, []float64{-1.2, 1}, 24.2, 1e-13},
		{beale, []float64{1, 1}, 14.203125, 1e-13},
		{branin, []float64{math.Pi, 2.275}, 0.397887, 5e-7},
		{himmelblau, []float64{-0.270845, -0.923039}, 181.617, 5e-4},
		{himmelblau, []float64{-2.805118, 3.131312}, 0, 1e-9},
		{styblinskiTang, []float64{-2.903534, -2.903534}, -39.16617 * 2, 1e-4},
		{threeHumpCamel, []float64{1.747552, -0.873776}, 0.298638, 5e-7},
		{booth, []float64{0, 0}, 74, 0},
		{rastrigin, []float64{1, 1}, 2, 1e-13},
	} {
		if got := c.f.Eval(c.x, nil); !(math.Abs(got-c.want) <= c.tol) {
			t.Errorf("%s at %v is %v, want %v", c.f.Name, c.x, got, c.want)
		}
	}
}

func TestConditionedQuadratic(t *testing.T) {
	const n, condition = 20, 1e4
	h := mat.NewSymDense(n, nil)
	p := ConditionedQuadratic(constant(1)(n), condition, 7)
	p.Objective(seed.New(1)).(Exact).Hessian(nil, h)
	var eigen mat.EigenSym
	if !eigen.Factorize(h, false) {
		t.Fatal("no eigenvalues")
	}
	for i, e := range eigen.Values(nil) {
		if want := math.Pow(condition, float64(i)/(n-1)-1); math.Abs(e-want) > 1e-13 {
			t.Errorf("eigenvalue %d is %v, want %v", i, e, want)
		}
	}
	again, other := mat.NewSymDense(n, nil), mat.NewSymDense(n, nil)
	ConditionedQuadratic(constant(0)(n), condition, 7).Objective(seed.New(2)).(Exact).Hessian(nil, again)
	ConditionedQuadratic(constant(0)(n), condition, 8).Objective(seed.New(2)).(Exact).Hessian(nil, other)
	if !mat.Equal(h, again) || mat.EqualApprox(h, other, 1e-3) {
		t.Error("the matrix does not follow from the seed alone")
	}
}

func TestNoiseDependsOnSeedAndStepAlone(t *testing.T) {
	const sigma, steps = 0.5, 4000
	p := WithNoise(saddle.Problem([]float64{1, 2}), sigma)
	a, b, x, g := p.Objective(seed.New(3)), p.Objective(seed.New(3)), []float64{1, 2}, make([]float64, 2)
	errors, sum, squares := make([][2]float64, steps), 0.0, 0.0
	for k := range steps {
		if loss := a.Gradient(k, x, g); loss != 1 || a.Evaluate(Training, x).Loss != record.Measured(1) {
			t.Fatalf("the loss is %v", loss)
		}
		errors[k] = [2]float64{g[0] - 10, g[1] + 4}
		for _, e := range errors[k] {
			sum, squares = sum+e, squares+e*e
		}
	}
	if mean, deviation := sum/(2*steps), math.Sqrt(squares/(2*steps)); math.Abs(mean) > 0.02 ||
		math.Abs(deviation-sigma) > 0.02 {
		t.Errorf("mean %v, standard deviation %v", mean, deviation)
	}
	for k := steps - 1; k >= 0; k -= 97 {
		b.Gradient(k, x, g)
		if got := [2]float64{g[0] - 10, g[1] + 4}; got != errors[k] {
			t.Fatalf("step %d backwards has the error %v, forwards %v", k, got, errors[k])
		}
	}
	if p.Objective(seed.New(4)).Gradient(0, x, g); g[0]-10 == errors[0][0] {
		t.Error("another seed has the same noise")
	}
}

func TestFunctionsAllocateNothing(t *testing.T) {
	for name, c := range derivatives(t) {
		o, g, k := c.Objective(seed.New(1)), make([]float64, len(c.low)), 0
		if n := testing.AllocsPerRun(5, func() { o.Gradient(k, c.low, g); k++ }); n != 0 {
			t.Errorf("%s: %v allocations in a step", name, n)
		}
	}
}
