package diagnose

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
)

var update = flag.Bool("update", false, "write the quantities into the manuals")

// passages are the parts of the manuals that say which quantities there are, each with the texts around it.
var passages = []struct {
	file, begin, end string
	text             func(record.Schema) string
}{
	{"results.md", "differs when the run is repeated |\n", "| `hyperparameter.beta1`, ", columns},
	{"experiment-reference.md", "## [target]\n\n", "An accuracy is a number", targets},
	{"json.md", "are counted as interrupted |\n", "| `steps_to_target` | ", finals},
}

// TestDocument holds them to what the quantities say of themselves.
func TestDocument(t *testing.T) {
	all := append(record.Standard(), Quantities(Every())...)
	for _, p := range passages {
		file := filepath.Join("../../../docs", p.file)
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, ok := strings.Cut(string(b), p.begin)
		_, after, ok2 := strings.Cut(rest, p.end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the quantities between %q and %q", file, p.begin, p.end)
		}
		want := before + p.begin + p.text(all) + p.end + after
		switch {
		case string(b) == want:
		case !*update:
			t.Errorf("%s is not up to date; run make generate", file)
		default:
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// columns are rows of the table of steps.csv.
func columns(s record.Schema) string {
	var b strings.Builder
	for _, i := range s.Columns() {
		meaning := strings.TrimSuffix(s[i].Help, ".")
		if s[i].Unit != "" {
			meaning += ", in " + s[i].Unit
		}
		if s[i].Note != "" {
			meaning += "; " + s[i].Note
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", s[i].Name, meaning)
	}
	return b.String()
}

func targets(s record.Schema) string {
	var less, more []string
	for _, q := range s.Targets() {
		if name := "`" + q.Name + "`"; q.Better == record.More {
			more = append(more, name)
		} else {
			less = append(less, name)
		}
	}
	return fmt.Sprintf("One of %s (reached at or below the value) or %s (at or above).\n", strings.Join(less, ", "), strings.Join(more, ", "))
}

func finals(s record.Schema) string {
	var names []string
	for _, q := range s.Finals() {
		names = append(names, "`final_"+q.Name+"`")
	}
	return "| " + strings.Join(names, ", ") + " | statistics over runs |\n"
}
