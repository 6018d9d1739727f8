package problem

import (
	"flag"
	"fmt"
	"os"
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
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", f.Name, f.Formula)
		for _, fact := range f.Facts() {
			fmt.Fprintf(&b, "- %s: %s\n", fact[0], fact[1])
		}
	}
	return b.String() + "\n"
}
