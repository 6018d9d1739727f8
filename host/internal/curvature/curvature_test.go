package curvature

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/seed"
)

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// of is a matrix by its products.
func of(h *mat.SymDense) Matrix {
	n := h.SymmetricDim()
	return Matrix{n, func(v, into []float64) {
		blas64.Symv(1, h.RawSymmetric(), blas64.Vector{N: n, Data: v, Inc: 1}, 0, blas64.Vector{N: n, Data: into, Inc: 1})
	}}
}

func diagonal(values ...float64) *mat.SymDense {
	h := mat.NewSymDense(len(values), nil)
	for i, x := range values {
		h.SetSym(i, i, x)
	}
	return h
}

// hessian is that of a network of 506 parameters with tanh, by its products.
func hessian(t *testing.T) (Matrix, *mat.SymDense) {
	t.Helper()
	tanh, _ := model.Activations.Find("tanh")
	layer := func(units int) model.Layer {
		return model.Activated{Layer: model.Dense{Units: units, Weight: model.Glorot{}}, Activation: tanh}
	}
	network, err := model.New(model.Shape{20}, []model.Layer{layer(18), layer(6), model.Dense{Units: 2, Weight: model.Glorot{}}})
	if err != nil {
		t.Fatal(err)
	}
	loss, _ := model.Losses.Find("softmax-cross-entropy")
	r, n := random(), network.Size()
	x, y := mat.NewDense(40, 20, nil), make([]float64, 40)
	for i := range x.RawMatrix().Data {
		x.RawMatrix().Data[i] = r.NormFloat64()
	}
	for i := range y {
		y[i] = float64(r.IntN(2))
	}
	w, g, pass := make([]float64, n), make([]float64, n), network.NewPass(seed.New(1))
	network.Initialize(seed.New(1), w)
	m := Matrix{n, func(v, into []float64) { pass.HessianVector(loss, model.Evaluation, w, x, y, v, g, into) }}
	h, v, column := mat.NewSymDense(n, nil), make([]float64, n), make([]float64, n)
	for j := range n {
		v[j] = 1
		m.Multiply(v, column)
		v[j] = 0
		for i := range j + 1 {
			h.SetSym(i, j, column[i])
		}
	}
	return m, h
}

// TestExtremeOfANetwork: the eigenvalues at both ends are those of gonum's decomposition of the whole matrix, with their vectors.
func TestExtremeOfANetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	const tolerance = 1e-8 // relative to the largest
	m, h := hessian(t)
	want, vectors, err := Spectrum(h, true)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Extreme(m, 3, 5, 1e-9, 200, random())
	if err != nil || !e.Converged {
		t.Fatalf("%d products, converged %t, %v", e.Products, e.Converged, err)
	}
	size := max(want[m.N-1], -want[0])
	product := make([]float64, m.N)
	check := func(pairs []Eigenpair, from int, want []float64) {
		if len(pairs) != len(want) {
			t.Fatalf("%d eigenvalues, want %d", len(pairs), len(want))
		}
		for i, p := range pairs {
			if math.Abs(p.Value-want[i]) > tolerance*size {
				t.Errorf("eigenvalue %v, want %v", p.Value, want[i])
			}
			// A vector is off by the residual in the distance to the next eigenvalue (Parlett 1998, theorem 11.7.1).
			if overlap := math.Abs(floats.Dot(p.Vector, mat.Col(nil, from+i, vectors))); overlap < 1-1e-10 {
				t.Errorf("the vector of %v differs: its cosine to gonum's is %v", p.Value, overlap)
			}
			m.Multiply(p.Vector, product)
			floats.AddScaled(product, -p.Value, p.Vector)
			if r := floats.Norm(product, 2); r > 1e-8*size || math.Abs(r-p.Residual) > 1e-9*size || math.Abs(floats.Norm(p.Vector, 2)-1) > 1e-12 {
				t.Errorf("the vector of %v leaves %.1e, said to be %.1e", p.Value, r, p.Residual)
			}
		}
	}
	check(e.Smallest, 0, want[:3])
	check(e.Largest, m.N-5, want[m.N-5:])
	t.Logf("%d products for 8 of %d eigenvalues", e.Products, m.N)
}

