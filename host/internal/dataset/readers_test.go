package dataset

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipText(content string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(content))
	_ = w.Close()
	return b.String()
}

// idx is an IDX file of the given type and shape.
func idx(kind byte, shape []uint32, data string) string {
	b := []byte{0, 0, kind, byte(len(shape))}
	for _, n := range shape {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return string(b) + data
}

func TestReadCSV(t *testing.T) {
	d, err := Read(Files{Features: write(t, "d.csv", "\ufeffclass,a,b\nred, 2,3\n blue ,4,5\n"), Column: "class"})
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(d.X, mat.NewDense(2, 2, []float64{2, 3, 4, 5})) || !slices.Equal(d.Y, []float64{1, 0}) ||
		!slices.Equal(d.Classes, []string{"blue", "red"}) {
		t.Errorf("%v %v %v", d.X, d.Y, d.Classes)
	}
	train, test := write(t, "train.csv", "a,y\n1,0.5\n2,1\n"), write(t, "test.csv.gz", zipText("a,y\n3,7\n"))
	if d, err = Read(Files{Features: train, TestFeatures: test}); err != nil || d.Test != 1 || !d.Regression() ||
		!slices.Equal(d.Y, []float64{0.5, 1, 7}) || !mat.Equal(d.X, mat.NewDense(3, 1, []float64{1, 2, 3})) {
		t.Errorf("%+v %v", d, err)
	}
}

func TestReadLIBSVM(t *testing.T) {
	d, err := Read(Files{Features: "testdata/sparse.libsvm"}) // made with scikit-learn
	if err != nil {
		t.Fatal(err)
	}
	want := mat.NewDense(4, 6, nil)
	want.Set(0, 2, 0.5)
	want.Set(1, 0, -1.25)
	want.Set(1, 5, 1e-3)
	want.Set(3, 3, 7)
	row := slices.Repeat([]float64{9}, 6)
	d.X.Row(row, 1)
	if _, isSparse := d.X.(*sparse); !isSparse || d.X.Bytes() >= 8*24 || !mat.Equal(d.X, want) ||
		!mat.Equal(d.X.T(), want.T()) || !slices.Equal(row, want.RawRowView(1)) || !slices.Equal(d.Y, []float64{1, 0, 1, 0}) ||
		!slices.Equal(d.Classes, []string{"-1", "1"}) {
		t.Errorf("%T %v %v %v", d.X, mat.Formatted(d.X), d.Y, d.Classes)
	}
	// A test part with more features widens the other; where nearly all values are there, they are held densely.
	a, b := write(t, "a.svm", "# none\n+1 qid:3 1:1 2:2 # first\n\n2 1:3\n"), write(t, "b.svm", "1 3:4\n")
	d, err = Read(Files{Features: a, TestFeatures: b})
	if err != nil || d.Features() != 3 || d.Test != 1 ||
		!mat.Equal(d.X, mat.NewDense(3, 3, []float64{1, 2, 0, 3, 0, 0, 0, 0, 4})) {
		t.Errorf("%v %v", d, err)
	}
	if d, err = Read(Files{Features: a}); err != nil || fmt.Sprintf("%T", d.X) != "*dataset.dense[float64]" {
		t.Errorf("%T %v", d.X, err)
	}
}

func TestReadNPY(t *testing.T) {
	want := mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})
	files, err := filepath.Glob("testdata/npy_[fiu]*[0-9]*.npy")
	if err != nil || len(files) < 14 {
		t.Fatalf("%v %v", files, err)
	}
	for _, file := range append(files, "testdata/npy_version2.npy") {
		a, _, err := from(file, readNPY)
		if err != nil {
			t.Error(err)
			continue
		}
		x, _, err := a.features()
		if err != nil || !mat.Equal(x, want) {
			t.Errorf("%s: %v %v", file, mat.Formatted(x), err)
		}
		if width := x.Bytes() / 6; strings.Contains(file, "u1") && width != 1 || strings.Contains(file, "f4") && width != 4 {
			t.Errorf("%s takes %d bytes a value", file, width)
		}
	}
	for _, file := range []string{"testdata/npy_f8_fortran.npy", "testdata/npy_f4.npy", "testdata/npy_u1.npy"} {
		m, _, err := ReadMatrix(file)
		if err != nil || !mat.Equal(m, mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6})) {
			t.Errorf("%s: %v, %v", file, m, err)
		}
	}
	for _, file := range []string{"testdata/npy_images.npy", "testdata/npy_images_fortran.npy"} {
		d, err := Read(Files{Features: file, Targets: "testdata/npy_bool.npy"})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 48 {
			if got := d.X.At(i/12, i%12); got != float64(i) {
				t.Fatalf("%s: value %d is %v", file, i, got)
			}
		}
		if !slices.Equal(d.Shape, []int{2, 3, 2}) || !slices.Equal(d.Y, []float64{1, 0, 1, 1}) {
			t.Errorf("%s: %v %v", file, d.Shape, d.Y)
		}
	}
}

