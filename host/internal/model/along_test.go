package model

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/seed"
)

// direction draws a vector of unit length.
func direction(n int, r *rand.Rand) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	floats.Scale(1/floats.Norm(v, 2), v)
	return v
}

// TestHessianVector compares the product of every layer, activation and loss, in training and in evaluation, with central differences of the
// gradient along the vector, and the whole Hessian with its transpose. Kinks do not matter: inputs of unit scale are never within 1e-5 of one here.
func TestHessianVector(t *testing.T) {
	if testing.Short() {
		t.Skip("TestThreadsChangeNoBit has threads to look at, and these networks are too small for some")
	}
	const (
		step      = 1e-5
		tolerance = 1e-6  // relative, in the Euclidean norm
		asymmetry = 1e-10 // relative to the largest element
	)
	defer blas.SetThreads(1)
	for name, c := range designs(t) {
		for _, loss := range Losses {
			t.Run(name+"/"+loss.Name, func(t *testing.T) {
				for threads := 1; threads <= 2; threads++ {
					blas.SetThreads(threads)
					n, w := network(t, c.in, c.layers...)
					n.L2 = c.l2
					x, y := examples(loss, 7, c.in.Size(), 3)
					pass := n.NewPass(seed.New(2))
					pass.Calibrate(w, x)
					for _, k := range []int{3, Evaluation} {
						v, g, hv := direction(len(w), rand.New(rand.NewPCG(5, 6))), make([]float64, len(w)), make([]float64, len(w))
						value := pass.HessianVector(loss, k, w, x, y, v, g, hv)
						at := func(h float64) (float64, []float64) {
							moved, g := make([]float64, len(w)), make([]float64, len(w))
							floats.AddScaledTo(moved, w, h, v)
							return pass.Gradient(loss, k, moved, x, y, g), g
						}
						if v, same := at(0); v != value || !floats.Equal(same, g) {
							t.Errorf("step %d: loss or gradient differ from those of Gradient", k)
						}
						_, want := at(step)
						_, before := at(-step)
						floats.Sub(want, before)
						floats.Scale(1/(2*step), want)
						if e := floats.Distance(hv, want, 2) / floats.Norm(want, 2); !(e < tolerance) {
							t.Errorf("step %d, %d threads: relative error %.1e, allowed %.0e", k, threads, e, tolerance)
						}
						h := hessian(pass, loss, k, w, x, y)
						var turned mat.Dense
						turned.Sub(h, h.T())
						if e := mat.Norm(&turned, math.Inf(1)) / mat.Norm(h, math.Inf(1)); !(e < asymmetry) {
							t.Errorf("step %d: asymmetric by %.1e, allowed %.0e", k, e, asymmetry)
						}
					}
				}
			})
		}
	}
}

// hessian is the whole matrix, column by column.
func hessian(pass *Pass, loss Loss, k int, w []float64, x *mat.Dense, y []float64) *mat.Dense {
	h := mat.NewDense(len(w), len(w), nil)
	v, g, hv := make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
	for i := range v {
		v[i] = 1
		pass.HessianVector(loss, k, w, x, y, v, g, hv)
		h.SetCol(i, hv)
		v[i] = 0
	}
	return h
}