// TestExtreme: matrices that a start leads nowhere in, of any size, have their eigenvalues found too.
func TestExtreme(t *testing.T) {
	for name, c := range map[string]struct {
		h           *mat.SymDense
		small, high []float64
	}{
		"one":         {diagonal(-3), []float64{-3}, []float64{-3}},
		"two":         {diagonal(2, -1), []float64{-1}, []float64{2}},
		"zero":        {diagonal(0, 0, 0, 0), []float64{0}, []float64{0}},
		"identity":    {diagonal(1, 1, 1, 1, 1), []float64{1}, []float64{1}},
		"of low rank": {diagonal(0, 0, 0, 0, 0, 7), []float64{0}, []float64{7}},
		"huge":        {diagonal(1e200, -1e200, 1, 2), []float64{-1e200}, []float64{1e200}},
		"tiny":        {diagonal(1e-200, -1e-200, 0, 3e-200), []float64{-1e-200}, []float64{3e-200}},
	} {
		e, err := Extreme(of(c.h), 1, 1, 1e-10, 100, random())
		if err != nil || !e.Converged || len(e.Smallest) != 1 || len(e.Largest) != 1 {
			t.Fatalf("%s: %+v, %v", name, e, err)
		}
		size := max(math.Abs(c.small[0]), math.Abs(c.high[0]))
		if math.Abs(e.Smallest[0].Value-c.small[0]) > 1e-12*size || math.Abs(e.Largest[0].Value-c.high[0]) > 1e-12*size {
			t.Errorf("%s: from %v to %v", name, e.Smallest[0].Value, e.Largest[0].Value)
		}
	}
	nan := Matrix{3, func(_, into []float64) { into[0], into[1], into[2] = math.NaN(), 0, 0 }}
	if _, err := Extreme(nan, 1, 1, 1e-10, 100, random()); err == nil {
		t.Error("a matrix that is not finite has eigenvalues")
	}
	if _, _, err := Spectrum(diagonal(1, math.Inf(1)), false); err == nil {
		t.Error("a matrix that is not finite has a spectrum")
	}
	if _, _, err := Spectrum(mat.NewSymDense(MaxWhole+1, nil), false); err == nil {
		t.Error("there is no bound")
	}
	// Where the products are too few, that is said.
	e, err := Extreme(of(spread(300)), 2, 2, 1e-12, 12, random())
	if err != nil || e.Converged || e.Products != 12 || e.Largest[1].Residual == 0 {
		t.Errorf("12 products: %+v, %v", e, err)
	}
}

// spread has eigenvalues evenly from -1 to 2, in a basis of its own.
func spread(n int) *mat.SymDense {
	r := random()
	values, v := make([]float64, n), mat.NewVecDense(n, nil)
	for i := range values {
		values[i] = -1 + 3*float64(i)/float64(n-1)
		v.SetVec(i, r.NormFloat64())
	}
	// H D H with the reflection H = I - 2 v vᵀ / vᵀv
	h := mat.NewDense(n, n, nil)
	h.Outer(-2/mat.Dot(v, v), v, v)
	for i := range n {
		h.Set(i, i, h.At(i, i)+1)
	}
	var product mat.Dense
	product.Mul(h, diagonal(values...))
	product.Mul(&product, h)
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, product.At(i, j))
		}
	}
	return s
}