func TestReadIDX(t *testing.T) {
	labels := write(t, "labels-idx1-ubyte.gz", zipText(idx(8, []uint32{2}, "\x03\x07")))
	for kind, data := range map[byte]string{
		0x08: "\x01\x02\x03\x04\x05\x06\x07\x08",
		0x09: "\x01\x02\x03\x04\x05\x06\x07\x08",
		0x0b: "\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06\x00\x07\x00\x08",
	} {
		for _, content := range []string{idx(kind, []uint32{2, 2, 2}, data), zipText(idx(kind, []uint32{2, 2, 2}, data))} {
			d, err := Read(Files{Features: write(t, "images-idx3", content), Targets: labels})
			if err != nil || !mat.Equal(d.X, mat.NewDense(2, 4, []float64{1, 2, 3, 4, 5, 6, 7, 8})) ||
				!slices.Equal(d.Shape, []int{2, 2, 1}) ||
				!slices.Equal(d.Classes, []string{"3", "7"}) || (d.Peak == 255) != (kind == 8) {
				t.Errorf("%x: %+v %v", kind, d, err)
			}
		}
	}
	for kind, c := range map[byte]struct {
		data string
		want []float64
	}{
		0x09: {"\xff\x7f", []float64{-1, 127}},
		0x0b: {"\xff\xff\x7f\xff", []float64{-1, 32767}},
		0x0c: {"\xff\xff\xff\xfe\x00\x01\x00\x00", []float64{-2, 65536}},
		0x0d: {"\x3f\x80\x00\x00\xc0\x20\x00\x00", []float64{1, -2.5}},
		0x0e: {"\x3f\xf0\x00\x00\x00\x00\x00\x00\xc0\x04\x00\x00\x00\x00\x00\x00", []float64{1, -2.5}},
	} {
		a, _, err := from(write(t, "x.idx", idx(kind, []uint32{2}, c.data)), readIDX)
		if err != nil || !slices.Equal(a.floats, c.want) {
			t.Errorf("%x: %v %v", kind, a, err)
		}
	}
}

