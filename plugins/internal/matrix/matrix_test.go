package matrix

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
)

// sines is a matrix far from any symmetry, the same as in testdata/reference.py.
func sines(rows, columns int) []float64 {
	a := make([]float64, rows*columns)
	for i := range rows {
		for j := range columns {
			x, y := float64(i), float64(j)
			a[i*columns+j] = math.Sin(1.3*x + 0.7*y*y + x*y)
		}
	}
	return a
}

// square is the first n columns of sines(n, n+3), and gram its whole times its transpose.
func square(n int) (square, gram []float64) {
	a, gram := sines(n, n+3), make([]float64, n*n)
	Average(gram, n, 0, false, Of(n, n+3, a), 1)
	for i := range n {
		square = append(square, a[i*(n+3):i*(n+3)+n]...)
	}
	return square, gram
}

// scipy is what testdata/reference.py wrote.
func scipy(t *testing.T) func(name string, got []float64, tolerance float64) {
	t.Helper()
	b, err := os.ReadFile("testdata/scipy.json")
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]json.RawMessage{}
	if err := json.Unmarshal(b, &answers); err != nil {
		t.Fatal(err)
	}
	return func(name string, got []float64, tolerance float64) {
		t.Helper()
		var want []float64
		if err := json.Unmarshal(answers[name], &want); err != nil || len(want) != len(got) {
			t.Fatalf("%s: %v, %d numbers, want %d", name, err, len(got), len(want))
		}
		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= tolerance) {
				t.Errorf("%s: element %d is %.17g, SciPy has %.17g", name, i, got[i], want[i])
			}
		}
	}
}

// TestPolar: enough iterations of polar-express end at the orthogonal factor, whatever the shape; five of jordan's polynomial leave
// singular values between 0.68 and 1.14, which is that polynomial's range.
func TestPolar(t *testing.T) {
	same := scipy(t)
	for _, s := range [][2]int{{5, 3}, {3, 5}, {6, 6}, {1, 4}, {40, 70}} {
		rows, columns := s[0], s[1]
		a := sines(rows, columns)
		Polar(a, rows, columns, Coefficients["polar-express"], 12, 1e-7)
		same(fmt.Sprintf("polar %d %d", rows, columns), a, 1e-6) // the last polynomial's coefficients have 1e-9 of the limit's
		a = sines(rows, columns)
		Polar(a, rows, columns, Coefficients["jordan"], 5, 1e-7)
		n := min(rows, columns)
		gram := make([]float64, n*n)
		Average(gram, n, 0, rows > columns, Of(rows, columns, a), 1)
		for _, v := range Eigen(gram, n) {
			if v < 0.6*0.6 || v > 1.2*1.2 {
				t.Errorf("%d x %d: a singular value is %v", rows, columns, math.Sqrt(v))
			}
		}
	}
	Polar(nil, 0, 3, Coefficients["jordan"], 5, 1e-7)
	zero := make([]float64, 6)
	if Polar(zero, 2, 3, Coefficients["jordan"], 5, 1e-7); Norm(zero) != 0 {
		t.Errorf("zero became %v", zero)
	}
}

func TestSciPy(t *testing.T) {
	same := scipy(t)
	for _, n := range []int{1, 4, 9} {
		a, gram := square(n)
		root := make([]float64, n*n)
		InverseRoot(gram, n, 4, 1e-3, root)
		same(fmt.Sprintf("root %d", n), root, 1e-12)
		same(fmt.Sprintf("eigen %d", n), Eigen(gram, n), 1e-13)
		q := slices.Clone(a)
		Orthogonal(q, n)
		same(fmt.Sprintf("qr %d", n), q, 1e-13)
		upper := make([]float64, n*n)
		for i := range n {
			copy(upper[i*n+i:(i+1)*n], a[i*n+i:(i+1)*n])
			upper[i*n+i] += 2
		}
		DivideUpper(Of(n, n, a), upper)
		same(fmt.Sprintf("divided %d", n), a, 1e-12)
	}
}

// TestEigen: a column is the eigenvector of its value, and what was given is put together of them again.
func TestEigen(t *testing.T) {
	const n = 9
	_, gram := square(n)
	vectors := slices.Clone(gram)
	values := Eigen(vectors, n)
	for i := range n {
		for j := range n {
			sum := 0.0
			for k, value := range values {
				sum += vectors[i*n+k] * value * vectors[j*n+k]
			}
			if math.Abs(sum-gram[i*n+j]) > 1e-13 {
				t.Errorf("element %d, %d is %v, want %v", i, j, sum, gram[i*n+j])
			}
		}
	}
}

// TestNaN: what is not finite ends as NaN, in no endless loop and no panic.
func TestNaN(t *testing.T) {
	for _, broken := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		_, m := square(4)
		m[5] = broken
		root, q, a := make([]float64, 16), slices.Clone(m), slices.Clone(m)
		InverseRoot(m, 4, 4, 1e-6, root)
		Orthogonal(q, 4)
		Polar(a, 4, 4, Coefficients["jordan"], 5, 1e-7)
		for name, result := range map[string][]float64{"root": root, "Q": q, "polar factor": a} {
			if Finite(result) {
				t.Errorf("%v: the %s is %v", broken, name, result)
			}
		}
	}
}

func BenchmarkPolar512(b *testing.B) {
	a, x := sines(512, 512), make([]float64, 512*512)
	for b.Loop() {
		copy(x, a)
		Polar(x, 512, 512, Coefficients["jordan"], 5, 1e-7)
	}
}
