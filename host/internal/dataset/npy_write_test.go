package dataset

import (
	"bytes"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestWriteNPY: what is written reads back with the same bits.
func TestWriteNPY(t *testing.T) {
	for _, shape := range [][]int64{{1}, {7}, {2, 3}, {3, 3, 1, 40}, {1000, 100}} {
		n := int64(1)
		for _, d := range shape {
			n *= d
		}
		values := make([]float64, n)
		for i := range values {
			values[i] = math.Sqrt(float64(i)) * 1e-300
		}
		var b bytes.Buffer
		if err := WriteNPY(&b, shape, values); err != nil {
			t.Fatal(err)
		}
		if data := b.Len() - 8*int(n); data%64 != 0 {
			t.Errorf("%v: the numbers begin after %d bytes", shape, data)
		}
		path := filepath.Join(t.TempDir(), "x.npy")
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		m, _, err := ReadMatrix(path)
		if err != nil {
			t.Fatal(err)
		}
		if rows, _ := m.Dims(); !slices.Equal(m.RawMatrix().Data, values) || rows != int(shape[0]) {
			t.Errorf("%v: other numbers in %d rows", shape, rows)
		}
	}
}

// TestNumPyReadsNPY: the shape and the numbers are those that NumPy has.
func TestNumPyReadsNPY(t *testing.T) {
	python := ""
	for _, name := range []string{"/usr/bin/python3", "python3"} { // that of the path may be another one than Debian's
		if exec.Command(name, "-c", "import numpy").Run() == nil {
			python = name
		}
	}
	if python == "" {
		const message = "NumPy is missing; install it with: apt-get install python3-numpy"
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	for name, c := range map[string]struct {
		shape []int64
		want  string
	}{"matrix": {[]int64{2, 3}, "float64 [[0.1, 0.2, 0.3], [0.4, 0.5, 1e-320]]"}, "vector": {[]int64{6}, "float64 [0.1, 0.2, 0.3, 0.4, 0.5, 1e-320]"}} {
		path := filepath.Join(t.TempDir(), "x.npy")
		f, err := os.Create(path)
		if err == nil {
			err = WriteNPY(f, c.shape, []float64{0.1, 0.2, 0.3, 0.4, 0.5, 1e-320})
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, "-c", "import numpy, sys; a = numpy.load(sys.argv[1]); print(a.dtype, a.tolist())", path).CombinedOutput()
		if got := string(bytes.TrimSpace(out)); err != nil || got != c.want {
			t.Errorf("%s: %q, want %q: %v", name, got, c.want, err)
		}
	}
}
