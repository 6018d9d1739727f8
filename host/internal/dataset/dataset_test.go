package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func load(t *testing.T, name string, values map[string]float64) *Dataset {
	t.Helper()
	k, ok := Find(name)
	if !ok {
		t.Fatalf("no data set %q", name)
	}
	d, err := k.Load(nil, values)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// count is the number of examples of each class.
func count(d *Dataset) []int {
	n := make([]int, len(d.Classes))
	for _, y := range d.Y {
		n[int(y)]++
	}
	return n
}

func TestEmbedded(t *testing.T) {
	d := load(t, "breast-cancer", nil)
	if d.Examples() != 569 || d.Features() != 30 || !slices.Equal(count(d), []int{212, 357}) || d.X.At(0, 0) != 17.99 ||
		!slices.Equal(d.Classes, []string{"malignant", "benign"}) {
		t.Errorf("%d x %d, %v of %v, first %v", d.Examples(), d.Features(), count(d), d.Classes, d.X.At(0, 0))
	}
	// The counts are those of scikit-learn's load_digits.
	d = load(t, "digits", nil)
	if d.Examples() != 1797 || !slices.Equal(d.Shape, []int{8, 8, 1}) || d.Features() != 64 || mat.Max(d.X) != 16 ||
		!slices.Equal(count(d), []int{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}) {
		t.Errorf("%d x %v, %v", d.Examples(), d.Shape, count(d))
	}
	odd, err := d.OddEven()
	if err != nil || !slices.Equal(odd.Classes, []string{"even", "odd"}) || !slices.Equal(count(odd), []int{891, 906}) {
		t.Errorf("%v, %v %v", err, odd.Classes, count(odd))
	}
	rest, err := d.OneVersusRest("3")
	if err != nil || !slices.Equal(rest.Classes, []string{"rest", "3"}) || !slices.Equal(count(rest), []int{1797 - 183, 183}) {
		t.Errorf("%v, %v %v", err, rest.Classes, count(rest))
	}
	if _, err := d.OneVersusRest("ten"); !errors.As(err, new(*ClassError)) {
		t.Errorf("class ten: %v", err)
	}
	if _, err := load(t, "breast-cancer", nil).OddEven(); err == nil ||
		!strings.Contains(err.Error(), `"malignant" is not a whole number`) {
		t.Errorf("odd or even tumours: %v", err)
	}
}

// TestSyntheticMatchesReference compares the points without noise with scikit-learn's.
func TestSyntheticMatchesReference(t *testing.T) {
	const tolerance = 1e-15 // absolute
	for file, c := range map[string]struct {
		name   string
		values map[string]float64
	}{
		"moons.csv":   {"two-moons", map[string]float64{"examples": 12, "noise": 0}},
		"circles.csv": {"circles", map[string]float64{"examples": 12, "noise": 0, "factor": 0.5}},
	} {
		want, err := Read(Files{Features: "testdata/" + file})
		if err != nil {
			t.Fatal(err)
		}
		got := load(t, c.name, c.values)
		if !mat.EqualApprox(got.X, want.X, tolerance) || !slices.Equal(got.Y, want.Y) {
			t.Errorf("%s:\n%v\n%v\nwant\n%v\n%v", c.name, mat.Formatted(got.X), got.Y, mat.Formatted(want.X), want.Y)
		}
	}
}

func TestSynthetic(t *testing.T) {
	for _, k := range synthetic {
		a, b := load(t, k.Name, nil), load(t, k.Name, nil)
		c := load(t, k.Name, map[string]float64{"seed": 2, "noise": 1})
		if !mat.Equal(a.X, b.X) || !slices.Equal(a.Y, b.Y) || mat.Equal(a.X, c.X) {
			t.Errorf("%s does not follow from its seed", k.Name)
		}
	}
	// Lang and Witbrock's two spirals: point i of 97 of the first at radius (104−i)/104, angle iπ/16.
	d := load(t, "spirals", nil)
	for _, i := range []int{0, 13, 96} {
		r, phi := float64(104-i)/104, float64(i)*math.Pi/16
		if x, y := d.X.At(i, 0), d.X.At(i, 1); math.Abs(x-r*math.Sin(phi)) > 1e-14 || math.Abs(y-r*math.Cos(phi)) > 1e-14 ||
			math.Abs(d.X.At(97+i, 0)+x) > 1e-14 || math.Abs(d.X.At(97+i, 1)+y) > 1e-14 {
			t.Errorf("spirals: point %d at %v, %v", i, x, y)
		}
	}
	d = load(t, "xor", nil)
	for i, y := range d.Y {
		if product := d.X.At(i, 0) * d.X.At(i, 1); (product < 0) != (y == 1) || product == 0 {
			t.Errorf("xor: point %d of class %v has the product %v", i, y, product)
		}
	}
	d = load(t, "blobs", map[string]float64{"classes": 4, "examples": 400, "noise": 0, "features": 5})
	if !slices.Equal(count(d), []int{100, 100, 100, 100}) || d.Features() != 5 ||
		!mat.Equal(d.X.(*dense[float64]).slice(0, 1), d.X.(*dense[float64]).slice(99, 100)) {
		t.Errorf("blobs: %v", count(d))
	}
}

// slice is some of the rows.
func (m *dense[T]) slice(from, to int) *dense[T] {
	return &dense[T]{to - from, m.columns, m.data[from*m.columns : to*m.columns]}
}

func TestLinearRegressionHasItsConditionNumber(t *testing.T) {
	const tolerance = 1e-8 // relative
	d := load(t, "linear-regression", map[string]float64{"examples": 300, "features": 7, "condition": 1e4, "noise": 0})
	// With a column of ones, for the bias.
	x := mat.NewDense(300, 8, nil)
	for i := range 300 {
		d.X.Row(x.RawRowView(i), i)
		x.Set(i, 7, 1)
	}
	var svd mat.SVD
	svd.Factorize(x, mat.SVDThin)
	values := svd.Values(nil)
	if got := math.Pow(values[0]/values[7], 2); math.Abs(got/1e4-1) > tolerance ||
		math.Abs(values[0]-math.Sqrt(300)) > tolerance {
		t.Errorf("condition number %v, largest singular value %v", got, values[0])
	}
	// Without noise the least squares solution leaves no residual.
	var w, residual mat.VecDense
	y := mat.NewVecDense(300, d.Y)
	svd.SolveVecTo(&w, y, 8)
	residual.MulVec(x, &w)
	residual.SubVec(&residual, y)
	if r := mat.Norm(&residual, 2) / mat.Norm(y, 2); r > 1e-12 || !d.Regression() {
		t.Errorf("relative residual %v", r)
	}
}

// cycle is 0, 1, ... n-1, and all of that so many times.
func cycle(n, times int) []float64 {
	y := make([]float64, n*times)
	for i := range y {
		y[i] = float64(i % n)
	}
	return y
}

// numbers is cycle as texts that end alike.
func numbers(n, times int, end string) string {
	var texts []string
	for _, v := range cycle(n, times) {
		texts = append(texts, fmt.Sprint(v)+end)
	}
	return strings.Join(texts, " ")
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		texts   string
		task    Task
		y       []float64
		classes string
		wrong   string
	}{
		{"1 -1 1", Automatic, []float64{1, 0, 1}, "-1 1", ""},
		{"10 9 10", Automatic, []float64{1, 0, 1}, "9 10", ""},
		{"1.0 0 1e0", Automatic, []float64{1, 0, 1}, "0 1", ""},
		{"dog cat dog", Automatic, []float64{1, 0, 1}, "cat dog", ""},
		{"0 0.5 2", Automatic, []float64{0, 0.5, 2}, "", ""},
		{"3 1 2", Regression, []float64{3, 1, 2}, "", ""},
		{"0 0.5 2", Classification, nil, "", "targets with a fraction are no classes"},
		{"1 x", Regression, nil, "", `the target of example 2 is "x", no number`},
		{"0 yes 1.5", Automatic, nil, "", `the target of example 2 is "yes", but that of example 1 the number 0`},
		{"a 1 a", Automatic, nil, "", `the target of example 1 is "a", but that of example 2 the number 1`},
		{"0 yes 1.5 yes", Classification, []float64{0, 2, 1, 2}, "0 1.5 yes", ""},
		{numbers(21, 9, ""), Automatic, nil, "", "21 different numbers in 189 examples: numbers to predict, or classes? Write task ="},
		{numbers(21, 10, ""), Automatic, cycle(21, 10), strings.Join(numbered(21), " "), ""},
		{numbers(1001, 10, ""), Automatic, nil, "", "1001 different numbers"},
		{numbers(11, 50, ".0"), Automatic, nil, "", "11 different numbers"},
		{numbers(10, 50, ".0"), Automatic, cycle(10, 50), strings.Join(numbered(10), " "), ""},
		{numbers(214, 2, ".0"), Regression, cycle(214, 2), "", ""},
		{numbers(214, 2, ".0"), Classification, cycle(214, 2), strings.Join(numbered(214), " "), ""},
		{"1 NaN", Automatic, nil, "", "the target of example 2 is NaN"},
		{"1  2", Automatic, nil, "", "the target of example 2 is missing"},
	} {
		var texts column
		for text := range strings.SplitSeq(c.texts, " ") {
			texts.add(text)
		}
		y, classes, err := targets(&texts, c.task)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%q: got %v, want %q", c.texts, err, c.wrong)
			}
		} else if err != nil || !slices.Equal(y, c.y) || strings.Join(classes, " ") != c.classes {
			t.Errorf("%q: %v %v %v", c.texts, y, classes, err)
		}
	}
}

