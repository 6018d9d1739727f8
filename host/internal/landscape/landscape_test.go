package landscape

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// around looks around weights of a problem.
func around(p problem.Problem, weights []float64) Around {
	return Around{Problem: p, Tree: seed.New(1), Weights: weights, Random: seed.New(7).Rand(), Progress: func(string, float64) {}}
}

// matrix is symmetric with the eigenvalues 5, 2 and -1 and eigenvectors that are no axes.
func matrix() (*mat.Dense, [][]float64) {
	q := [][]float64{{2. / 3, 2. / 3, 1. / 3}, {-2. / 3, 1. / 3, 2. / 3}, {1. / 3, -2. / 3, 2. / 3}}
	a := mat.NewDense(3, 3, nil)
	for k, value := range []float64{5, 2, -1} {
		for i := range 3 {
			for j := range 3 {
				a.Set(i, j, a.At(i, j)+value*q[k][i]*q[k][j])
			}
		}
	}
	for i := range 3 {
		for j := range i {
			a.Set(i, j, a.At(j, i))
		}
	}
	return a, q
}

func quadratic(t *testing.T) (problem.Problem, [][]float64) {
	t.Helper()
	a, q := matrix()
	p, err := problem.Quadratic(a, []float64{0.5, -1, 2}, []float64{1, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	return p, q
}

// network fits breast-cancer by some layers over its 30 features as images of 5 x 6, with weights as they begin.
func network(t *testing.T, layers ...model.Layer) (*problem.Supervised, []float64) {
	t.Helper()
	known, _ := dataset.Find("breast-cancer")
	data, err := known.Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.New(model.Shape{5, 6, 1}, layers)
	if err != nil {
		t.Fatal(err)
	}
	n.L2.Weight = 1e-2
	p := &problem.Supervised{Data: data, Network: n, Loss: model.Losses[0], Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}},
		Batching: dataset.Batching{Sizes: []int{32}, Reshuffle: true}}
	w := make([]float64, n.Size())
	p.Objective(seed.New(1)).Initialize(w)
	return p, w
}

