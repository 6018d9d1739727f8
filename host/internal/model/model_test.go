package model

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

// randomProblem draws examples whose features have unit scale.
func randomProblem(r *rand.Rand, n, features int) (*mat.Dense, []float64) {
	x, y := mat.NewDense(n, features, nil), make([]float64, n)
	for i := range n {
		for j := range features {
			x.Set(i, j, r.NormFloat64())
		}
		y[i] = float64(r.IntN(2))
	}
	return x, y
}

func TestGradientAgainstFiniteDifferences(t *testing.T) {
	const tolerance = 1e-7 // relative, in the Euclidean norm
	for _, activation := range Activations {
		for depth := range 4 {
			t.Run(fmt.Sprintf("%s/depth %d", activation.Name, depth), func(t *testing.T) {
				r := rand.New(rand.NewPCG(7, uint64(depth)))
				hidden := []int{5, 4, 3}[:depth]
				m := NewMLP(3, hidden, activation)
				x, y := randomProblem(r, 11, 3)
				w, g := make([]float64, m.Size()), make([]float64, m.Size())
				m.Initialize(seed.New(uint64(depth)), w)
				for i := range w {
					w[i] += 0.1 * r.NormFloat64() // biases too are off zero
				}
				pass := m.NewPass(11)
				pass.Gradient(w, x, y, g)
				want := fd.Gradient(nil, func(w []float64) float64 {
					return BinaryCrossEntropy(pass.Forward(w, x), y, nil)
				}, w, &fd.Settings{Formula: fd.Central, Step: 1e-5})
				if e := floats.Distance(g, want, 2) / floats.Norm(want, 2); !(e < tolerance) {
					t.Errorf("relative error %.1e, allowed %.0e", e, tolerance)
				}
			})
		}
	}
}

func TestBinaryCrossEntropyIsStable(t *testing.T) {
	for _, c := range []struct{ z, y, want float64 }{
		{0, 1, math.Ln2}, {1000, 0, 1000}, {-1000, 1, 1000}, {1000, 1, 0}, {-1000, 0, 0},
		{40, 1, math.Exp(-40)}, // ln(1 + e^-40) without losing it to the 1
	} {
		dz := []float64{0}
		if got := BinaryCrossEntropy([]float64{c.z}, []float64{c.y}, dz); math.Abs(got-c.want) > 1e-15*c.want {
			t.Errorf("z = %v, y = %v: loss %v, want %v", c.z, c.y, got, c.want)
		}
		if math.IsNaN(dz[0]) || math.Abs(dz[0]) > 1 {
			t.Errorf("z = %v, y = %v: derivative %v", c.z, c.y, dz[0])
		}
	}
}

// TestTorch replays an Adam run of PyTorch 1.13.1 with explicit data, weights and batches, and compares loss, gradient
// norm and full loss at each of its 100 steps.
func TestTorch(t *testing.T) {
	const tolerance = 1e-12
	data, init, batches, want := read(t, "mlp_data"), read(t, "mlp_init"), read(t, "mlp_batches"), read(t, "mlp_adam")
	m := NewMLP(2, []int{16}, mustActivation(t, "tanh"))
	w := make([]float64, m.Size())
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
	pass, full := m.NewPass(32), m.NewPass(len(data))
	g, s, r := make([]float64, m.Size()), make([]float64, m.Size()), make([]float64, m.Size())
	x, y := mat.NewDense(32, 2, nil), make([]float64, 32)
	worst := 0.0
	for k, row := range batches {
		for i, cell := range row[1:] {
			example := int(number(t, cell))
			x.SetRow(i, allX.RawRowView(example))
			y[i] = allY[example]
		}
		fullLoss := BinaryCrossEntropy(full.Forward(w, allX), allY, nil)
		loss := pass.Gradient(w, x, y, g)
		for i, got := range []float64{loss, floats.Norm(g, 2), fullLoss} {
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

func mustActivation(t *testing.T, name string) Activation {
	a, ok := FindActivation(name)
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

func BenchmarkGradient(b *testing.B) {
	m := NewMLP(30, []int{16}, Activations[2])
	x, y := randomProblem(rand.New(rand.NewPCG(1, 1)), 32, 30)
	w, g := make([]float64, m.Size()), make([]float64, m.Size())
	m.Initialize(seed.New(1), w)
	pass := m.NewPass(32)
	b.ReportAllocs()
	for b.Loop() {
		pass.Gradient(w, x, y, g)
	}
}