// TestHeavyTailed: every class has its share by the law of Zipf to within rounding, and the features know nothing of it.
func TestHeavyTailed(t *testing.T) {
	const n, classes = 5000, 40
	d := load(t, "heavy-tailed", map[string]float64{"examples": n, "classes": classes, "features": 3, "exponent": 1})
	all := 0.0
	for k := range classes {
		all += 1 / float64(k+1)
	}
	for k, got := range count(d) {
		if want := n / float64(k+1) / all; math.Abs(float64(got)-want) > 1 {
			t.Errorf("class %d has %d examples, want %.1f", k, got, want)
		}
	}
	if low, high := d.Range(); low < 0 || high >= 1 || low > 0.01 || high < 0.99 {
		t.Errorf("features from %v to %v", low, high)
	}
	if equal := count(load(t, "heavy-tailed", map[string]float64{"examples": 300, "classes": 3, "features": 3, "exponent": 0})); !slices.Equal(equal, []int{100, 100, 100}) {
		t.Errorf("the exponent 0 gives %v", equal)
	}
	k, _ := Find("heavy-tailed")
	if _, err := k.Load(nil, map[string]float64{"examples": 100, "classes": 100}); err == nil || !strings.Contains(err.Error(), "choose at least 519") {
		t.Errorf("too few examples: %v", err)
	}
}
