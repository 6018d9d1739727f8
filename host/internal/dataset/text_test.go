package dataset

import (
	archive "archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/regular"
)

// encoded is a text as programs on other systems write it.
func encoded(text string, bigEndian bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		if bigEndian {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// TestByteOrderMark: with a mark, in UTF-16 and compressed, a file holds what it holds without.
func TestByteOrderMark(t *testing.T) {
	for name, text := range map[string]string{
		"plain.csv":   "a,größe,y\n1,2,0\n3,4,1\n5,6,0\n",
		"quoted.csv":  "\"a\",\"b\",\"y\"\n1,2,0\n3,4,1\n5,6,0\n",
		"x.libsvm":    "1 1:2\n-1 2:1\n1 1:3\n",
		"numbers.svm": "0.5 1:2\n1.5 2:1\n",
	} {
		want, err := Read(Files{Features: write(t, name, text)})
		if err != nil {
			t.Fatal(err)
		}
		for how, content := range map[string]string{"mark": "\ufeff" + text, "little": encoded(text, false), "big": encoded(text, true)} {
			for _, path := range []string{write(t, name, content), write(t, name+".gz", zipText(content))} {
				got, err := Read(Files{Features: path})
				if err != nil || !mat.Equal(got.X, want.X) || !slices.Equal(got.Y, want.Y) || !slices.Equal(got.Classes, want.Classes) ||
					!slices.Equal(got.Names, want.Names) || got.Content["file"].Bytes != int64(len(content)) {
					t.Errorf("%s, %s: %+v, want %+v; %v", path, how, got, want, err)
				}
			}
		}
	}
	for _, content := range []string{"\ufeff2,0\n0,1\n", "\ufeff2;0\n0;1\n", "2\t0\n0\t1\n", "2 0\n0 1\n", " 2.0e+00  0\n 0       1\n",
		encoded("2,0\r\n0,1\r\n", false)} {
		m, _, err := ReadMatrix(write(t, "A.csv", content))
		if err != nil || !mat.Equal(m, mat.NewDense(2, 2, []float64{2, 0, 0, 1})) {
			t.Errorf("%q: %v, %v", content, m, err)
		}
	}
}

func TestOtherEncodings(t *testing.T) {
	for _, c := range []struct{ name, content, want string }{
		{"utf16.csv", strings.TrimPrefix(encoded("a,b\n1,0\n", false), "\xff\xfe"), "iconv -f UTF-16LE -t UTF-8"},
		{"utf32.csv", "\xff\xfe\x00\x00a\x00\x00\x00", "iconv -f UTF-32 -t UTF-8"},
		{"header.csv", "a,gr\xf6\xdfe\n1,0\n2,1\n", "header.csv:1: the line is no text in UTF-8"},
		{"class.csv", "a,b\n1,bl\xe5\n2,red\n", `class.csv:2:3: "bl\xe5" is no text in UTF-8; convert the file, if it is Latin-1 with iconv`},
		{"feature.csv", "a,b\n1,0\n\xbd,1\n", `feature.csv:3:1: "\xbd" is no text in UTF-8`},
		{"class.svm", "bl\xe5 1:1\n", `class.svm:1:1: "bl\xe5" is no text in UTF-8`},
		{"binary.svm", "1 1:1\x00\n", "holds zero bytes"},
	} {
		if _, err := Read(Files{Features: write(t, c.name, c.content)}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestSeparators(t *testing.T) {
	want := mat.NewDense(3, 2, []float64{1.5, 2, 3, 4.5, 5, 6})
	for content, how := range map[string]Files{
		"a,b,y\n1.5,2,u\n3,4.5,v\n5,6,u\n":                         {},
		"a;b;y\r\n1.5;2;u\r\n3;4.5;v\r\n5;6;u\r\n":                 {},
		"a\tb\ty\n1.5\t2\tu\n3\t4.5\tv\n5\t6\tu\n":                 {},
		"a|b|y\n1.5|2|u\n3|4.5|v\n5|6|u\n":                         {},
		"a b y\n1.5  2 u\n  3 4.5 v\n5 6 u\n":                      {},
		"\"a, b; c\";b;y\n1.5;2;u\n3;4.5;v\n5;6;u\n":               {},
		"a;b;y\n1,5;2;u\n3;4,5;v\n5;6;u\n":                         {Decimal: ","},
		"1,5;2;u\n3,0;4,5;v\n5;6;u\n":                              {Decimal: ",", Header: HeaderNo},
		"a,b,y\n\"1,5\",2,u\n3,\"4,5\",v\n5,6,u\n":                 {Decimal: ","},
		"a,x;b,y\n1.5,2,u\n3,4.5,v\n5,6,u\n":                       {},
		"a;b,c;y\n1.5;2;u\n3;4.5;v\n5;6;u\n":                       {Separator: ";"},
		"\n\"first\nname\"\tb\ty\n1.5\t2\tu\n3\t4.5\tv\n5\t6\tu\n": {},
	} {
		how.Features = write(t, "d.csv", content)
		d, err := Read(how)
		if err != nil || !mat.Equal(d.X, want) || !slices.Equal(d.Classes, []string{"u", "v"}) {
			t.Errorf("%q: %+v, %v", content, d, err)
		}
	}
	// Numbers as targets have decimal commas too.
	d, err := Read(Files{Features: write(t, "d.csv", "a;y\n1;0,5\n2;1,5\n"), Decimal: ","})
	if err != nil || !slices.Equal(d.Y, []float64{0.5, 1.5}) {
		t.Errorf("%+v, %v", d, err)
	}
	for content, want := range map[string]string{
		"a;b;y\n1,5;2;u\n3;4,5;v\n":   `d.csv:2:1: "1,5" has a decimal comma; write decimal = ","`,
		"a;y\n1;0,5\n2;1,5\n":         `d.csv:2:3: "0,5" has a decimal comma`,
		"a,y\n1,\"0,5\"\n2,\"1,5\"\n": `d.csv:2:3: "0,5" has a decimal comma`,
		"a:y\n1:0\n2:1\n":             "d.csv:1: one column; it needs at least a feature and a target, separated by",
	} {
		if _, err := Read(Files{Features: write(t, "d.csv", content)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", content, err, want)
		}
	}
	if _, err := Read(Files{Features: write(t, "d.csv", "a;y\n1.5;0\n"), Decimal: ","}); err != nil &&
		!strings.Contains(err.Error(), "one class") {
		t.Error(err)
	}
}

// TestHeader: an example is not taken for a header, nor names that are numbers for an example.
func TestHeader(t *testing.T) {
	const rest = "5.0,3.3,1.4,0.2,setosa\n7.0,3.2,4.7,1.4,versicolor\n6.3,3.3,6.0,2.5,virginica\n"
	for _, c := range []struct{ content, want string }{
		{"5.1,3.5,1.4,0.2,setosa\n" + rest, `:1: the first line looks like an example: numbers, and "setosa", which is a target`},
		{"5.1,3.5,1.4,0.2,other\n" + rest, `:1: the first line looks like an example: numbers, and "other"`},
		{"5.1,,1.4,?,setosa\n" + rest, ":1: the first line looks like an example"},
		{"5.1,NA,1.4,0.2,setosa\n" + rest, ":1: the first line looks like an example"},
		{"1,2,3,4,5\n1,2,3,4,5\n", ":1: the first line holds numbers"},
		{"1,?,3,4,5\n1,2,3,4,5\n", ":1: the first line holds numbers"},
		{"0,1,2,3,label\n" + rest, ""},
		{"1990,1991,1992,1993,label\n" + rest, ""},
		{"400.5,401,401.5,402,label\n" + rest, ""},
		{"a,1,1.5,2,label\n" + rest, ""},
		{"a,,c,d,label\n" + rest, ":1: column 2 has no name"},
		{"a,b,b,d,label\n" + rest, `:1: two columns are called "b"`},
		{"a,b,c,d,\n" + rest, ":1: the last column, which is the target's if no other is named, has no name"},
		{"a,b,c,d,e\n" + strings.ReplaceAll(rest, ".0,3", ".0,cold"), "cold.3\" is not a finite number"},
	} {
		d, err := Read(Files{Features: write(t, "iris.csv", c.content)})
		if c.want == "" {
			if err != nil || d.Examples() != 3 || d.Features() != 4 {
				t.Errorf("%q: %+v, %v", c.content, d, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.content, err, c.want)
		}
	}
	for header, examples := range map[Header]int{HeaderYes: 3, HeaderNo: 4} {
		d, err := Read(Files{Features: write(t, "iris.csv", "5.1,3.5,1.4,3.5,setosa\n"+rest), Header: header})
		if err != nil || d.Examples() != examples {
			t.Errorf("header %s: %+v, %v", header, d, err)
		}
	}
	// Without header, columns have numbers.
	d, err := Read(Files{Features: write(t, "d.csv", "x,1,2\ny,3,4\nx,5,6\n"), Header: HeaderNo, Column: "1"})
	if err != nil || !slices.Equal(d.Y, []float64{0, 1, 0}) || !slices.Equal(d.Names, []string{"2", "3"}) {
		t.Errorf("%+v, %v", d, err)
	}
}

// warned tells whether a data set has one warning, with the text, or none if that is empty.
func warned(d *Dataset, text string) bool {
	if text == "" {
		return len(d.Warnings) == 0
	}
	return len(d.Warnings) == 1 && strings.Contains(d.Warnings[0].Message, text) && d.Warnings[0].Remedy != ""
}

func TestWarnings(t *testing.T) {
	index := func(name string, from float64, end string) string {
		s := name + ",a,y\n"
		for _, v := range cycle(12, 1) {
			s += fmt.Sprintf("%v%s,%v,%d\n", v+from, end, v*v, int(v)%2)
		}
		return s
	}
	for _, c := range []struct{ content, want string }{
		{index("", 0, ""), "the first column has no name and counts the examples"},
		{index("Unnamed: 0", 0, ""), "the first column has no name and counts the examples"},
		{index("", 5, ""), "the first column has no name, as an index"},
		{index("id", 1, ""), `the first column, "id", counts the examples`},
		{index("x", 0, ".5"), ""},
		{"a,y\n" + lines(21, 10, ""), "the targets, 21 different whole numbers, are taken for classes"},
		{"a,y\n" + lines(20, 10, ""), ""},
		{"a,y\n0,red\n1,?\n0,blue\n3,?\n", `2 examples are of class "?", which looks like a missing value`},
	} {
		d, err := Read(Files{Features: write(t, "d.csv", c.content)})
		if err != nil || !warned(d, c.want) {
			t.Errorf("%.40q: %+v, want %q; %v", c.content, d.Warnings, c.want, err)
		}
	}
}

// TestClassesOfTheTestFile: a class that no training example has.
func TestClassesOfTheTestFile(t *testing.T) {
	train, test := write(t, "train.csv", "a,y\n1,<=50K\n2,>50K\n"), write(t, "test.csv", "a,y\n3,<=50K\n4,>50K.\n5,>50K.\n")
	_, err := Read(Files{Features: train, TestFeatures: test})
	if err == nil || !strings.Contains(err.Error(), `class ">50K." is in the test file alone, where 2 examples have it`) {
		t.Error(err)
	}
	d, err := Read(Files{Features: train, TestFeatures: test, Task: Classification})
	if err != nil || !warned(d, `2 examples of the test file are of class ">50K."`) {
		t.Errorf("%+v, %v", d, err)
	}
	wrong := write(t, "test.csv", "a,y\n3,<=50K\n4,\n")
	if _, err := Read(Files{Features: train, TestFeatures: wrong}); err == nil ||
		err.Error() != wrong+": the target of example 2 is missing; remove the example or fill the value in" {
		t.Error(err)
	}
}

// lines are a column of zeros and another one of numbers as targets.
func lines(n, times int, end string) string {
	var b strings.Builder
	for _, v := range cycle(n, times) {
		fmt.Fprintf(&b, "0,%v%s\n", v, end)
	}
	return b.String()
}

// TestGzipMembers: members follow each other, and zero bytes the last, as they do on tapes and in some mirrors.
func TestGzipMembers(t *testing.T) {
	head, tail := zipText("a,b\n1,0\n"), zipText("2,1\n")
	for name, c := range map[string]struct{ content, wrong string }{
		"two":              {head + tail, ""},
		"padded":           {head + tail + strings.Repeat("\x00", 1000), ""},
		"padding between":  {head + "\x00\x00" + tail, ""},
		"an empty member":  {head + zipText("") + tail, ""},
		"garbage":          {head + tail + "garbage", "the gzip file is damaged or cut short"},
		"cut in the last":  {head + tail[:len(tail)-3], "the gzip file is damaged or cut short"},
		"cut in a header":  {head + tail[:5], "the gzip file is damaged or cut short"},
		"cut at the start": {head[:5], "not a whole gzip file"},
	} {
		d, err := Read(Files{Features: write(t, "d.csv.gz", c.content)})
		if c.wrong == "" {
			if err != nil || d.Examples() != 2 || d.Content["file"].Bytes != 12 {
				t.Errorf("%s: %+v, %v", name, d, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: got %v, want %q", name, err, c.wrong)
		}
	}
}

// TestLongLine: a line without end does not fill the memory.
func TestLongLine(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	long := strings.Repeat("1", maxLine+1<<16)
	for name, content := range map[string]string{"x.csv": "a,b\n" + long, "q.csv": "a,b\n1,\"" + strings.Repeat("1\n", maxLine/2+1<<16),
		"x.svm": "1 1:1\n" + long} {
		if _, err := Read(Files{Features: write(t, name, content)}); err == nil ||
			!strings.Contains(err.Error(), name+":2: the line is longer than 16 MB") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wide := strings.Repeat(",", maxColumns+1<<16)
	for content, line := range map[string]string{"a,b\n" + wide: ":2:", wide: ":1:"} {
		if _, err := Read(Files{Features: write(t, "x.csv", content)}); err == nil ||
			!strings.Contains(err.Error(), line+" the line has too many columns") {
			t.Errorf("%v, want line %s", err, line)
		}
	}
}

// TestIrregularFiles: what has no end or hangs is not opened.
func TestIrregularFiles(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /dev/zero and /proc")
	}
	link := filepath.Join(t.TempDir(), "x.csv")
	if err := os.Symlink("/dev/zero", link); err != nil {
		t.Fatal(err)
	}
	for _, f := range []Files{{Features: link}, {Features: link, Format: "idx"}, {Features: "/dev/zero", Format: "libsvm"}, {Features: "testdata",
		Format: "csv"}} {
		var irregular *regular.Error
		if _, err := Read(f); !errors.As(err, &irregular) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	var irregular *regular.Error
	if _, _, err := ReadMatrix(link); !errors.As(err, &irregular) {
		t.Error(err)
	}
	if _, err := Read(Files{Features: "/proc/self/maps", Format: "csv"}); err == nil || !strings.Contains(err.Error(), "the file is empty") {
		t.Error(err)
	}
}

func TestArchive(t *testing.T) {
	var b bytes.Buffer
	w := archive.NewWriter(&b)
	for _, name := range []string{"x_train.npy", "y_train.npy"} {
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := write(t, "mnist.npz", b.String())
	_, err := Read(Files{Features: path, Targets: path})
	if want := "mnist.npz: an .npz archive of x_train, y_train; unzip it, and name the .npy files"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// TestZeroBased: indices count from 0 if any of a data set's files has a 0, as in scikit-learn 1.7's load_svmlight_files,
// whose matrices these are.
func TestZeroBased(t *testing.T) {
	for _, c := range []struct {
		train, test string
		want        []float64
	}{
		{"1 0:5 2:1\n0 1:3\n", "1 1:7\n", []float64{5, 0, 1, 0, 3, 0, 0, 7, 0}},
		{"1 1:5 3:1\n0 2:3\n", "1 2:7\n", []float64{5, 0, 1, 0, 3, 0, 0, 7, 0}},
		{"1 1:5 3:1\n0 2:3\n", "1 0:7\n", []float64{0, 5, 0, 1, 0, 0, 3, 0, 7, 0, 0, 0}},
	} {
		d, err := Read(Files{Features: write(t, "a.svm", c.train), TestFeatures: write(t, "b.svm", c.test)})
		if err != nil || !mat.Equal(d.X, mat.NewDense(3, len(c.want)/3, c.want)) {
			t.Errorf("%q, %q: %+v, %v", c.train, c.test, d, err)
		}
	}
	d, err := Read(Files{Features: write(t, "a.svm", "1 0:5\n0 2:3\n")})
	if err != nil || d.Features() != 3 {
		t.Errorf("%+v, %v", d, err)
	}
}