func TestReadersRefuse(t *testing.T) {
	images, npy := idx(8, []uint32{2, 1, 2}, "abcd"), func(name string) string {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range []struct{ name, content, want string }{
		{"empty.csv", "", "the file is empty"},
		{"header.csv", "a,b\n", "no numbers"},
		{"column.csv", "a\n1\n", ":1: one column"},
		{"text.csv", "a,b\n1,0\nx,2\n", ":3:1: \"x\" is not a finite number"},
		{"short.csv", "a,b\n1,0\n2\n", ":3: wrong number of fields"},
		{"nan.csv", "a,b\n1,0\nNaN,1\n", ":3:1: \"NaN\""},
		{"quote.csv", "a,b\n1,\"0\n", "quote.csv:2:6: extraneous or missing"},
		{"headless.csv", "1,2\n3,4\n", ":1: the first line holds numbers"},
		{"one.csv", "a,b\n1,2\n3,2\n", "all examples are of one class, \"2\""},
		{"hole.csv", "a,b\n1,0\n2,\n", "the target of example 2 is missing"},
		{"zip.csv.gz", zipText("a,b\n1,0\n2,1\n")[:30], "damaged or cut short"},
		{"name.dat", "1", "the name does not tell the format"},
		{"empty.svm", "# nothing\n", "no examples"},
		{"pair.svm", "1 1:2\n0 2\n", "pair.svm:2:3: \"2\" is no pair"},
		{"zero.svm", "1 -1:2\n", ":1:3: \"-1:2\" needs a whole number from 0 or 1"},
		{"order.svm", "1 2:2 1:3\n", ":1:7: \"1:3\" comes after index 2"},
		{"column.svm", "1 11:2 \t1:2 # x\n", ":1:9: \"1:2\" comes after index 11"},
		{"large.svm", "1 99999999:2\n", "too large an index"},
		{"value.svm", "1 1:inf\n", "needs a finite number"},
		{"multi.svm", "1,2 1:1\n", "must begin with one target"},
		{"csv.svm", "a,b,c\n1,2,3\n", "must begin with one target"},
		{"magic.idx", "\x1f\x00\x00\x00", "not an IDX file: it begins with 1f 00 00 00"},
		{"cut.idx", images[:18], "cut short: its values should have 4 bytes, but only 2 are there"},
		{"lie.idx", idx(8, []uint32{1000, 1}, "abc"), "cut short: its values should have 1000 bytes, more than a file of this size"},
		{"long.idx", images + "x", "longer than its header says"},
		{"huge.idx", idx(14, []uint32{1 << 31, 1 << 31}, ""), "takes more than the 4096 MB"},
		{"none.idx", idx(8, []uint32{0, 2}, ""), "is empty"},
		{"labels.idx", idx(8, []uint32{2}, "ab"), "is it the file of targets?"},
		{"nan.idx", idx(14, []uint32{2, 1}, "\x7f\xf8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "value 1 is NaN"},
		{"cut.idx.gz", zipText(images)[:20], "damaged or cut short"},
		{"lie.idx.gz", zipText(idx(8, []uint32{1 << 20, 1}, "abc")), "only 3 are there"},
		{"magic.npy", "PK\x03\x04....", "an .npz archive; unzip it"},
		{"cut.npy", npy("npy_f8.npy")[:150], "cut short: its values should have 48 bytes"},
		{"object.npy", npy("npy_object.npy"), "cannot read an array with the header"},
		{"vector.npy", npy("npy_bool.npy"), "is it the file of targets?"},
		{"version.npy", "\x93NUMPY\x09\x00", "not a NumPy file of version"},
		{"header.npy", "\x93NUMPY\x02\x00\xff\xff\xff\x7f", "the header has 2147483647 bytes"},
	} {
		_, err := Read(Files{Features: write(t, c.name, c.content), Targets: write(t, "y.idx", idx(8, []uint32{2}, "\x00\x01"))})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	pixels, two := write(t, "x.idx", images), write(t, "y.idx", idx(8, []uint32{2}, "\x00\x01"))
	for want, f := range map[string]Files{
		"3 targets, but":                   {Features: pixels, Targets: write(t, "y.idx", idx(8, []uint32{3}, "\x00\x01\x00"))},
		"is it the file of features?":      {Features: pixels, Targets: pixels},
		"no column \"c\"; the columns":     {Features: write(t, "d.csv", "a,b\n1,0\n"), Column: "c"},
		"two columns are called \"y\"":     {Features: write(t, "d.csv", "a,y,y\n1,0,1\n"), Column: "y"},
		":1: the columns are b, a, y, but": {Features: write(t, "a.csv", "a,b,y\n1,0,0\n"), TestFeatures: write(t, "b.csv", "b,a,y\n1,1,1\n")},
		"images of [2 1 1], but those": {Features: pixels, Targets: two, TestFeatures: write(t, "high.idx", idx(8, []uint32{2, 2, 1}, "abcd")),
			TestTargets: two},
		"1 features, the others 2": {Features: write(t, "a.idx", idx(8, []uint32{2, 2}, "abcd")), Targets: two,
			TestFeatures: write(t, "b.idx", idx(8, []uint32{2, 1}, "ab")), TestTargets: two},
		"targets with a fraction are no": {Features: write(t, "d.csv", "a,b\n1,0.5\n"), Task: Classification},
	} {
		if _, err := Read(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestGzipBomb reads 32 MB of the same in 32 kB, in files that are right otherwise.
func TestGzipBomb(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	const n = 32 << 20
	for _, c := range []struct{ name, head, body, want string }{
		{"x.idx.gz", idx(8, []uint32{n / 4, 4}, ""), "\x00\x00\x00\x00", "more than a file of this size holds"},
		{"x.csv.gz", "a,b\n", strings.Repeat("0", 1021) + ",0\n", "as gzip bombs do"},
		{"x.svm.gz", "1 1:1\n", "0 " + strings.Repeat("#", 1021) + "\n", "as gzip bombs do"},
	} {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(c.head))
		some := []byte(strings.Repeat(c.body, 1<<20/len(c.body)))
		for range n >> 20 {
			_, _ = w.Write(some)
		}
		_ = w.Close()
		if _, err := Read(Files{Features: write(t, c.name, b.String()), Targets: "y.idx"}); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// fuzz reads what is fuzzed as a file, compressed and not.
func fuzz[T any](f *testing.F, read func(*file) (T, error), check func(t *testing.T, got T)) {
	f.Fuzz(func(t *testing.T, content []byte) {
		in, err := reader("f", bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		if got, err := read(in); err == nil {
			check(t, got)
			if sum := sha256.Sum256(content); !zipped(content) &&
				in.content.sum() != (Sum{int64(len(content)), hex.EncodeToString(sum[:])}) {
				t.Errorf("the sum is %v, want %x", in.content.sum(), sum)
			}
		} else if !strings.HasPrefix(err.Error(), "f") {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}

func zipped(content []byte) bool { return bytes.HasPrefix(content, []byte{0x1f, 0x8b}) }

// TestSum: the sum is that of the content, whether or not it is compressed, and covers it to the end.
func TestSum(t *testing.T) {
	for _, c := range []struct{ name, content string }{{"x.csv", "a,b\n1,x\n2,y\n"}, {"x.libsvm", "1 1:2\n2 2:1 # end\n\n"}} {
		hash := sha256.Sum256([]byte(c.content))
		want := Sum{int64(len(c.content)), hex.EncodeToString(hash[:])}
		for _, path := range []string{write(t, c.name, c.content), write(t, c.name+".gz", zipText(c.content))} {
			d, err := Read(Files{Features: path})
			if err != nil || d.Content["file"] != want || len(d.Content) != 1 {
				t.Errorf("%s: %v, want %v; %v", path, d.Content, want, err)
			}
		}
	}
}

func checkTable(t *testing.T, got table) {
	rows, columns := got.x.Dims()
	if rows != got.y.len() || rows == 0 || columns == 0 {
		t.Errorf("%d x %d with %d targets", rows, columns, got.y.len())
	}
	row := make([]float64, columns)
	for i := range rows {
		got.x.Row(row, i)
		if slices.ContainsFunc(row, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			t.Errorf("row %d holds %v", i, row)
		}
	}
	if _, _, err := targets(&got.y, Automatic); err != nil && err.Error() == "" {
		t.Error("an error without text")
	}
}

func checkArray(t *testing.T, a *array) {
	n := 1
	for _, s := range a.shape {
		n *= s
	}
	if n == 0 || n != len(a.bytes)+len(a.singles)+len(a.floats) {
		t.Errorf("%v with %d values", a.shape, len(a.bytes)+len(a.singles)+len(a.floats))
	}
	if x, shape, err := a.features(); err == nil {
		if rows, columns := x.Dims(); rows*columns != n || shape != nil && shape[0]*shape[1]*shape[2] != columns {
			t.Errorf("%d x %d, images of %v", rows, columns, shape)
		}
	}
	if y, err := a.texts(); err == nil && y.len() != n {
		t.Errorf("%d targets", y.len())
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("a,b\n1,0\n2,1\n"))
	f.Add([]byte("a,b\n\"1\",red\n"))
	f.Add([]byte(zipText("a,b\n1,0\n2,1\n")))
	f.Add([]byte(encoded("a;b\n1;0\n2;1\n", true)))
	f.Add([]byte("\ufeff\"a\"\tb\n1\t0\n2\t1\n"))
	f.Add([]byte("0 1 y\n1  0 a\n"))
	fuzz(f, func(in *file) (table, error) { return readCSV(in, Files{}) }, checkTable)
}

func FuzzReadLIBSVM(f *testing.F) {
	f.Add([]byte("+1 qid:3 1:1 2:2 # first\n\n2 1:3\n"))
	f.Add([]byte("-1 3:0.5\r\n0.5 7:1e-3\n"))
	fuzz(f, func(in *file) (table, error) {
		t, err := readLIBSVM(in, Files{})
		if err == nil {
			if m := t.x.(*sparse); m.rows*m.columns > 1<<16 {
				return t, fmt.Errorf("f: too large to check")
			}
		}
		return t, err
	}, checkTable)
}

func FuzzReadIDX(f *testing.F) {
	f.Add([]byte(idx(8, []uint32{2, 1, 2}, "abcd")))
	f.Add([]byte(idx(13, []uint32{1}, "\x3f\x80\x00\x00")))
	f.Add([]byte(zipText(idx(8, []uint32{2}, "ab"))))
	fuzz(f, readIDX, checkArray)
}

func FuzzReadNPY(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.npy")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	fuzz(f, readNPY, checkArray)
}