// TestSpectralDensity: weights add up to 1, the density integrates to 1, and the distribution is near the exact one, by the Wasserstein
// distance: to 1 % of the width of the spectrum for one that is spread evenly, and for that of a network.
func TestSpectralDensity(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	const tolerance = 0.01
	m, network := hessian(t)
	for name, c := range map[string]struct {
		m Matrix
		h *mat.SymDense
	}{"even": {of(spread(400)), spread(400)}, "network": {m, network}, "identity": {of(diagonal(2, 2, 2)), diagonal(2, 2, 2)}} {
		d, err := SpectralDensity(c.m, 10, 40, random())
		if err != nil {
			t.Fatal(err)
		}
		if sum := floats.Sum(d.Weights); math.Abs(sum-1) > 1e-12 || floats.Min(d.Weights) < 0 {
			t.Errorf("%s: the weights add up to %v", name, sum)
		}
		values, _, _ := Spectrum(c.h, false)
		low, high := values[0], values[len(values)-1]
		width := max(high-low, 1)
		sigma, integral := width/50, 0.0
		const points = 4000
		for i := range points {
			integral += d.At(low-width+3*width*(float64(i)+0.5)/points, sigma) * 3 * width / points
		}
		if math.Abs(integral-1) > 1e-6 {
			t.Errorf("%s: the density integrates to %v", name, integral)
		}
		distance := d.Distance(Exactly(values))
		if !(distance < tolerance*width) {
			t.Errorf("%s: distance %v to the exact distribution, of width %v", name, distance, width)
		}
		t.Logf("%s: distance %.2g of the width", name, distance/width)
		if share := d.Below(low + width/2); math.Abs(share-Exactly(values).Below(low+width/2)) > 0.05 {
			t.Errorf("%s: the share of %v is in the lower half", name, share)
		}
	}
}