// TestExplicitHessian compares the whole Hessian of a network with one hidden layer of tanh and a sigmoid output with the second derivatives
// written out: of z = a tanh(Wx + b) + c, and Σ (l” ∇z ∇zᵀ + l' ∇²z) / n of the cross-entropy l.
func TestExplicitHessian(t *testing.T) {
	const inputs, hidden, batch, tolerance = 3, 5, 11, 1e-9 // of each element, relative to the largest
	n, w := perceptron(t, mustActivation(t, "tanh"), inputs, 1, hidden)
	x, y := examples(binaryEntropy, batch, inputs, 1)
	size, first, outer := len(w), inputs*hidden, inputs*hidden+hidden // W, b, a, c
	want := mat.NewSymDense(size, nil)
	for e := range batch {
		row, z := append([]float64{1}, x.RawRowView(e)...), w[size-1]
		place := func(j, i int) int { // of the weight of input i, from 1, or of the bias, 0
			if i == 0 {
				return first + j
			}
			return j*inputs + i - 1
		}
		slope, second := mat.NewVecDense(size, nil), mat.NewSymDense(size, nil)
		for j := range hidden {
			sum := 0.0
			for i, v := range row {
				sum += w[place(j, i)] * v
			}
			s, a := math.Tanh(sum), w[outer+j]
			z += a * s
			slope.SetVec(outer+j, s)
			for i, v := range row {
				slope.SetVec(place(j, i), a*(1-s*s)*v)
				second.SetSym(place(j, i), outer+j, (1-s*s)*v)
				for k, u := range row {
					second.SetSym(place(j, i), place(j, k), -2*a*s*(1-s*s)*v*u)
				}
			}
		}
		slope.SetVec(size-1, 1)
		p := 1 / (1 + math.Exp(-z))
		second.ScaleSym((p-y[e])/batch, second)
		want.AddSym(want, second)
		want.SymRankOne(want, p*(1-p)/batch, slope)
	}
	var off mat.Dense
	off.Sub(hessian(n.NewPass(seed.New(1)), binaryEntropy, 0, w, x, y), want)
	if worst := max(mat.Max(&off), -mat.Min(&off)) / max(mat.Max(want), -mat.Min(want)); !(worst < tolerance) {
		t.Errorf("relative error %.1e, allowed %.0e", worst, tolerance)
	} else {
		t.Logf("relative error %.1e", worst)
	}
}

// TestGaussNewtonVector: the product is that of JᵀHJ with the Jacobian and the Hessian of the loss written out, and so symmetric and positive
// semidefinite; of a network that is linear in its parameters it is that of the Hessian.
func TestGaussNewtonVector(t *testing.T) {
	const tolerance = 1e-6 // relative, since the Jacobian is by central differences
	for _, loss := range Losses {
		for _, hidden := range [][]int{{}, {6}} {
			n, w := perceptron(t, mustActivation(t, "tanh"), 4, 3, hidden...)
			n.L2 = L2{Weight: 0.1}
			x, y := examples(loss, 7, 4, 3)
			pass := n.NewPass(seed.New(2))
			v, g, hv, want := direction(len(w), rand.New(rand.NewPCG(5, 6))), make([]float64, len(w)), make([]float64, len(w)), make([]float64, len(w))
			pass.GaussNewtonVector(loss, 0, w, x, y, v, hv)
			if len(hidden) == 0 {
				pass.HessianVector(loss, 0, w, x, y, v, g, want)
			} else {
				jacobian := outputs(pass, w, x)
				var jv mat.VecDense
				jv.MulVec(jacobian, mat.NewVecDense(len(v), v))
				z := append([]float64(nil), pass.Forward(w, x)...)
				hjv := make([]float64, len(z))
				loss.along(z, jv.RawVector().Data, 3, float64(len(y)), hjv)
				into := mat.NewVecDense(len(want), want)
				into.MulVec(jacobian.T(), mat.NewVecDense(len(hjv), hjv))
				n.penaltyAlong(v, want)
			}
			if e := floats.Distance(hv, want, 2) / floats.Norm(want, 2); !(e < tolerance) {
				t.Errorf("%s, hidden %v: relative error %.1e, allowed %.0e", loss.Name, hidden, e, tolerance)
			}
			if floats.Dot(v, hv) < 0 {
				t.Errorf("%s, hidden %v: the matrix is not positive semidefinite", loss.Name, hidden)
			}
		}
	}
}

