package problem

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestRandomMatrixIsOrthogonalEnsemble: the variances of the elements, and the probability that all eigenvalues are positive, are those known.
func TestRandomMatrixIsOrthogonalEnsemble(t *testing.T) {
	const samples = 20_000
	for n, want := range map[int]float64{1: 0.5, 2: (2 - math.Sqrt2) / 4, 3: (math.Pi - 2*math.Sqrt2) / (4 * math.Pi)} {
		o := RandomMatrix(constant(1)(n), samples, 1).Objective(seed.New(1)).(Ensemble)
		var diagonal, beside []float64
		positive := 0.0
		o.Hessians(nil, func(h *mat.SymDense) {
			for i := range n {
				diagonal = append(diagonal, h.At(i, i))
				for j := range i {
					beside = append(beside, h.At(i, j))
				}
			}
			var eigen mat.EigenSym
			if !eigen.Factorize(h, false) {
				t.Fatal("no eigenvalues")
			}
			if eigen.Values(nil)[0] > 0 {
				positive++
			}
		})
		got, deviation := positive/samples, math.Sqrt(want*(1-want)/samples)
		if !(math.Abs(got-want) < 4*deviation) {
			t.Errorf("n = %d: a share of %v is positive definite, want %v ± %v", n, got, want, deviation)
		}
		for variance, list := range map[float64][]float64{2: diagonal, 1: beside} {
			if m, v := stat.PopMeanVariance(list, nil); len(list) > 0 && (math.Abs(m) > 0.05 || math.Abs(v/variance-1) > 0.05) {
				t.Errorf("n = %d: elements of mean %v and variance %v, want 0 and %v", n, m, v, variance)
			}
		}
	}
}

// TestRandomMatrixSteps: step k meets sample k modulo their number, and all have their mean.
func TestRandomMatrixSteps(t *testing.T) {
	const n, samples, tolerance = 4, 3, 1e-14
	x := []float64{1, -2, 3, 0.5}
	o := RandomMatrix(x, samples, 1).Objective(seed.New(1))
	mean, g, again := make([]float64, n), make([]float64, n), make([]float64, n)
	loss := 0.0
	for k := range samples {
		loss += o.Gradient(k, x, g) / samples
		floats.AddScaled(mean, 1./samples, g)
		if o.Gradient(k+samples, x, again); !floats.Equal(g, again) {
			t.Errorf("step %d has the gradient %v, step %d %v", k, g, k+samples, again)
		}
	}
	if all := o.Gradient(All, x, g); !floats.EqualApprox(g, mean, tolerance) || math.Abs(all-loss) > tolerance {
		t.Errorf("all: %v, %v; want %v, %v", all, g, loss, mean)
	}
	if o.Gradient(0, x, g); floats.Equal(g, again) {
		t.Error("two samples are the same")
	}
	RandomMatrix(x, samples, 2).Objective(seed.New(1)).Gradient(0, x, again)
	if floats.Equal(g, again) {
		t.Error("another seed has the same matrices")
	}
}

// TestRandomFunctionIsGaussianField: over many functions the values, gradients and Hessians at a point have the covariances of a field whose covariance
// is exp(-r²/2): H + f I is a random matrix of the orthogonal ensemble, independent of f.
func TestRandomFunctionIsGaussianField(t *testing.T) {
	const n, functions = 2, 4000
	var f, slope, diagonal, beside, with, far []float64
	x, y, g, h := []float64{0.3, -1.2}, []float64{0.3, -0.2}, make([]float64, n), mat.NewSymDense(n, nil)
	for s := range functions {
		o := RandomFunction(x, 100, uint64(s)).Objective(seed.New(1))
		value := o.Gradient(0, x, g)
		o.(Exact).Hessian(x, h)
		f, slope = append(f, value), append(slope, g[0])
		diagonal, beside = append(diagonal, h.At(0, 0)+value), append(beside, h.At(0, 1))
		with, far = append(with, value*(h.At(1, 1)+value)), append(far, value*o.Gradient(0, y, nil))
	}
	for _, c := range []struct {
		name string
		got  float64
		want float64
	}{
		{"variance of f", stat.PopVariance(f, nil), 1}, {"mean of f", stat.Mean(f, nil), 0},
		{"variance of the slope", stat.PopVariance(slope, nil), 1},
		{"variance on the diagonal of H + f I", stat.PopVariance(diagonal, nil), 2}, {"beside it", stat.PopVariance(beside, nil), 1},
		{"covariance of f and H + f I", stat.Mean(with, nil), 0}, {"covariance of f at distance 1", stat.Mean(far, nil), math.Exp(-0.5)},
	} {
		if !(math.Abs(c.got-c.want) < 0.12) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestNonstationaryQuadratic(t *testing.T) {
	const n, distance, tolerance = 3, 2.5, 1e-12
	x, g := constant(1)(n), make([]float64, n)
	o := NonstationaryQuadratic(x, 100, Movement{Every: 10, Changes: 2, Distance: distance}, 1).Objective(seed.New(1))
	h := mat.NewSymDense(n, nil)
	o.(Exact).Hessian(x, h)
	place := func(k int) []float64 { // x - H⁻¹ g
		o.Gradient(k, x, g)
		var step mat.VecDense
		if err := step.SolveVec(h, mat.NewVecDense(n, g)); err != nil {
			t.Fatal(err)
		}
		c := make([]float64, n)
		floats.SubTo(c, x, step.RawVector().Data)
		return c
	}
	if c := place(9); floats.Norm(c, 2) > tolerance {
		t.Errorf("at step 9 the minimum is at %v", c)
	}
	first, second := place(10), place(20)
	for k, c := range map[int][]float64{19: first, 29: second, 1_000_000: second, All: second} {
		if got := place(k); !floats.EqualApprox(got, c, tolerance) {
			t.Errorf("at step %d the minimum is at %v, want %v", k, got, c)
		}
	}
	if math.Abs(floats.Norm(first, 2)-distance) > tolerance || math.Abs(floats.Norm(second, 2)-distance) > tolerance || floats.Distance(first, second, 2) < 0.1 {
		t.Errorf("the minimum moves to %v and %v", first, second)
	}
	if value := o.Evaluate(Training, second); value.Loss == (record.Value{}) || o.Gradient(0, second, g) < 0.1 {
		t.Errorf("%+v at the last minimum", value)
	} else if loss, _ := value.Loss.Get(); loss > 1e-20 {
		t.Errorf("the loss at the last minimum is %v", loss)
	}
}

// TestBoxes: a random function has a domain, and a quadratic has none.
func TestBoxes(t *testing.T) {
	if b, is := AsBoxed(RandomFunction(constant(0)(3), 5, 1)); !is {
		t.Error("a random function has no domain")
	} else if low, high := b.Box(); len(low) != 3 || len(high) != 3 || low[0] >= high[0] {
		t.Errorf("the domain is from %v to %v", low, high)
	}
	for _, p := range []Problem{ConditionedQuadratic(constant(1)(3), 10, 1), RandomMatrix(constant(1)(3), 2, 1),
		NonstationaryQuadratic(constant(1)(3), 10, Movement{Every: 1, Changes: 1, Distance: 1}, 1)} {
		if _, is := AsBoxed(p); is {
			t.Errorf("%T has a domain", p)
		}
	}
}
