package measure

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/record"
)

var update = flag.Bool("update", false, "write the quantities into the manual")

const manual = "../../../docs/measures.md"

// TestDocument holds the tables of the manual to what the quantities say of themselves.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for name, s := range map[string]record.Schema{"recorded": append(record.Standard(), diagnose.Quantities(diagnose.Every())...), "derived": Derived()} {
		begin := fmt.Sprintf("<!-- %s: made by go test ./host/internal/measure -run Document -update -->\n\n", name)
		before, rest, ok := strings.Cut(text, begin)
		_, after, ok2 := strings.Cut(rest, "\n<!-- end -->\n")
		if !ok || !ok2 {
			t.Fatalf("%s has no place for %s quantities", manual, name)
		}
		text = before + begin + tabulated(s) + "\n<!-- end -->\n" + after
	}
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

func tabulated(s record.Schema) string {
	var b strings.Builder
	b.WriteString("| quantity | better | meaning |\n|---|---|---|\n")
	for _, q := range s {
		meaning := strings.TrimSuffix(q.Help, ".")
		if q.Unit != "" {
			meaning += ", in " + q.Unit
		}
		if !q.Column && q.Final {
			meaning += "; at the end alone"
		}
		if q.Note != "" {
			meaning += "; " + q.Note
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", q.Name, [...]string{record.Neither: "neither", record.Less: "less", record.More: "more"}[q.Better], meaning)
	}
	return b.String()
}

// TestExamplesOfTheManual: what the manual shows can be written.
func TestExamplesOfTheManual(t *testing.T) {
	b, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(b), "## When")
	examples := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(text, -1)
	s := Setting{Schema: append(record.Standard(), record.Hyperparameter("beta1")), Target: true}
	for _, e := range examples {
		if _, err := ParseIn(e[1], s); err != nil {
			t.Error(err)
		}
	}
	_, over, _ := strings.Cut(string(b), "## Over seeds")
	over, _, _ = strings.Cut(over, "## Errors")
	ways := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| [^w]").FindAllStringSubmatch(over, -1)
	for _, w := range ways {
		if _, err := ParseOver(strings.Replace(w[1], "P", "0.5", 1)); err != nil {
			t.Error(err)
		}
	}
	if len(examples) < 7 || len(ways) != 5 {
		t.Errorf("%d examples and %d ways found", len(examples), len(ways))
	}
}
