package model

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/seed"
)

// network makes a network, at once with random weights, all of them off zero.
func network(t testing.TB, in Shape, layers ...Layer) (*Network, []float64) {
	t.Helper()
	n, err := New(in, layers)
	if err != nil {
		t.Fatal(err)
	}
	w := make([]float64, n.Size())
	n.Initialize(seed.New(1), w)
	r := rand.New(rand.NewPCG(7, 8))
	for i := range w {
		w[i] += 0.1 * r.NormFloat64()
	}
	return n, w
}

// perceptron has an activation after each layer but the last.
func perceptron(t testing.TB, activation Activation, in, out int, hidden ...int) (*Network, []float64) {
	var layers []Layer
	for _, units := range hidden {
		layers = append(layers, Activated{Dense{Units: units, Weight: DefaultWeight(activation)}, activation})
	}
	return network(t, Shape{in}, append(layers, Dense{Units: out, Weight: Glorot{}})...)
}

// examples draws inputs of unit scale and targets for a loss.
func examples(loss Loss, n, in, out int) (*mat.Dense, []float64) {
	r := rand.New(rand.NewPCG(3, uint64(n)))
	x := mat.NewDense(n, in, nil)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = r.NormFloat64()
	}
	var y []float64
	switch {
	case loss.ByClass:
		y = make([]float64, n)
		for i := range y {
			y[i] = float64(r.IntN(out))
		}
	case loss.Accuracy != nil:
		y = make([]float64, n*out)
		for i := range y {
			y[i] = float64(r.IntN(2))
		}
	default:
		y = make([]float64, n*out)
		for i := range y {
			y[i] = r.NormFloat64()
		}
	}
	return x, y
}

// design is a network that derivatives are compared of.
type design struct {
	in     Shape
	l2     L2
	layers []Layer
}

// designs have every layer and activation, for 3 outputs.
func designs(t *testing.T) map[string]design {
	glorot := Glorot{}
	window := func(size, stride int, same bool) Window {
		return Window{[2]int{size, size}, [2]int{stride, stride}, same}
	}
	conv := func(filters int, w Window) Layer { return Conv2D{Filters: filters, Window: w, Weight: glorot} }
	dense := func(units int) Layer { return Dense{Units: units, Weight: glorot} }
	tanh := mustActivation(t, "tanh")
	image := Shape{7, 6, 2}
	norm := BatchNorm{Epsilon: 1e-5, Scale: Constant{Value: 1}}
	all := map[string]design{
		"no hidden layer":       {Shape{5}, L2{}, []Layer{dense(3)}},
		"large dense":           {Shape{40}, L2{}, []Layer{Activated{dense(30), tanh}, dense(3)}}, // by BLAS
		"no bias":               {Shape{5}, L2{}, []Layer{Dense{Units: 40, Weight: glorot, NoBias: true}, dense(3)}},
		"l2":                    {Shape{5}, L2{0.3, 0.2, 0.1}, []Layer{dense(4), norm, dense(3)}},
		"convolution":           {image, L2{}, []Layer{Activated{conv(3, window(3, 1, false)), tanh}, conv(2, window(3, 1, true)), Flatten{}, dense(3)}},
		"strides":               {image, L2{}, []Layer{conv(3, Window{[2]int{2, 4}, [2]int{1, 1}, true}), conv(2, Window{[2]int{3, 2}, [2]int{2, 3}, true}), conv(2, window(2, 2, false)), Flatten{}, dense(3)}},
		"conv without bias":     {image, L2{}, []Layer{Conv2D{Filters: 3, Window: window(3, 2, true), NoBias: true, Weight: glorot}, Flatten{}, dense(3)}},
		"max-pool":              {image, L2{}, []Layer{conv(3, window(3, 1, true)), Pool{Window: window(2, 2, true)}, Pool{Window: window(3, 1, false)}, Flatten{}, dense(3)}},
		"average-pool":          {image, L2{}, []Layer{conv(3, window(3, 1, true)), Pool{window(2, 2, true), true}, Pool{window(3, 1, false), true}, Flatten{}, dense(3)}},
		"dropout":               {Shape{5}, L2{}, []Layer{Activated{dense(20), tanh}, Dropout{0.4}, dense(3)}},
		"batch-norm":            {Shape{5}, L2{}, []Layer{dense(6), Activated{norm, tanh}, dense(3)}},
		"batch-norm, images":    {image, L2{}, []Layer{conv(3, window(3, 1, true)), Activated{norm, tanh}, Pool{Window: window(2, 2, false)}, Flatten{}, dense(3)}},
		"first without weights": {image, L2{}, []Layer{Pool{Window: window(2, 2, false)}, norm, Flatten{}, Dropout{0.1}, dense(3)}},
	}
	for _, activation := range Activations {
		all[activation.Name] = design{Shape{4}, L2{}, []Layer{Activated{dense(6), activation}, Activated{dense(5), activation}, dense(3)}}
	}
	for _, k := range LayerKinds { // each behind a layer with weights, as an experiment has it with its defaults
		layer := k.Make(defaults(k))
		add := func(name string, in Shape, layers ...Layer) {
			all["kind "+k.Name+name] = design{in, L2{}, append(layers, dense(3))}
		}
		if k.Takes != Images {
			add("", Shape{5}, dense(6), layer)
		}
		if k.Takes != Vectors {
			add(", images", image, conv(3, window(3, 1, true)), layer, Flatten{})
		}
	}
	return all
}

