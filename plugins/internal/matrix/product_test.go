package matrix

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// TestProduct holds every product, by each tile that there is, to three plain loops, bit for bit.
func TestProduct(t *testing.T) {
	fast := tile
	t.Cleanup(func() { tile = fast })
	sizes := [][3]int{{0, 3, 2}, {3, 0, 2}, {1, 1, 1}, {4, 8, 4}, {5, 9, 7}, {3, 17, 1}, {122, 11, 259}, {4, 259, 9}}
	for name, of := range map[string]func(a, b, c []float64, stride int){"plain": tilePlain, "kernel " + Kernel: fast} {
		tile = of
		random := rand.New(rand.NewPCG(1, 2))
		for _, size := range sizes {
			m, n, depth := size[0], size[1], size[2]
			for _, transposed := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
				a, b := drawn(random, m, depth, transposed[0]), drawn(random, depth, n, transposed[1])
				c := Of(m, n, make([]float64, m*n))
				fill(c.Data, math.NaN())
				Multiply(transposed[0], a, transposed[1], b, c)
				same(t, fmt.Sprint(name, size, transposed), c, operand{a, transposed[0]}, operand{b, transposed[1]})
			}
			for _, transposed := range []bool{false, true} {
				a := drawn(random, m, depth, transposed)
				c := Of(m, m, make([]float64, m*m))
				Average(c.Data, m, 0, transposed, a, 1)
				same(t, fmt.Sprint(name, size, "symmetric"), c, operand{a, transposed}, operand{a, !transposed})
			}
		}
	}
}

// drawn is a matrix of random numbers, now and then without end, or its transpose.
func drawn(random *rand.Rand, rows, columns int, transposed bool) blas64.General {
	if transposed {
		rows, columns = columns, rows
	}
	m := Of(rows, columns, make([]float64, rows*columns))
	for i := range m.Data {
		if m.Data[i] = random.NormFloat64() * math.Exp(9*random.NormFloat64()); random.IntN(2000) == 0 {
			m.Data[i] = math.Inf(1)
		}
	}
	return m
}

func same(t *testing.T, name string, c blas64.General, a, b operand) {
	t.Helper()
	at := func(o operand, i, j int) float64 {
		if o.transposed {
			i, j = j, i
		}
		return o.m.Data[i*o.m.Stride+j]
	}
	depth := a.columns()
	for i := range c.Rows {
		for j := range c.Cols {
			want := 0.0
			for k := range depth {
				want += float64(at(a, i, k) * at(b, k, j))
			}
			if got := c.Data[i*c.Stride+j]; math.Float64bits(got) != math.Float64bits(want) && (got == got || want == want) {
				t.Fatalf("%s: element %d, %d is %v, want %v", name, i, j, got, want)
			}
		}
	}
}

// BenchmarkProduct has gonum's product beside the one of each tile.
func BenchmarkProduct(b *testing.B) {
	const n = 512
	x, y, z := Of(n, n, sines(n, n)), Of(n, n, sines(n, n)), Of(n, n, make([]float64, n*n))
	fast := tile
	b.Cleanup(func() { tile = fast })
	for name, multiply := range map[string]func(){
		"gonum": func() { blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, x, y, 0, z) },
		"plain": func() { tile = tilePlain; Multiply(false, x, false, y, z) },
		"tile":  func() { tile = fast; Multiply(false, x, false, y, z) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				multiply()
			}
			b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
