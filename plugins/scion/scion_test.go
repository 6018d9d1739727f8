package scion

import (
	"math"
	"slices"
	"testing"

	"github.com/steepest/steepest/plugins/internal/matrix"
	"github.com/steepest/steepest/sdk"
)

// tensor has weights and a gradient far from any symmetry.
func tensor(place sdk.Place, shape ...int) sdk.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	x := sdk.Tensor{Shape: shape, Place: place, Grad: make([]float64, n), Weights: make([]float64, n), Update: make([]float64, n)}
	for i := range n {
		x.Weights[i], x.Grad[i] = math.Cos(float64(i)), math.Sin(float64(i*i))
	}
	return x
}

// place is the matrix of one place of a kernel.
func place(d []float64, places, p int) (m []float64) {
	for i := p; i < len(d); i += places {
		m = append(m, d[i])
	}
	return m
}

// TestBegin: weights begin on the boundaries of their balls, whatever they were, and each place of a kernel is an orthogonal matrix.
func TestBegin(t *testing.T) {
	h := hyper{Radius: 3, LastRadius: 7, First: "spectral", Hidden: "spectral", Last: "sign"}
	start := func(h hyper, x sdk.Tensor) (w []float64) {
		begin(h, x)
		for i, u := range x.Update {
			w = append(w, x.Weights[i]+u)
		}
		return w
	}
	for _, c := range []struct {
		place                sdk.Place
		rows, inputs, places int
		scale                float64
	}{
		{sdk.Hidden, 5, 3, 1, math.Sqrt(5. / 3)}, {sdk.Hidden, 3, 5, 1, math.Sqrt(3. / 5)}, {sdk.First, 3, 5, 1, 1}, {sdk.First, 5, 3, 1, math.Sqrt(5. / 3)},
		{sdk.Hidden, 40, 40, 1, 1}, {sdk.Hidden, 4, 2, 6, math.Sqrt(2) / 6}, {sdk.Hidden, 1, 1, 1, 1},
	} {
		shape := []int{c.rows, c.inputs}
		if c.places > 1 {
			shape = append(shape, 2, c.places/2)
		}
		w := start(h, tensor(c.place, shape...))
		for p := range c.places {
			n := min(c.rows, c.inputs)
			gram := make([]float64, n*n)
			matrix.Average(gram, n, 0, c.rows > c.inputs, matrix.Of(c.rows, c.inputs, place(w, c.places, p)), 1)
			for i, g := range gram {
				want := 0.0
				if i%(n+1) == 0 {
					want = 9 * c.scale * c.scale
				}
				if math.Abs(g-want) > 1e-9 {
					t.Fatalf("%+v: element %d of the product with itself is %v, want %v", c, i, g, want)
				}
			}
		}
	}
	signs := start(h, tensor(sdk.Last, 6, 4))
	for _, w := range signs {
		if math.Abs(math.Abs(w)-7./4) > 1e-12 {
			t.Errorf("the last layer begins with %v", signs)
			break
		}
	}
	h.First = "column"
	for j, w := range start(h, tensor(sdk.First, 4, 3))[:3] {
		column := place(start(h, tensor(sdk.First, 4, 3)), 3, j)
		if math.Abs(matrix.Norm(column)-3*2) > 1e-6 || column[0] != w {
			t.Errorf("column %d has length %v, want 6", j, matrix.Norm(column))
		}
	}
	if bias := start(h, tensor(sdk.Hidden, 5)); matrix.Norm(bias) > 1e-15 {
		t.Errorf("a bias begins at %v", bias)
	}
	start(h, tensor(sdk.Hidden, 0, 3))
	start(h, tensor(sdk.Hidden, 3, 0))
}

// TestKernel: a kernel's step is that of the matrix with a row for each output, over its places.
func TestKernel(t *testing.T) {
	update := func(shape ...int) []float64 {
		x, s := tensor(sdk.Hidden, shape...), state{D: make(sdk.Vec, 48)}
		x.K = 1
		step(hyper{LR: 0.1, Alpha: 0.2, Radius: 2, Hidden: "spectral"}, &s, x)
		return x.Update
	}
	kernel, flat := update(4, 3, 2, 2), update(4, 12)
	for i := range flat {
		flat[i] *= math.Sqrt(4./3) / 4 / math.Sqrt(4./12)
	}
	if slices.ContainsFunc(kernel, func(x float64) bool { return x == 0 }) {
		t.Fatal("nothing to compare")
	}
	for i := range flat {
		if math.Abs(kernel[i]-flat[i]) > 1e-15 {
			t.Fatalf("element %d is %v, want %v", i, kernel[i], flat[i])
		}
	}
}