// TestGradients compares the gradient of every layer, activation and loss with central differences. Kinks do not matter:
// inputs of unit scale are never within 1e-5 of one here.
func TestGradients(t *testing.T) {
	if testing.Short() {
		t.Skip("TestThreadsChangeNoBit has threads to look at, and these networks are too small for some")
	}
	const tolerance = 1e-6 // relative, in the Euclidean norm
	defer blas.SetThreads(1)
	for name, c := range designs(t) {
		for _, loss := range Losses {
			t.Run(name+"/"+loss.Name, func(t *testing.T) {
				for threads := 1; threads <= 2; threads++ {
					blas.SetThreads(threads)
					n, w := network(t, c.in, c.layers...)
					n.L2 = c.l2
					x, y := examples(loss, 7, c.in.Size(), 3)
					g, scratch := make([]float64, len(w)), make([]float64, len(w))
					pass := n.NewPass(seed.New(2))
					value := pass.Gradient(loss, 3, w, x, y, g)
					want := fd.Gradient(nil, func(w []float64) float64 { return pass.Gradient(loss, 3, w, x, y, scratch) }, w,
						&fd.Settings{Formula: fd.Central, Step: 1e-5})
					if e := floats.Distance(g, want, 2) / floats.Norm(want, 2); !(e < tolerance) {
						t.Errorf("%d threads: relative error %.1e, allowed %.0e", threads, e, tolerance)
					}
					again := n.NewPass(seed.New(2))
					if v := again.Gradient(loss, 3, w, x, y, scratch); v != value || !floats.Equal(g, scratch) {
						t.Errorf("%d threads: the same gradient twice differs", threads)
					}
				}
			})
		}
	}
}

// defaults are settings of a layer: what is the default, and something allowed where nothing is.
func defaults(k *LayerKind) Settings {
	s := Settings{}
	for _, key := range k.Keys {
		value := key.Default
		switch {
		case key.Like != "":
			value = s[key.Like]
		case value != nil || key.Type == Switch || key.Type == Start:
		case key.Type == Whole:
			value = 4
		case key.Type == Pair:
			value = [2]int{2, 2}
		case key.Type == Number:
			value = 0.5 // within every key's interval
		}
		s[key.RecordedName()] = value
	}
	return s
}

// TestConvolutionAgainstDirectLoop compares with equation 9.6 written out, over kernels, strides, paddings and shapes.
func TestConvolutionAgainstDirectLoop(t *testing.T) {
	const tolerance = 1e-13
	for _, in := range []Shape{{5, 5, 1}, {8, 5, 3}, {1, 9, 2}} {
		for _, size := range [][2]int{{1, 1}, {3, 3}, {1, 4}, {5, 2}, {2, 2}} {
			for _, stride := range [][2]int{{1, 1}, {2, 3}} {
				for _, same := range []bool{false, true} {
					layer := Conv2D{Filters: 4, Window: Window{size, stride, same}, Weight: Glorot{}}
					if _, err := New(in, []Layer{layer}); err != nil {
						if same || size[0] <= in[0] && size[1] <= in[1] {
							t.Error(err)
						}
						continue
					}
					n, w := network(t, in, layer)
					x, _ := examples(Losses[2], 3, in.Size(), 1)
					got := n.NewPass(seed.New(1)).Forward(w, x)
					want := direct(layer, in, n.Out, w, x)
					if e := floats.Distance(got, want, math.Inf(1)); len(got) != len(want) || !(e < tolerance) {
						t.Errorf("%v, %+v: error %.1e, %d and %d values", in, layer.Window, e, len(got), len(want))
					}
				}
			}
		}
	}
}