// outputs is the Jacobian of all outputs, by central differences.
func outputs(pass *Pass, w []float64, x *mat.Dense) *mat.Dense {
	const step = 1e-5
	at := append([]float64(nil), w...)
	var j *mat.Dense
	for i := range w {
		at[i] = w[i] + step
		up := append([]float64(nil), pass.Forward(at, x)...)
		at[i] = w[i] - step
		floats.Sub(up, pass.Forward(at, x))
		at[i] = w[i]
		floats.Scale(1/(2*step), up)
		if j == nil {
			j = mat.NewDense(len(up), len(w), nil)
		}
		j.SetCol(i, up)
	}
	return j
}

// BenchmarkHessianVector reports the time of a product, with the Hessian and with the Gauss-Newton matrix, in that of a gradient of the same
// batch, all measured in turn: of a perceptron and of DeepOBS's 2c2d on images as those of Fashion-MNIST, and of the smallest of the experiments.
func BenchmarkHessianVector(b *testing.B) {
	tanh, relu := mustActivation(b, "tanh"), mustActivation(b, "relu")
	five, two := Window{[2]int{5, 5}, [2]int{1, 1}, true}, Window{[2]int{2, 2}, [2]int{2, 2}, true}
	for _, c := range []struct {
		name   string
		in     Shape
		batch  int
		loss   Loss
		out    int
		layers []Layer
	}{
		{"2-16-1", Shape{2}, 32, binaryEntropy, 1, []Layer{Activated{Dense{Units: 16, Weight: Glorot{}}, tanh}, Dense{Units: 1, Weight: Glorot{}}}},
		{"perceptron", Shape{784}, 64, softmaxEntropy, 10, []Layer{Activated{Dense{Units: 128, Weight: Glorot{}}, relu}, Dense{Units: 10, Weight: Glorot{}}}},
		{"2c2d", Shape{28, 28, 1}, 32, softmaxEntropy, 10, []Layer{
			Activated{Conv2D{Filters: 32, Window: five, Weight: Glorot{}}, relu}, Pool{Window: two},
			Activated{Conv2D{Filters: 64, Window: five, Weight: Glorot{}}, relu}, Pool{Window: two}, Flatten{},
			Activated{Dense{Units: 1024, Weight: Glorot{}}, relu}, Dense{Units: 10, Weight: Glorot{}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			n, w := network(b, c.in, c.layers...)
			x, y := examples(c.loss, c.batch, c.in.Size(), c.out)
			v, g, hv := direction(len(w), rand.New(rand.NewPCG(5, 6))), make([]float64, len(w)), make([]float64, len(w))
			pass := n.NewPass(seed.New(1))
			var gradient, product, gaussNewton time.Duration
			pass.HessianVector(c.loss, 0, w, x, y, v, g, hv)
			b.ReportAllocs()
			for b.Loop() {
				begin := time.Now()
				pass.Gradient(c.loss, 0, w, x, y, g)
				middle := time.Now()
				pass.HessianVector(c.loss, 0, w, x, y, v, g, hv)
				end := time.Now()
				pass.GaussNewtonVector(c.loss, 0, w, x, y, v, hv)
				gaussNewton += time.Since(end)
				gradient += middle.Sub(begin)
				product += end.Sub(middle)
			}
			b.ReportMetric(float64(product)/float64(gradient), "gradients/product")
			b.ReportMetric(float64(gaussNewton)/float64(gradient), "gradients/gauss-newton")
		})
	}
}

// TestSteepest: what every activation says of its derivative is so, on a grid.
func TestSteepest(t *testing.T) {
	for _, f := range Activations {
		if f.forward == nil {
			continue
		}
		largest := 0.0
		for x := -10.0; x <= 10; x += 1e-3 {
			in, out, slope := []float64{x}, []float64{x}, []float64{1}
			f.forward(out)
			f.backward(in, out, slope)
			largest = max(largest, math.Abs(slope[0]))
		}
		if math.Abs(largest-f.Steepest) > 1e-6 && !(largest < f.Steepest && f.Steepest-largest < 1e-4) {
			t.Errorf("the largest derivative of %s is %v, said to be %v", f.Name, largest, f.Steepest)
		}
	}
}
