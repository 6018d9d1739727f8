package problem

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the functions into docs/problems.md")

// TestDocument holds the part of docs/problems.md about the functions to what the registry says of them.
func TestDocument(t *testing.T) {
	const file, begin, end = "../../../docs/problems.md", "-update -->\n", "## Quadratic functions\n"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the functions", file)
	}
	want := before + begin + document() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(b) != want {
		t.Errorf("%s is not up to date; run this test with -update", file)
	}
}

func document() string {
	var b strings.Builder
	for _, f := range Functions {
		n := strconv.Itoa(f.Dimension)
		if f.Least > 0 {
			n = fmt.Sprintf("any n from %d on; %d by default", f.Least, f.Dimension)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n- variables: %s\n- domain: %s\n- start: %s (%s)\n- critical points: ", f.Name, f.Formula, n,
			f.Domain, coordinates(f.Start(f.Dimension)), f.StartSource)
		for i, p := range f.Critical(f.Dimension) {
			if i > 0 {
				b.WriteString("; ")
			}
			fmt.Fprintf(&b, "%s %s at %s", p.Nature, short(f.Eval(p.X, nil)), coordinates(p.X))
		}
		fmt.Fprintf(&b, "\n- source: %s\n", f.Source)
	}
	return b.String() + "\n"
}

func coordinates(x []float64) string {
	var list []string
	for _, xi := range x {
		list = append(list, short(xi))
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// short has seven digits, and 0 for a value that rounding alone keeps from it.
func short(x float64) string {
	if x < 0 {
		return "−" + short(-x)
	}
	if x < 1e-20 {
		return "0"
	}
	return strconv.FormatFloat(x, 'g', 7, 64)
}