// direct is the convolution as its definition has it, with TensorFlow's padding for "same".
func direct(k Conv2D, in, out Shape, w []float64, x *mat.Dense) []float64 {
	pad := func(d int) int {
		if !k.Window.Same {
			return 0
		}
		outSize := int(math.Ceil(float64(in[d]) / float64(k.Window.Stride[d])))
		return max((outSize-1)*k.Window.Stride[d]+k.Window.Size[d]-in[d], 0) / 2
	}
	n, _ := x.Dims()
	var y []float64
	for e := range n {
		for i := range out[0] {
			for j := range out[1] {
				for f := range k.Filters {
					sum := w[k.Filters*k.Window.Size[0]*k.Window.Size[1]*in[2]+f]
					for u := range k.Window.Size[0] {
						for v := range k.Window.Size[1] {
							for c := range in[2] {
								row, column := i*k.Window.Stride[0]+u-pad(0), j*k.Window.Stride[1]+v-pad(1)
								if row >= 0 && row < in[0] && column >= 0 && column < in[1] {
									sum += w[((f*k.Window.Size[0]+u)*k.Window.Size[1]+v)*in[2]+c] * x.At(e, (row*in[1]+column)*in[2]+c)
								}
							}
						}
					}
					y = append(y, sum)
				}
			}
		}
	}
	return y
}

// TestTorch replays an Adam run of PyTorch 1.13.1 with explicit data, weights and batches, and compares loss, gradient
// norm and full loss at each of its 100 steps.
func TestTorch(t *testing.T) {
	const tolerance = 1e-12
	data, init, batches, want := read(t, "mlp_data"), read(t, "mlp_init"), read(t, "mlp_batches"), read(t, "mlp_adam")
	m, w := perceptron(t, mustActivation(t, "tanh"), 2, 1, 16)
	loss := Losses[0]
	offset := map[string]int{"W1": 0, "b1": 32, "W2": 48, "b2": 64}
	columns := map[string]int{"W1": 2, "b1": 1, "W2": 16, "b2": 1}
	for _, row := range init {
		i, j := int(number(t, row[1])), int(number(t, row[2]))
		w[offset[row[0]]+i*columns[row[0]]+j] = number(t, row[3])
	}
	allX, allY := mat.NewDense(len(data), 2, nil), make([]float64, len(data))
	for i, row := range data {
		allX.SetRow(i, []float64{number(t, row[1]), number(t, row[2])})
		allY[i] = number(t, row[3])
	}
	const lr, beta1, beta2, eps = 0.01, 0.9, 0.999, 1e-8
	pass, full := m.NewPass(seed.New(1)), m.NewPass(seed.New(1))
	g, s, r := make([]float64, m.Size()), make([]float64, m.Size()), make([]float64, m.Size())
	x, y := mat.NewDense(32, 2, nil), make([]float64, 32)
	worst := 0.0
	for k, row := range batches {
		for i, cell := range row[1:] {
			example := int(number(t, cell))
			x.SetRow(i, allX.RawRowView(example))
			y[i] = allY[example]
		}
		fullLoss := full.Loss(loss, full.Forward(w, allX), allY)
		value := pass.Gradient(loss, k, w, x, y, g)
		for i, got := range []float64{value, floats.Norm(g, 2), fullLoss} {
			e := math.Abs(got/number(t, want[k][i+1]) - 1)
			if worst = math.Max(worst, e); !(e < tolerance) {
				t.Fatalf("step %d, column %d: %v, want %s: relative error %.1e", k, i+1, got, want[k][i+1], e)
			}
		}
		c1, c2 := 1-math.Pow(beta1, float64(k+1)), 1-math.Pow(beta2, float64(k+1))
		for i := range w {
			s[i] = beta1*s[i] + (1-beta1)*g[i]
			r[i] = beta2*r[i] + (1-beta2)*g[i]*g[i]
			w[i] -= lr * (s[i] / c1) / (eps + math.Sqrt(r[i]/c2))
		}
	}
	t.Logf("%d steps, largest relative error %.1e", len(batches), worst)
}