// TestParabola: along an eigenvector of a quadratic the loss is the parabola with the eigenvalue, which is what the Taylor series says, and the largest come first.
func TestParabola(t *testing.T) {
	const tolerance = 1e-12
	p, q := quadratic(t)
	a := around(p, []float64{1, 1, 1})
	plane, err := a.Eigenvectors(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range []float64{5, 2} {
		x := plane.Axes[i]
		if math.Abs(float64(*x.Value)-value) > tolerance || math.Abs(math.Abs(floats.Dot(x.direction, q[i]))-1) > tolerance {
			t.Errorf("eigenvector %d: %v along %v", i, *x.Value, x.direction)
		}
	}
	plane.Axes = plane.Axes[:1]
	s, err := a.Evaluate(t.Context(), plane, Grid{Points: 11, From: -3, To: 2})
	if err != nil {
		t.Fatal(err)
	}
	h, _ := matrix()
	for i, at := range Numbers(s.Axes[0].At) { // (x - c)' A (x - c) / 2, by hand
		d := []float64{0.5, 2, -1}
		floats.AddScaled(d, at, plane.Axes[0].direction)
		v := mat.NewVecDense(3, d)
		want := mat.Inner(v, h, v) / 2
		if got := float64(s.Values[0][i]); math.Abs(got-want) > tolerance*(1+math.Abs(want)) || math.Abs(s.Parabola()[i]-want) > tolerance*(1+math.Abs(want)) {
			t.Errorf("at %v: %v, by the series %v, want %v", at, got, s.Parabola()[i], want)
		}
	}
}

// TestFilters: each filter and each neuron of a random direction is what was drawn, scaled to the norm of that of the weights, and biases and batch normalisation
// are left alone (Li et al. 2018, section 4).
func TestFilters(t *testing.T) {
	p, w := network(t, model.Conv2D{Filters: 2, Window: model.Window{Size: [2]int{3, 3}, Stride: [2]int{1, 1}}, Weight: model.Glorot{}},
		model.BatchNorm{Epsilon: 1e-5, Scale: model.Constant{Value: 1}}, model.Flatten{}, model.Dense{Units: 3, Weight: model.Glorot{}}, model.Dense{Units: 1, Weight: model.Glorot{}})
	a := around(p, w)
	plane := a.RandomDirections(2)
	again := seed.New(7).Rand()
	for k, axis := range plane.Axes {
		drawn := make([]float64, len(w))
		for i := range drawn {
			drawn[i] = again.NormFloat64()
		}
		filters := 0
		for _, tensor := range p.Layout() {
			part := func(v []float64) []float64 { return v[tensor.Offset : tensor.Offset+tensor.Length] }
			d := part(axis.direction)
			if tensor.Role != v1.Role_ROLE_WEIGHT {
				if floats.Norm(d, 1) != 0 {
					t.Errorf("direction %d: %s moves by %v", k, tensor.Name, d)
				}
				continue
			}
			rows := mat.NewDense(int(tensor.Shape[0]), len(d)/int(tensor.Shape[0]), d)
			for i := range int(tensor.Shape[0]) {
				row := func(v []float64) []float64 {
					return mat.Row(nil, i, mat.NewDense(int(tensor.Shape[0]), len(d)/int(tensor.Shape[0]), part(v)))
				}
				scale := floats.Norm(row(w), 2) / floats.Norm(row(drawn), 2)
				for j, x := range row(drawn) {
					if math.Abs(rows.At(i, j)-scale*x) > 1e-15 {
						t.Errorf("direction %d: %s, filter %d is not as long as that of the weights", k, tensor.Name, i)
					}
				}
				filters++
			}
		}
		if filters != 2+3+1 {
			t.Errorf("%d filters and neurons", filters)
		}
	}
	f, _ := problem.Functions.Find("sphere")
	if d := around(f.Problem([]float64{0, 0, 0}), make([]float64, 3)).RandomDirections(1).Axes[0]; math.Abs(floats.Norm(d.direction, 2)-1) > 1e-15 {
		t.Errorf("of a function: %v", d)
	}
}

// TestPrincipal: components and shares of variance are those of gonum's principal components, which come from a singular value decomposition, and the way is where its
// points lie.
func TestPrincipal(t *testing.T) {
	const tolerance = 1e-12
	r := seed.New(5).Rand()
	points := mat.NewDense(9, 40, nil)
	for i := range 9 {
		for j := range 40 {
			points.Set(i, j, float64(i)*math.Sin(float64(j))+math.Cos(float64(i))*math.Cos(float64(3*j))+0.1*r.NormFloat64())
		}
	}
	var pc stat.PC
	if !pc.PrincipalComponents(points, nil) {
		t.Fatal("no components")
	}
	var vectors mat.Dense
	pc.VectorsTo(&vectors)
	variances := pc.VarsTo(nil)
	var rows [][]float64
	steps := []int{}
	for i := range 9 {
		rows, steps = append(rows, mat.Row(nil, i, points)), append(steps, 10*i)
	}
	f, _ := problem.Functions.Find("sphere")
	a := around(f.Problem(make([]float64, 40)), rows[8])
	p, err := a.Way(steps, rows, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range p.Axes {
		want := mat.Col(nil, i, &vectors)
		if d := floats.Dot(want, x.direction); math.Abs(math.Abs(d)-1) > tolerance {
			t.Errorf("component %d: the cosine to gonum's is %v", i, d)
		}
		if share := variances[i] / floats.Sum(variances); math.Abs(float64(*x.Share)-share) > tolerance {
			t.Errorf("component %d has %v of the variance, want %v", i, *x.Share, share)
		}
		for k, at := range Numbers([][]Number{p.Path.X, p.Path.Y}[i]) {
			if want := floats.Dot(difference(rows[k], rows[8]), x.direction); math.Abs(at-want) > 1e-10 {
				t.Errorf("step %d is at %v, want %v", steps[k], at, want)
			}
		}
	}
	if line := [][]float64{{0, 0}, {1, 1}, {3, 3}}; len(must(principal(line, 2))) != 1 {
		t.Error("points on a line have two components")
	}
}

func must(components [][]float64, _ []float64) [][]float64 { return components }

// TestBetween: the ends of three runs lie where the marks say, and the loss there is theirs.
func TestBetween(t *testing.T) {
	const tolerance = 1e-12
	f, _ := problem.Functions.Find("rosenbrock")
	ends := []End{{"b", []float64{2, 1, 0}}, {"c", []float64{-1, 0.5, 3}}}
	a := around(f.Problem([]float64{0, 0, 0}), []float64{1, 1, 1})
	p, err := a.Between("a", ends...)
	if err != nil {
		t.Fatal(err)
	}
	if d := floats.Dot(p.Axes[0].direction, p.Axes[1].direction); math.Abs(d) > tolerance || math.Abs(floats.Norm(p.Axes[1].direction, 2)-float64(p.Axes[0].Length)) > tolerance {
		t.Errorf("the axes are not orthogonal and of one length: %v", d)
	}
	s, err := a.Evaluate(t.Context(), p, Grid{Points: 5})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range append([]End{{"a", a.Weights}}, ends...) {
		m, at := s.Marks[i], slices.Clone(a.Weights)
		floats.AddScaled(at, float64(m.X), p.Axes[0].direction)
		floats.AddScaled(at, float64(m.Y), p.Axes[1].direction)
		if want := f.Eval(e.Weights, nil); m.Name != e.Name || floats.Distance(at, e.Weights, 2) > tolerance || math.Abs(float64(m.Loss)-want) > 1e-9*(1+want) {
			t.Errorf("%+v is at %v with the loss %v; want %v and %v", m, at, m.Loss, e.Weights, want)
		}
	}
	for j := range 5 {
		for i := range 5 {
			at := slices.Clone(a.Weights)
			floats.AddScaled(at, float64(s.Axes[0].At[i]), p.Axes[0].direction)
			floats.AddScaled(at, float64(s.Axes[1].At[j]), p.Axes[1].direction)
			if want := f.Eval(at, nil); float64(s.Values[j][i]) != want {
				t.Errorf("row %d, column %d: %v, want %v", j, i, s.Values[j][i], want)
			}
		}
	}
	if _, err := a.Between("a", End{"same", a.Weights}); err == nil {
		t.Error("a line of no length")
	}
	if _, err := a.Between("a", ends[0], End{"on the line", []float64{3, 1, -1}}); err == nil {
		t.Error("a plane of points on a line")
	}
}

// TestBarrier: the loss rises most above the line from 1 to 3 at 0.5, by 4 - 2; what lies beyond the ends does not count.
func TestBarrier(t *testing.T) {
	s := Slice{Along: AlongRuns, Axes: []Axis{{At: []Number{-0.5, 0, 0.25, 0.5, 1, 1.5}}}, Values: [][]Number{{99, 1, 2.5, 4, 3, 99}}, Marks: []Mark{{Loss: 1}, {Loss: 3}}}
	s.barrier()
	if s.Barrier == nil || *s.Barrier != 2 {
		t.Errorf("the barrier is %v, want 2", s.Barrier)
	}
}

// TestSpectrum: of Rosenbrock's function, and of a network against differences of its gradient.
func TestSpectrum(t *testing.T) {
	f, _ := problem.Functions.Find("rosenbrock")
	x := []float64{-1.2, 1}
	s, err := around(f.Problem(x), x).Spectrum(t.Context(), Spectral{Pairs: 1})
	if err != nil {
		t.Fatal(err)
	}
	// ((1200 x² - 400 y + 2, -400 x), (-400 x, 200)), whose eigenvalues follow from its trace and determinant.
	trace, determinant := 1200*x[0]*x[0]-400*x[1]+2+200, (1200*x[0]*x[0]-400*x[1]+2)*200-400*400*x[0]*x[0]
	root := math.Sqrt(trace*trace/4 - determinant)
	for i, want := range []float64{trace/2 - root, trace/2 + root} {
		if math.Abs(float64(s.Values[i])-want) > 1e-10*trace {
			t.Errorf("eigenvalue %d is %v, want %v", i, s.Values[i], want)
		}
	}
	if !s.Exact || math.Abs(float64(s.Trace)-trace) > 1e-10*trace || s.Negative != 0 {
		t.Errorf("%+v", s)
	}
	const tolerance, h = 1e-7, 1e-5 // relative to the largest
	tanh, _ := model.Activations.Find("tanh")
	p, w := network(t, model.Flatten{}, model.Activated{Layer: model.Dense{Units: 2, Weight: model.Glorot{}}, Activation: tanh}, model.Dense{Units: 1, Weight: model.Glorot{}})
	n := len(w)
	o, columns, above, below := p.Objective(seed.New(1)), mat.NewDense(n, n, nil), make([]float64, n), make([]float64, n)
	for i := range w {
		moved := slices.Clone(w)
		moved[i] = w[i] + h
		o.Gradient(problem.All, moved, above)
		moved[i] = w[i] - h
		o.Gradient(problem.All, moved, below)
		floats.Sub(above, below)
		floats.Scale(1/(2*h), above)
		columns.SetRow(i, above)
	}
	symmetric := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			symmetric.SetSym(i, j, (columns.At(i, j)+columns.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, false) {
		t.Fatal("no eigenvalues")
	}
	if s, err = around(p, w).Spectrum(t.Context(), Spectral{Pairs: 2}); err != nil {
		t.Fatal(err)
	}
	values := eigen.Values(nil)
	if len(s.Values) != n || s.Largest[1] != (Pair{s.Values[n-1], s.Largest[1].Residual}) {
		t.Fatalf("%+v", s)
	}
	for i, want := range values {
		if math.Abs(float64(s.Values[i])-want) > tolerance*values[n-1] {
			t.Errorf("eigenvalue %d of the network is %v, want %v", i, s.Values[i], want)
		}
	}
}

// TestEstimate: what is estimated of a spectrum is that of all eigenvalues: the ends, the trace within four standard errors, and the distribution by its Wasserstein
// distance, to 2 % of the width.
func TestEstimate(t *testing.T) {
	f, _ := problem.Functions.Find("rosenbrock")
	x := make([]float64, 120)
	for i := range x {
		x[i] = math.Sin(float64(i))
	}
	whole, err := around(f.Problem(x), x).Spectrum(t.Context(), Spectral{Pairs: 3})
	if err != nil {
		t.Fatal(err)
	}
	about, err := around(f.Problem(x), x).Spectrum(t.Context(), Spectral{Pairs: 3, Density: true, Starts: 10, Steps: 40})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		size := float64(whole.Largest[2].Value)
		if math.Abs(float64(about.Largest[i].Value-whole.Largest[i].Value)) > 1e-7*size || math.Abs(float64(about.Smallest[i].Value-whole.Smallest[i].Value)) > 1e-7*size {
			t.Errorf("pair %d: %v and %v, want %v and %v", i, about.Smallest[i], about.Largest[i], whole.Smallest[i], whole.Largest[i])
		}
	}
	width := float64(whole.Largest[2].Value - whole.Smallest[0].Value)
	if d := about.Distribution().Distance(whole.Distribution()); d > 0.02*width {
		t.Errorf("the distance to the distribution is %v, of a width of %v", d, width)
	}
	if math.Abs(float64(about.Trace-whole.Trace)) > 4*float64(*about.Error) {
		t.Errorf("the trace is %v ± %v, want %v", about.Trace, *about.Error, whole.Trace)
	}
	if math.Abs(about.Negative-whole.Negative) > 0.05 {
		t.Errorf("%v are negative, want %v", about.Negative, whole.Negative)
	}
}

// TestInterrupted: what takes long ends by its context.
func TestInterrupted(t *testing.T) {
	p, _ := quadratic(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	a := around(p, []float64{1, 1, 1})
	_, err1 := a.Evaluate(ctx, a.RandomDirections(2), Grid{Points: 101})
	_, err2 := a.Eigenvectors(ctx, 1)
	_, err3 := a.Spectrum(ctx, Spectral{Pairs: 1, Density: true, Starts: 1, Steps: 3})
	for _, err := range []error{err1, err2, err3} {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

// TestSpan: ends are read as they are written, and what is no range is refused.
func TestSpan(t *testing.T) {
	var g Grid
	if err := g.Span("-1e-9, 2"); err != nil || g.From != -1e-9 || g.To != 2 {
		t.Errorf("%+v, %v", g, err)
	}
	for _, text := range []string{"1", "1,", "1,-1", "0,0", "a,b", "0,Inf", "NaN,1", "1,2,3"} {
		if err := new(Grid).Span(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// TestSingular: eigenvalues that are 0 but for rounding are not negative, and make the condition infinite, of all as of an estimate.
func TestSingular(t *testing.T) {
	const n = 20
	a, v := mat.NewDense(n, n, nil), make([]float64, n)
	for k := range 6 {
		for i := range v {
			v[i] = math.Sin(float64(1 + i*i + 3*k*i))
		}
		a.RankOne(a, 1, mat.NewVecDense(n, v), mat.NewVecDense(n, v))
	}
	p, err := problem.Quadratic(a, make([]float64, n), v)
	if err != nil {
		t.Fatal(err)
	}
	for _, estimated := range []bool{false, true} {
		s, err := around(p, v).Spectrum(t.Context(), Spectral{Pairs: 1, Density: estimated, Starts: 2, Steps: n})
		if err != nil {
			t.Fatal(err)
		}
		if s.Values[0] >= 0 {
			t.Errorf("estimated %t: no eigenvalue came out negative; the test says nothing", estimated)
		}
		if s.Negative != 0 || !estimated && !math.IsInf(float64(*s.Condition), 1) {
			t.Errorf("estimated %t: %v are negative", estimated, s.Negative)
		}
	}
}
