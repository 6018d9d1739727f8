package picture

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
)

var update = flag.Bool("update", false, "write the kinds into the manual")

// TestDocument holds the manual's list of kinds to what they say of themselves.
func TestDocument(t *testing.T) {
	const manual = "../../../docs/figures.md"
	b, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "| `--kind` | what it draws |\n|---|---|\n", "\nAn experiment can"
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the kinds", manual)
	}
	text := before + begin + Document() + end + after
	switch {
	case text == string(b):
	case !*update:
		t.Errorf("%s is not up to date; run make generate", manual)
	default:
		if err := os.WriteFile(manual, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKinds: an experiment can name every kind of figure of runs, and no other.
func TestKinds(t *testing.T) {
	asked := slices.DeleteFunc(slices.Clone(Kinds), func(k Kind) bool { return k.Found })
	if got, want := config.FigureKinds(), asked.Names(); !slices.Equal(got, want) {
		t.Errorf("config/figure.go has the kinds %v, package picture %v", got, want)
	}
}
