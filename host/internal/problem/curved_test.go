package problem

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/seed"
)

// network fits breast-cancer by some layers, with 455 examples that train.
func network(t testing.TB, layers ...model.Layer) *Supervised {
	t.Helper()
	known, _ := dataset.Find("breast-cancer")
	data, err := known.Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.New(model.Shape{30}, layers)
	if err != nil {
		t.Fatal(err)
	}
	n.L2.Weight = 1e-2
	return &Supervised{Data: data, Network: n, Loss: model.Losses[0],
		Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}}, Batching: dataset.Batching{Sizes: []int{32}, Reshuffle: true}}
}

// curved are problems of every kind, each with its noise.
func curved(t testing.TB) map[string]Problem {
	tanh, _ := model.Activations.Find("tanh")
	dense := func(units int) model.Dense { return model.Dense{Units: units, Weight: model.Glorot{}} }
	norm := model.BatchNorm{Epsilon: 1e-5, Scale: model.Constant{Value: 1}}
	list := map[string]Problem{
		"network":             network(t, model.Activated{Layer: dense(4), Activation: tanh}, dense(1)),
		"network, by chunks":  network(t, model.Activated{Layer: dense(20_000), Activation: tanh}, dense(1)),
		"network, normalised": network(t, dense(4), model.Activated{Layer: norm, Activation: tanh}, model.Dropout{Rate: 0.2}, dense(1)),
		"network, noisy":      WithNoise(network(t, dense(1)), 0.5),
		"noisy":               WithNoise(beale.Problem(beale.Start(2)), 0.5),
		"nonstationary":       NonstationaryQuadratic(constant(1)(4), 100, Movement{Every: 3, Changes: 2, Distance: 3}, 1),
		"random matrices":     RandomMatrix(constant(1)(5), 8, 1),
		"random function":     RandomFunction(constant(0)(4), 50, 1),
		"quadratic":           ConditionedQuadratic(constant(1)(6), 1000, 1),
	}
	for _, f := range StochasticFunctions {
		list[f.Name] = f.Problem(f.Batching())
	}
	for _, f := range Functions {
		list[f.Name] = f.Problem(f.Start(f.Dimension))
	}
	return list
}