// TestDistance: against distances that can be had by hand.
func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{{[]float64{1, 2}, []float64{1, 2}, 0}, {[]float64{0}, []float64{3}, 3}, {[]float64{0, 0}, []float64{0, 1}, 0.5}, {[]float64{5, 1}, []float64{2, 6}, 1}} {
		if got := Exactly(c.a).Distance(Exactly(c.b)); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("from %v to %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

// TestHutchinson: over many estimates the mean is the trace, and the variance 2 (‖A‖² − Σ aᵢᵢ²) / m, as theory has it for vectors of ±1
// (Avron and Toledo 2011, lemma 5). Both within four standard errors of what so many estimates tell.
func TestHutchinson(t *testing.T) {
	const estimates, samples = 4000, 5
	h := spread(30)
	trace, frobenius, own := mat.Trace(h), 0.0, 0.0
	for i := range 30 {
		own += h.At(i, i) * h.At(i, i)
		for j := range 30 {
			frobenius += h.At(i, j) * h.At(i, j)
		}
	}
	variance := 2 * (frobenius - own) / samples
	r := random()
	values, errors := make([]float64, estimates), 0.0
	for i := range values {
		e := Hutchinson(of(h), samples, r)
		values[i] = e.Value
		errors += e.Error * e.Error / estimates
	}
	mean, got := stat.MeanVariance(values, nil)
	if math.Abs(mean-trace) > 4*math.Sqrt(variance/estimates) {
		t.Errorf("mean %v, the trace is %v", mean, trace)
	}
	if allowed := 4 * variance * math.Sqrt(2.0/estimates) * 1.2; math.Abs(got-variance) > allowed || math.Abs(errors-variance) > allowed {
		t.Errorf("variance %v, said to be %v, theory has %v ± %v", got, errors, variance, allowed)
	}
	if e := Hutchinson(of(diagonal(1, 2, 3)), 1, r); e.Value != 6 || !math.IsNaN(e.Error) {
		t.Errorf("of a diagonal: %+v", e)
	}
}

// TestHutchPlusPlus: it is exact where the rank is small, and else nearer to the trace than Hutchinson with as many products if few eigenvalues are
// large.
func TestHutchPlusPlus(t *testing.T) {
	r := random()
	if e := HutchPlusPlus(of(diagonal(5, 0, 0, -2, 0, 0, 0)), 12, r); math.Abs(e.Value-3) > 1e-12 || e.Products > 12 {
		t.Errorf("of rank 2: %+v", e)
	}
	if e := HutchPlusPlus(of(diagonal(5, 1)), 30, r); math.Abs(e.Value-6) > 1e-12 || e.Error != 0 {
		t.Errorf("of 2 rows: %+v", e)
	}
	h := spread(100)
	for i := range 4 { // four large ones, not along the axes
		v := mat.NewVecDense(100, nil)
		for j := range 100 {
			v.SetVec(j, r.NormFloat64())
		}
		h.SymRankOne(h, float64(i+1), v)
	}
	trace := mat.Trace(h)
	var plain, better []float64
	for range 200 {
		plain = append(plain, Hutchinson(of(h), 30, r).Value-trace)
		e := HutchPlusPlus(of(h), 30, r)
		better = append(better, e.Value-trace)
		if e.Products > 30 {
			t.Fatalf("%d products", e.Products)
		}
	}
	a, b := floats.Norm(plain, 2), floats.Norm(better, 2)
	if !(b < a/10) {
		t.Errorf("errors of %v, Hutchinson's %v", b, a)
	}
	if mean := stat.Mean(better, nil); math.Abs(mean) > 4*b/200 {
		t.Errorf("it is off by %v on average", mean)
	}
}

// TestStandardErrors: of many estimates of a trace about 95 of 100 are within two standard errors of it, by both ways: within four deviations of the binomial
// of what Student's distribution has for that many samples.
func TestStandardErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	const estimates = 2000
	h, r := decaying(60, 1), random()
	trace := mat.Trace(h)
	for name, c := range map[string]struct {
		estimate func() Trace
		samples  float64
	}{
		"Hutchinson": {func() Trace { return Hutchinson(of(h), 30, r) }, 30},
		"Hutch++":    {func() Trace { return HutchPlusPlus(of(h), 60, r) }, 20},
	} {
		within := 0
		for range estimates {
			if e := c.estimate(); math.Abs(e.Value-trace) <= 2*e.Error {
				within++
			}
		}
		want := 2*distuv.StudentsT{Sigma: 1, Nu: c.samples - 1}.CDF(2) - 1
		got := float64(within) / estimates
		if allowed := 4 * math.Sqrt(want*(1-want)/estimates); math.Abs(got-want) > allowed {
			t.Errorf("%s: %v are within two standard errors, want %v ± %v", name, got, want, allowed)
		}
	}
}

// TestHutchPlusPlusOnDecay: with as many products its error is below that of Hutchinson where the eigenvalues fall as a power, the further the faster they fall.
func TestHutchPlusPlusOnDecay(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	before := 1.0
	for _, power := range []float64{1, 2, 3} {
		h, r := decaying(100, power), random()
		trace := mat.Trace(h)
		plain, better := 0.0, 0.0
		for range 100 {
			a, b := Hutchinson(of(h), 48, r).Value-trace, HutchPlusPlus(of(h), 48, r).Value-trace
			plain, better = plain+a*a, better+b*b
		}
		share := math.Sqrt(better / plain)
		if !(share < before/2) {
			t.Errorf("eigenvalues fall with the power %v: %v of Hutchinson's error, and %v with a lower power", power, share, before)
		}
		before = share
	}
}

// decaying has the eigenvalues i to the power of -power, from 1, in a basis of its own.
func decaying(n int, power float64) *mat.SymDense {
	r := random()
	raw := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			raw.Set(i, j, r.NormFloat64())
		}
	}
	var qr mat.QR
	qr.Factorize(raw)
	var q mat.Dense
	qr.QTo(&q)
	h := mat.NewSymDense(n, nil)
	for i := range n {
		h.SymRankOne(h, math.Pow(float64(i+1), -power), q.ColView(i))
	}
	return h
}
