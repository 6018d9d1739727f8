package dataset

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
)

func TestBreastCancer(t *testing.T) {
	d, ok, err := Load("breast-cancer")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	rows, columns := d.X.Dims()
	benign := 0
	for _, y := range d.Y {
		benign += int(y)
	}
	if rows != 569 || columns != 30 || benign != 357 || d.X.At(0, 0) != 17.99 || d.Classes != [2]string{"malignant", "benign"} {
		t.Errorf("%d x %d, %d benign, first %v, classes %v", rows, columns, benign, d.X.At(0, 0), d.Classes)
	}
}

func write(t *testing.T, content string) string {
	path := filepath.Join(t.TempDir(), "data.csv")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadCSV(t *testing.T) {
	d, err := ReadCSV(write(t, "class,a,b\n1, 2,3\n0,4,5\n"), "class")
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(d.X, mat.NewDense(2, 2, []float64{2, 3, 4, 5})) || !slices.Equal(d.Y, []float64{1, 0}) {
		t.Errorf("%v %v", d.X, d.Y)
	}
	for content, want := range map[string]string{
		"":                  "the file is empty",
		"a,b\n":             "no numbers",
		"a\n1\n":            ":1: one column",
		"a,b\n1,0\n2,x\n":   ":3:3: \"x\" is not a finite number",
		"a,b\n1,0\n2\n":     "wrong number of fields",
		"a,b\n1,0\nNaN,1\n": ":3:1: \"NaN\"",
		"a,b\n1,2\n":        "example 1 has class 2",
		"a,b\n1,\"0\n":      "data.csv",
	} {
		if _, err := ReadCSV(write(t, content), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", content, err, want)
		}
	}
	if _, err := ReadCSV(write(t, "a,b\n1,0\n"), "c"); err == nil || !strings.Contains(err.Error(), "the columns are a, b") {
		t.Errorf("unknown target: %v", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,0\n2,1\n")
	f.Add("a,b\n\"1\",0\n")
	f.Fuzz(func(t *testing.T, content string) {
		d, err := ReadCSV(write(t, content), "")
		if err != nil {
			return
		}
		rows, columns := d.X.Dims()
		if rows != len(d.Y) || rows == 0 || columns == 0 {
			t.Errorf("%d x %d with %d classes", rows, columns, len(d.Y))
		}
	})
}

func TestSplit(t *testing.T) {
	d, _, err := Load("breast-cancer")
	if err != nil {
		t.Fatal(err)
	}
	s := NewSplit(d, 0.2, true, seed.New(1))
	if len(s.Train) != 455 || len(s.Validation) != 114 {
		t.Fatalf("%d and %d examples", len(s.Train), len(s.Validation))
	}
	all := append(slices.Clone(s.Train), s.Validation...)
	slices.Sort(all)
	for i, row := range all {
		if i != row {
			t.Fatal("the parts do not make the whole")
		}
	}
	// Scaled by the training examples alone: exactly 0 and 1 there, and not quite on the others.
	for _, c := range []struct {
		rows  []int
		exact bool
	}{{s.Train, true}, {s.Validation, false}} {
		x, y := mat.NewDense(len(c.rows), 30, nil), make([]float64, len(c.rows))
		s.Gather(c.rows, x, y)
		for j := range 30 {
			mean, square := 0.0, 0.0
			for i := range c.rows {
				mean += x.At(i, j) / float64(len(c.rows))
				square += x.At(i, j) * x.At(i, j) / float64(len(c.rows))
			}
			if exact := math.Abs(mean) < 1e-12 && math.Abs(square-1) < 1e-12; exact != c.exact {
				t.Errorf("feature %d: mean %v, mean square %v over %d examples", j, mean, square, len(c.rows))
			}
		}
	}
}

func TestBatchesMeetEveryExampleOncePerEpoch(t *testing.T) {
	examples := make([]int, 100)
	for i := range examples {
		examples[i] = 1000 + i
	}
	b := NewBatches(examples, 32, seed.New(1))
	per := StepsPerEpoch(100, 32)
	if per != 4 {
		t.Fatalf("%d steps", per)
	}
	var first []int
	for epoch := range 3 {
		var met []int
		for k := range per {
			met = append(met, b.Batch(epoch*per+k)...)
		}
		if epoch == 0 {
			first = slices.Clone(met)
		} else if slices.Equal(met, first) {
			t.Error("two epochs have the same order")
		}
		slices.Sort(met)
		if !slices.Equal(met, examples) {
			t.Errorf("epoch %d meets %d examples", epoch, len(met))
		}
	}
	if full := NewBatches(examples, 0, seed.New(1)).Batch(17); !slices.Equal(full, examples) {
		t.Error("the full batch is not all examples")
	}
}
