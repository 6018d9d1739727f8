package store

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
)

// empty are the cells of a row behind the train loss.
var empty = strings.Repeat(",", fixed-leading-1)

// progressIn is a run whose rows are these.
func progressIn(t testing.TB, text string) *Progress {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "attempt-1.steps.csv")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return &Progress{Dir: dir, path: path}
}

// TestSample: what is sampled are rows as the file has them, the first and the last among them, spread evenly, whatever their lengths.
func TestSample(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, rows := range []int{1, 2, 3, 10, 199, 1000, 20_000} {
		for _, longest := range []int{1, 40, 3000} {
			if rows*longest > 10_000_000 {
				continue
			}
			var b strings.Builder
			b.WriteString(Columns + ",note\n")
			values := map[int]float64{}
			last := -1
			for range rows {
				last += 1 + random.IntN(3)
				values[last] = random.NormFloat64()
				fmt.Fprintf(&b, "%d,,%d.5,%v%s,%s\n", last, last, values[last], empty, strings.Repeat("0", 1+random.IntN(longest)))
			}
			for _, torn := range []string{"", "9", "999999999,,1", "999999999,,1,7"} {
				const n = 100
				got, err := progressIn(t, b.String()+torn).Sample(trainLoss, n)
				if err != nil {
					t.Fatal(err)
				}
				if len(got) > n || len(got) < min(rows, n/3) || got[len(got)-1].Step != last {
					t.Fatalf("%d of %d rows up to %d are sampled, the last is %v", len(got), rows, last, got[len(got)-1])
				}
				before := -1
				for i, r := range got {
					x, measured := r.Value.Get()
					if want, is := values[r.Step]; !is || !measured || x != want || r.Step <= before || math.Abs(r.Wall.Seconds()-float64(r.Step)-0.5) > 1e-6 {
						t.Fatalf("row %d is %+v", i, r)
					}
					if rows > n && r.Step-before > 8*(last+1)/n {
						t.Fatalf("of %d steps none between %d and %d is there", last, before, r.Step)
					}
					before = r.Step
				}
			}
		}
	}
}

// TestSampleOfLittle: what is not there is not sampled, and what makes no sense is left out.
func TestSampleOfLittle(t *testing.T) {
	head := Columns + "\n"
	for text, want := range map[string]string{ // where ; is the end of a row
		"":                             "[]",
		"step":                         "[]",
		head:                           "[]",
		"a,b\n1,2\n":                   "[]",
		head + "0,,1,":                 "[]",
		head + "0,,1,2;":               "[{0 1s {2 true}}]",
		head + "0,,1,;":                "[{0 1s {0 false}}]",
		head + "0,,1,NaN;1,,2,":        "[{0 1s {NaN true}}]",
		head + "x,,1,2;1,,2,3;1,,3,4;": "[{1 2s {3 true}}]",
	} {
		got, err := progressIn(t, strings.ReplaceAll(text, ";", empty+"\n")).Sample(trainLoss, 10)
		shown := make([]string, len(got))
		for i, r := range got {
			x, measured := r.Value.Get()
			shown[i] = fmt.Sprintf("{%d %v {%v %v}}", r.Step, r.Wall, x, measured)
		}
		if s := fmt.Sprint(shown); err != nil || s != want {
			t.Errorf("%q: %s, %v; want %s", text, s, err, want)
		}
	}
	if got, err := progressIn(t, head+"0,,1,2"+empty+"\n").Sample("unknown", 10); err != nil || got != nil {
		t.Errorf("of a column that is not there: %v, %v", got, err)
	}
	if got, err := (&Progress{}).Sample(trainLoss, 10); err != nil || got != nil {
		t.Errorf("of no file: %v, %v", got, err)
	}
}

// TestSampleOfPublished: a run that was published since it was seen is read under the name that its file has now.
func TestSampleOfPublished(t *testing.T) {
	p := progressIn(t, Columns+"\n0,,1,2"+empty+"\n")
	if err := os.Rename(p.path, filepath.Join(p.Dir, StepsFile)); err != nil {
		t.Fatal(err)
	}
	got, err := p.Sample(trainLoss, 10)
	if err != nil || len(got) != 1 || got[0].Value != record.Measured(2) {
		t.Errorf("%v, %v", got, err)
	}
}

// BenchmarkSample is what a look at a run costs, however long it is.
func BenchmarkSample(b *testing.B) {
	for _, rows := range []int{1_000, 1_000_000} {
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			var text strings.Builder
			text.WriteString(Columns + "\n")
			for k := range rows {
				fmt.Fprintf(&text, "%d,0,%d.123456,0.123456789012345,0.123456789012345,0.123456789012345,0.1\n", k, k)
			}
			p := progressIn(b, text.String())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Sample(trainLoss, 200); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