func mustActivation(t testing.TB, name string) Activation {
	a, ok := Activations.Find(name)
	if !ok {
		t.Fatalf("no activation %q", name)
	}
	return a
}

// read returns the rows of a CSV file after its header.
func read(t *testing.T, name string) [][]string {
	f, err := os.Open("testdata/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), err)
	}
	return rows[1:]
}

func number(t *testing.T, s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestActivationsAndLossesAtExtremes(t *testing.T) {
	for _, a := range Activations[1:] {
		x := []float64{-800, -40, -1e-300, 0, 1e-300, 40, 800}
		y, dy := append([]float64(nil), x...), []float64{1, 1, 1, 1, 1, 1, 1}
		a.forward(y)
		a.backward(x, y, dy)
		nan := []float64{math.NaN()}
		a.forward(nan)
		for i := range x {
			if math.IsNaN(y[i]) || math.IsInf(y[i], 0) || math.IsNaN(dy[i]) || math.Abs(dy[i]) > 1.2 {
				t.Errorf("%s(%v) = %v, derivative %v", a.Name, x[i], y[i], dy[i])
			}
		}
		if !math.IsNaN(nan[0]) {
			t.Errorf("%s hides that its input is not a number: %v", a.Name, nan[0])
		}
	}
	for _, c := range []struct{ z, y, want float64 }{
		{0, 1, math.Ln2}, {1000, 0, 1000}, {-1000, 1, 1000}, {1000, 1, 0}, {-1000, 0, 0},
		{40, 1, math.Exp(-40)}, // ln(1 + e^-40) without losing it to the 1
	} {
		dz := []float64{0, 0}
		if got := binaryCrossEntropy([]float64{c.z}, []float64{c.y}, 1, 1, dz); math.Abs(got-c.want) > 1e-15*c.want {
			t.Errorf("z = %v, y = %v: loss %v, want %v", c.z, c.y, got, c.want)
		}
		if math.IsNaN(dz[0]) || math.Abs(dz[0]) > 1 {
			t.Errorf("z = %v, y = %v: derivative %v", c.z, c.y, dz[0])
		}
		// Of two classes, with the logits (0, z), softmax is the sigmoid.
		if got := softmaxCrossEntropy([]float64{0, c.z}, []float64{c.y}, 2, 1, dz); math.Abs(got-c.want) > 1e-15*math.Max(c.want, 1) {
			t.Errorf("z = %v, y = %v: softmax loss %v, want %v", c.z, c.y, got, c.want)
		}
	}
}

// TestElementary compares with the standard library, in units in the last place.
func TestElementary(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	worst := map[string]float64{}
	for range 200_000 {
		x := 30 * math.Pow(r.Float64(), 8) * float64(1-2*r.IntN(2))
		y := []float64{x}
		tanh(y)
		for name, c := range map[string][2]float64{
			"expm1": {expm1(math.Abs(x)), math.Expm1(math.Abs(x))}, "tanh": {y[0], math.Tanh(x)},
			"sigmoid": {logistic(x), 1 / (1 + math.Exp(-x))},
		} {
			ulp := math.Nextafter(math.Abs(c[1]), math.Inf(1)) - math.Abs(c[1])
			worst[name] = math.Max(worst[name], math.Abs(c[0]-c[1])/ulp)
		}
	}
	for name, w := range worst {
		if t.Logf("%s: %.1f", name, w); !(w <= 4) {
			t.Errorf("%s differs by %v units in the last place", name, w)
		}
	}
}

func TestInitializers(t *testing.T) {
	const rows, columns = 200, 100
	spec := tensor{shape: []int{rows, columns}, fanIn: columns, fanOut: rows}
	uniform := func(bound float64) float64 { return bound / math.Sqrt(3) }
	for name, c := range map[string]struct {
		f                       Initializer
		mean, deviation, bounds float64
	}{
		"zeros":            {Zeros{}, 0, 0, 0},
		"constant":         {Constant{Value: 0.3}, 0.3, 0, 0},
		"normal":           {Normal{Mean: 1, StdDev: 0.5}, 1, 0.5, 10},
		"truncated normal": {TruncatedNormal{StdDev: 0.05}, 0, 0.05 * 0.8796, 0.1}, // √(1 - 4φ(2)/(2Φ(2)-1))
		"uniform":          {Uniform{Low: -1, High: 3}, 1, uniform(2), 2},
		"glorot":           {Glorot{}, 0, uniform(math.Sqrt(6. / 300)), math.Sqrt(6. / 300)},
		"glorot normal":    {Glorot{Normal: true}, 0, math.Sqrt(2. / 300), 10},
		"he":               {He{}, 0, uniform(math.Sqrt(6. / 100)), math.Sqrt(6. / 100)},
		"he normal":        {He{Normal: true}, 0, math.Sqrt(2. / 100), 10},
		"orthogonal":       {Orthogonal{Gain: 2}, 0, 2 / math.Sqrt(rows), 10},
	} {
		w := make([]float64, rows*columns)
		c.f.fill(seed.New(1).Rand(), w, spec)
		mean, deviation := stat.PopMeanStdDev(w, nil)
		if math.Abs(mean-c.mean) > 0.03*c.deviation+1e-12 || math.Abs(deviation-c.deviation) > 0.03*c.deviation+1e-12 {
			t.Errorf("%s: mean %v, deviation %v, want %v, %v", name, mean, deviation, c.mean, c.deviation)
		}
		for _, x := range w {
			if math.Abs(x-c.mean) > c.bounds+1e-15 {
				t.Fatalf("%s: %v is out of bounds", name, x)
			}
		}
	}
	for _, shape := range [][]int{{5, 8}, {8, 5}} { // orthonormal rows or columns, times the gain
		w := make([]float64, 40)
		Orthogonal{Gain: 3}.fill(seed.New(1).Rand(), w, tensor{shape: shape})
		a := mat.NewDense(shape[0], shape[1], w)
		var product mat.Dense
		if product.Mul(a, a.T()); shape[0] > shape[1] {
			product.Reset()
			product.Mul(a.T(), a)
		}
		identity := mat.NewDiagDense(5, []float64{9, 9, 9, 9, 9})
		if !mat.EqualApprox(&product, identity, 1e-12) {
			t.Errorf("%v: %v", shape, mat.Formatted(&product))
		}
	}
}

func TestMisfits(t *testing.T) {
	w := Window{Size: [2]int{3, 3}, Stride: [2]int{1, 1}}
	for name, c := range map[string]struct {
		in     Shape
		layers []Layer
		layer  int
		want   string
	}{
		"image into dense": {Shape{8, 8, 1}, []Layer{Conv2D{Filters: 2, Window: w}, Dense{Units: 3}}, 1, "takes a vector, but its input is 6 x 6 x 2"},
		"vector into conv": {Shape{64}, []Layer{Conv2D{Filters: 2, Window: w}}, 0, "takes images, but its input is a vector of 64"},
		"window too large": {Shape{4, 2, 1}, []Layer{Activated{Conv2D{Filters: 2, Window: w}, Activations[1]}}, 0, "3 x 3 is larger than its input of 4 x 2 x 1"},
		"no weights":       {Shape{4}, []Layer{Flatten{}}, 1, "no layer has weights"},
		"units":            {Shape{64}, []Layer{Dense{Units: 1 << 24}, Dense{Units: 1}}, 0, "with its weight of 16777216 x 64 the network has"},
		"overflow":         {Shape{4}, []Layer{Dense{Units: 1 << 31}, Dense{Units: 1 << 62}}, 0, "more than the 536870912 values"},
		"kernel":           {Shape{8, 8, 2}, []Layer{Conv2D{Filters: 1, Window: Window{[2]int{1 << 31, 1 << 31}, [2]int{1, 1}, true}}}, 0, "the windows"},
		"filters":          {Shape{999, 999, 1}, []Layer{Conv2D{Filters: 1 << 12, Window: w}}, 0, "with its output of 997 x 997 x 4096 the layers"},
		"rate":             {Shape{4}, []Layer{Dropout{1}}, 0, "rate = 1"},
	} {
		_, err := New(c.in, c.layers)
		var misfit *Misfit
		if !errors.As(err, &misfit) || misfit.Layer != c.layer || !strings.Contains(misfit.Message, c.want) ||
			misfit.Remedy == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDropout: a mask follows from seed, step and layer alone, keeps the mean, and is absent from evaluation.
func TestDropout(t *testing.T) {
	n, w := network(t, Shape{1}, Dense{Units: 10_000, Weight: Zeros{}, Bias: Zeros{}},
		Dropout{0.3})
	for i := range w {
		w[i] = 1
	}
	x := mat.NewDense(1, 1, []float64{0})
	mask := func(tree seed.Tree, step int) []float64 {
		p := n.NewPass(tree)
		p.Gradient(Losses[2], step, w, x, make([]float64, 10_000), make([]float64, len(w)))
		return append([]float64(nil), p.inputs[2]...)
	}
	a := mask(seed.New(1), 5)
	if mean := floats.Sum(a) / 10_000; math.Abs(mean-1) > 0.03 {
		t.Errorf("mean %v", mean)
	}
	if !floats.Equal(a, mask(seed.New(1), 5)) || floats.Equal(a, mask(seed.New(1), 6)) ||
		floats.Equal(a, mask(seed.New(2), 5)) {
		t.Error("the mask is not a function of seed and step")
	}
	for _, v := range a {
		if v != 0 && math.Abs(v-1/0.7) > 1e-15 {
			t.Fatalf("value %v", v)
		}
	}
	for _, v := range n.NewPass(seed.New(1)).Forward(w, x) {
		if v != 1 {
			t.Fatal("evaluation drops")
		}
	}
}

// TestThreadsChangeNoBit: loss, gradient and outputs of evaluation have the same bits on any number of threads, also for
// batches that no number of parts divides, with every kind of layer cut into parts.
func TestThreadsChangeNoBit(t *testing.T) {
	relu, tanh := mustActivation(t, "relu"), mustActivation(t, "tanh")
	glorot, window := Glorot{}, Window{[2]int{3, 3}, [2]int{1, 1}, true}
	conv := func(filters int) Layer {
		return Activated{Conv2D{Filters: filters, Window: window, Weight: glorot}, relu}
	}
	norm := BatchNorm{Epsilon: 1e-5, Scale: Constant{Value: 1}}
	half := Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}
	cases := map[string]struct {
		in      Shape
		batches []int
		layers  []Layer
	}{
		"dense": {Shape{307}, []int{1, 33, 101, 509}, []Layer{Activated{Dense{Units: 401, Weight: glorot}, tanh}, norm,
			Activated{Dense{Units: 203, Weight: glorot}, relu}, Dense{Units: 97, Weight: glorot}}},
		"conv": {Shape{16, 16, 3}, []int{1, 2, 61, 157}, []Layer{conv(16), Pool{Window: half}, norm, conv(23), Pool{half, true}, Flatten{}, Dropout{0.1},
			Dense{Units: 10, Weight: glorot}}},
	}
	defer func() { blas.SetThreads(1); _ = blas.Use("gonum") }()
	for _, choice := range blas.Choices[1:] {
		if err := blas.Use(choice); err != nil {
			t.Log(err)
			continue
		}
		for name, c := range cases {
			n, w := network(t, c.in, c.layers...)
			n.L2 = L2{Weight: 1e-4}
			for i, batch := range c.batches {
				loss := Losses[i%len(Losses)]
				x, y := examples(loss, batch, c.in.Size(), n.Out.Size())
				var want []float64
				for _, threads := range []int{1, 2, 3, 5} {
					blas.SetThreads(threads)
					pass, got := n.NewPass(seed.New(1)), make([]float64, len(w))
					value := pass.Gradient(loss, 2, w, x, y, got)
					pass.Calibrate(w, x)
					z := pass.Forward(w, x)
					got = append(append(got, value, pass.Loss(loss, z, y)), z...)
					if want == nil {
						want = got
					}
					if !floats.Same(got, want) {
						t.Errorf("%s, %s, %s, batch of %d: other bits on %d threads", choice, name, loss.Name, batch, threads)
					}
				}
			}
		}
	}
	for batch, want := range map[int]int{1: 1, 2: 1, 61: 4, 157: 16} {
		if got := newConv2D(must(window.over(Shape{16, 16, 3})), 16).cut(batch); got != want {
			t.Errorf("a batch of %d images is cut into %d parts, want %d: that changes the bits of results", batch, got, want)
		}
	}
}

func must(f frame, err error) frame {
	if err != nil {
		panic(err)
	}
	return f
}

// TestPartsMakeTheWhole: a batch normalised, convolved and judged in parts gives what one in a single part gives, but for
// rounding.
func TestPartsMakeTheWhole(t *testing.T) {
	const tolerance = 1e-12
	in, glorot := Shape{12, 12, 2}, Glorot{}
	n, w := network(t, in, Conv2D{Filters: 8, Window: Window{[2]int{3, 3}, [2]int{1, 1}, true}, Weight: glorot},
		BatchNorm{Epsilon: 1e-5, Scale: Constant{Value: 1}}, Flatten{}, Dense{Units: 5, Weight: glorot})
	x, y := examples(Losses[1], 203, in.Size(), 5)
	loss := func(w []float64) float64 { // one example at a time, in one part, with the same statistics
		pass := n.NewPass(seed.New(1))
		pass.Calibrate(w, x)
		total := 0.0
		for i := range y {
			total += pass.Loss(Losses[1], pass.Forward(w, x.Slice(i, i+1, 0, in.Size()).(*mat.Dense)), y[i:i+1])
		}
		return total / float64(len(y))
	}
	g := make([]float64, len(w))
	got, want := n.NewPass(seed.New(1)).Gradient(Losses[1], 0, w, x, y, g), loss(w)
	if e := math.Abs(got/want - 1); !(e < tolerance) {
		t.Errorf("loss %v, want %v: relative error %.1e", got, want, e)
	}
	for _, i := range []int{0, 70, 144, 151, 152, 160, 168, 400, len(w) - 1} { // of each tensor
		const h = 1e-5
		v := append([]float64(nil), w...)
		v[i] += h
		up := loss(v)
		v[i] -= 2 * h
		if d := (up - loss(v)) / (2 * h); math.Abs(d-g[i]) > 1e-7*floats.Norm(g, 2) {
			t.Errorf("derivative %d is %v, central difference %v", i, g[i], d)
		}
	}
}

// TestCalibratedBatchNorm: evaluated with the statistics of the same examples, the output is that of training, and an
// example's output no longer depends on its company.
func TestCalibratedBatchNorm(t *testing.T) {
	norm := BatchNorm{Epsilon: 1e-5, Scale: Constant{Value: 1}}
	n, w := network(t, Shape{4}, Dense{Units: 5, Weight: Glorot{}}, norm, Dense{Units: 2})
	x, y := examples(Losses[2], 9, 4, 2)
	p := n.NewPass(seed.New(1))
	p.Gradient(Losses[2], 0, w, x, y, make([]float64, len(w)))
	want := append([]float64(nil), p.inputs[3]...)
	if !n.Calibrates() {
		t.Error("batch normalisation does not ask for examples")
	}
	p = n.NewPass(seed.New(1))
	p.Calibrate(w, x)
	if got := p.Forward(w, x); !floats.EqualApprox(got, want, 1e-14) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := p.Forward(w, x.Slice(3, 4, 0, 4).(*mat.Dense)); !floats.EqualApprox(got, want[6:8], 1e-14) {
		t.Errorf("alone %v, want %v", got, want[6:8])
	}
}

// TestPoolsKeepNaN: wherever in its window a value is that is not a number, so is the output, as in torch's max_pool2d and
// avg_pool2d, and the gradient goes to it.
func TestPoolsKeepNaN(t *testing.T) {
	for _, average := range []bool{false, true} {
		n, err := New(Shape{2, 2, 1}, []Layer{Pool{Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}, average}, Flatten{}, Dense{Units: 1}})
		if err != nil {
			t.Fatal(err)
		}
		for at := range 4 {
			x := mat.NewDense(1, 4, []float64{-1, math.Inf(1), 2, math.Inf(-1)})
			x.Set(0, at, math.NaN())
			pool := n.layers[0].begin()
			if y := pool.forward(&context{}, nil, x.RawRowView(0), 1); !math.IsNaN(y[0]) {
				t.Errorf("average %v: not a number at %d gives %v", average, at, y)
			}
			if dx := pool.backward(nil, nil, []float64{3}, nil, 1, false); !average && dx[at] != 3 {
				t.Errorf("not a number at %d: the gradient goes to %v", at, dx)
			}
		}
	}
}

// TestNothingHidesNaN: a value that is not a number reaches the output of every layer, the loss and the gradient.
func TestNothingHidesNaN(t *testing.T) {
	nan := math.NaN()
	for _, a := range Activations[1:] {
		y, dy := []float64{nan, 1}, []float64{nan, nan}
		a.forward(y)
		a.backward([]float64{nan, 1}, y, dy)
		if !math.IsNaN(y[0]) || !math.IsNaN(dy[0]) || !math.IsNaN(dy[1]) {
			t.Errorf("%s: %v, derivative %v", a.Name, y, dy)
		}
	}
	for _, l := range Losses {
		for at := range 3 {
			z, dz := []float64{1, -2, 3}, make([]float64, 3)
			z[at] = nan
			y := []float64{1, 0, 1}
			if l.ByClass {
				y = y[:1]
			}
			if loss := newScorer().loss(l, z, y, 3, dz); !math.IsNaN(loss) || !math.IsNaN(dz[at]) {
				t.Errorf("%s, output %d: loss %v, derivative %v", l.Name, at, loss, dz)
			}
		}
	}
	d := &dropout{rate: 0.999, random: rand.NewChaCha8([32]byte{})}
	if y := d.forward(&context{mode: train}, nil, []float64{nan, nan}, 1); !math.IsNaN(y[0]) || !math.IsNaN(y[1]) {
		t.Errorf("dropout: %v", y)
	}
}

// TestAccuracy: the class is that of the first largest output, as numpy's and torch's argmax have it; with two classes and
// one output, the second if that is above 0. A row with an output that is not a number is wrong, whatever its class.
func TestAccuracy(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		z     []float64
		right int // the class that counts as correct; -1: none
	}{
		{[]float64{1, 2, 3}, 2}, {[]float64{3, 2, 1}, 0}, {[]float64{0, 0, 0}, 0}, {[]float64{1, 2, 2}, 1},
		{[]float64{2, 1, 2}, 0}, {[]float64{math.Inf(1), 0, math.Inf(1)}, 0},
		{[]float64{nan, 0, 1}, -1}, {[]float64{0, nan, 1}, -1}, {[]float64{0, 1, nan}, -1}, {[]float64{nan, nan, nan}, -1},
	} {
		for class := range 3 {
			want := 0.0
			if class == c.right {
				want = 1
			}
			if got := softmaxAccuracy(c.z, []float64{float64(class)}, 3); got != want {
				t.Errorf("outputs %v, class %d: accuracy %v, want %v", c.z, class, got, want)
			}
		}
	}
	if got := binaryAccuracy([]float64{1, 1, 0, 0, -1, -1, nan, nan}, []float64{1, 0, 1, 0, 1, 0, 1, 0}, 1); got != 3.0/8 {
		t.Errorf("binary: %v, want 3/8: above 0 is class 1, and 0 is class 0", got)
	}
}