// TestUntil: what is computed over all examples ends with its context, also between two chunks, and cannot be taken for the whole.
func TestUntil(t *testing.T) {
	o := curved(t)["network, by chunks"].Objective(seed.New(1)).(*supervised)
	n := Size(o.Layout())
	w, v, into := make([]float64, n), make([]float64, n), make([]float64, n)
	o.Initialize(w)
	for name, c := range map[string]func() float64{
		"gradient":     func() float64 { return o.Gradient(All, w, into) + into[0] },
		"loss":         func() float64 { x, _ := o.Evaluate(Training, w).Loss.Get(); return x },
		"hessian":      func() float64 { o.HessianVector(All, w, v, into); return into[0] },
		"gauss-newton": func() float64 { o.GaussNewtonVector(All, w, v, into); return into[0] },
	} {
		o.Until(t.Context())
		if x := c(); math.IsNaN(x) {
			t.Errorf("%s: %v", name, x)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if o.Until(ctx); !math.IsNaN(c()) {
			t.Errorf("%s goes on", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	o.Until(ctx)
	seen := 0
	if whole := o.chunks(Training, w, func(*examples, float64) { seen++; cancel() }); whole || seen != 1 {
		t.Errorf("%d chunks, whole: %v", seen, whole)
	}
	matrices := curved(t)["random matrices"].Objective(seed.New(1)).(*randomMatrixRun)
	matrices.Until(ctx)
	if matrices.Hessians(nil, func(*mat.SymDense) { seen++ }); seen != 1 {
		t.Errorf("%d matrices", seen-1)
	}
	seen = 0
	if o.ExampleGradients(0, w, func(float64, []float64) { seen++ }); seen != 0 {
		t.Errorf("%d examples", seen)
	}
}

// TestHessianVectors compares products, of a batch and of all examples, with central differences of gradients.
func TestHessianVectors(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	const step, tolerance = 1e-5, 1e-6 // relative, in the Euclidean norm
	for name, p := range curved(t) {
		o := p.Objective(seed.New(1))
		c, is := As[Curved](o)
		if !is {
			t.Fatalf("%s has no products", name)
		}
		n := Size(p.Layout())
		w, v, hv, want, before, moved := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		o.Initialize(w)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range w {
			w[i] += 0.01 * r.NormFloat64()
			v[i] = r.NormFloat64()
		}
		floats.Scale(1/floats.Norm(v, 2), v)
		for _, k := range []int{5, All} {
			if s, is := c.(*supervised); is && k == All && s.Network.Calibrates() {
				continue // the means and variances, which differences move, are constants
			}
			c.HessianVector(k, w, v, hv)
			floats.AddScaledTo(moved, w, step, v)
			o.Gradient(k, moved, want)
			floats.AddScaledTo(moved, w, -step, v)
			o.Gradient(k, moved, before)
			floats.Sub(want, before)
			floats.Scale(1/(2*step), want)
			scale := max(floats.Norm(want, 2), 1e-3)
			if e := floats.Distance(hv, want, 2) / scale; !(e < tolerance) {
				t.Errorf("%s, batch %d: relative error %.1e, allowed %.0e", name, k, e, tolerance)
			}
			if g, is := As[GaussNewton](o); is && len(c.(*supervised).Network.Layout()) == 2 { // linear
				g.GaussNewtonVector(k, w, v, want)
				if e := floats.Distance(hv, want, 2) / scale; !(e < 1e-12) {
					t.Errorf("%s, batch %d: the Gauss-Newton product differs by %.1e", name, k, e)
				}
			}
			if allocs := testing.AllocsPerRun(3, func() { c.HessianVector(k, w, v, hv) }); allocs != 0 {
				t.Errorf("%s, batch %d: %v allocations in a product", name, k, allocs)
			}
		}
	}
}

// TestAll: the gradient of all training examples is that of the loss that is evaluated, whatever the noise; of a network without layers that
// differ in training it is the mean of the gradients of an epoch's batches.
func TestAll(t *testing.T) {
	const tolerance = 1e-12
	for name, p := range curved(t) {
		o := p.Objective(seed.New(1))
		n := Size(p.Layout())
		w, g, mean, part := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		o.Initialize(w)
		loss := o.Gradient(All, w, g)
		if want, _ := o.Evaluate(Training, w).Loss.Get(); math.Abs(loss-want) > tolerance*math.Max(1, math.Abs(want)) {
			t.Errorf("%s: the loss is %v, evaluated %v", name, loss, want)
		}
		s, is := o.(*supervised)
		if !is || s.Network.Calibrates() {
			continue
		}
		rows := 0
		for k := range s.StepsPerEpoch() {
			o.Gradient(k, w, part)
			floats.AddScaled(mean, float64(s.batch.n), part)
			rows += s.batch.n
		}
		floats.Scale(1/float64(rows), mean)
		if e := floats.Distance(g, mean, 2); !(e < tolerance) {
			t.Errorf("%s: the gradient of all differs from the mean of those of batches by %.1e", name, e)
		}
	}
}

// TestWholeHessian: the matrix that is made of products multiplies as these do.
func TestWholeHessian(t *testing.T) {
	const tolerance = 1e-9
	tanh, _ := model.Activations.Find("tanh")
	o, _ := As[Curved](network(t, model.Activated{Layer: model.Dense{Units: 2, Weight: model.Glorot{}}, Activation: tanh},
		model.Dense{Units: 1, Weight: model.Glorot{}}).Objective(seed.New(1)))
	n := Size(o.(*supervised).Layout())
	w, v, hv := make([]float64, n), make([]float64, n), make([]float64, n)
	o.Initialize(w)
	h := mat.NewSymDense(n, nil)
	Hessian(o, w, h)
	for i := range v {
		v[i] = math.Sin(float64(i))
	}
	o.HessianVector(All, w, v, hv)
	var got mat.VecDense
	got.MulVec(h, mat.NewVecDense(n, v))
	if e := floats.Distance(got.RawVector().Data, hv, 2) / floats.Norm(hv, 2); !(e < tolerance) {
		t.Errorf("the matrix times a vector differs from the product by %.1e", e)
	}
}

// TestExampleGradients: their mean is the gradient of the batch, and that of the losses its loss.
func TestExampleGradients(t *testing.T) {
	const tolerance = 1e-12
	seen := 0
	for name, p := range curved(t) {
		o := p.Objective(seed.New(1))
		s, is := As[Sampled](o)
		if n, fitted := p.(*Supervised); !is || fitted && !n.Network.Separable() {
			continue
		}
		if _, noisy := o.(*noisy); noisy {
			continue
		}
		seen++
		n := Size(p.Layout())
		w, g, mean, count := make([]float64, n), make([]float64, n), make([]float64, n), 0.0
		o.Initialize(w)
		batch, loss := o.Gradient(7, w, g), 0.0
		s.ExampleGradients(7, w, func(l float64, g []float64) {
			floats.Add(mean, g)
			loss += l
			count++
		})
		floats.Scale(1/count, mean)
		if e := floats.Distance(g, mean, 2) / floats.Norm(g, 2); count < 2 || !(e < tolerance) {
			t.Errorf("%s: the mean of %v gradients differs by %.1e", name, count, e)
		}
		if e := math.Abs(loss/count/batch - 1); !(e < tolerance) {
			t.Errorf("%s: the mean of %v losses differs by %.1e", name, count, e)
		}
	}
	if seen < 6 {
		t.Errorf("only %d problems have examples", seen)
	}
}