func TestStepsAllocateNothing(t *testing.T) {
	defer blas.SetThreads(1)
	relu, window := mustActivation(t, "relu"), Window{[2]int{3, 3}, [2]int{1, 1}, true}
	for name, layers := range map[string][]Layer{
		"dense": {Activated{Dense{Units: 16}, relu}, Activated{Dense{Units: 200}, mustActivation(t, "silu")}, Dense{Units: 3}},
		"all": {Conv2D{Filters: 4, Window: window}, Activated{BatchNorm{Epsilon: 1e-5}, relu}, Pool{Window: window},
			Pool{window, true}, Flatten{}, Dropout{0.5}, Dense{Units: 3}},
	} {
		for threads := 1; threads <= 2; threads++ {
			blas.SetThreads(threads)
			in := Shape{64}
			if name == "all" {
				in = Shape{8, 8, 1}
			}
			n, w := network(t, in, layers...)
			x, y := examples(Losses[1], 32, 64, 3)
			g, k := make([]float64, len(w)), 0
			pass := n.NewPass(seed.New(1))
			if allocations := testing.AllocsPerRun(10, func() { k++; pass.Gradient(Losses[1], k, w, x, y, g) }); allocations > 0 {
				t.Errorf("%s, %d threads: %v allocations a step", name, threads, allocations)
			}
		}
	}
}

func BenchmarkGradient(b *testing.B) {
	for _, choice := range []string{"gonum", "openblas"} {
		for _, s := range []struct {
			in, hidden, batch int
		}{{2, 16, 32}, {30, 16, 32}, {784, 128, 64}} {
			b.Run(fmt.Sprintf("%s/%d-%d-1", choice, s.in, s.hidden), func(b *testing.B) {
				if err := blas.Use(choice); err != nil {
					b.Skip(err)
				}
				tanh, _ := Activations.Find("tanh")
				m, w := perceptron(b, tanh, s.in, 1, s.hidden)
				x, y := examples(Losses[0], s.batch, s.in, 1)
				g, pass := make([]float64, m.Size()), m.NewPass(seed.New(1))
				b.ReportAllocs()
				for b.Loop() {
					pass.Gradient(Losses[0], 0, w, x, y, g)
				}
			})
		}
	}
}
