package diagnose

import (
	"regexp"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
)

// TestQuantities: each says what all that follows from it needs, and none has the name of another.
func TestQuantities(t *testing.T) {
	seen := map[string]bool{"step": true, "epoch": true, "wall_seconds": true}
	name, help := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`), regexp.MustCompile(`^[A-Z].*\.$`)
	for _, q := range append(record.Standard(), Quantities(All)...) {
		switch {
		case seen[q.Name]:
			t.Errorf("there are two quantities %s", q.Name)
		case !name.MatchString(q.Name):
			t.Errorf("%q is no name of a column, a key and a metric", q.Name)
		case !help.MatchString(q.Help):
			t.Errorf("%s: the help %q is no sentence", q.Name, q.Help)
		case q.Title == "":
			t.Errorf("%s has no title for tables", q.Name)
		case !q.Column && !q.Final:
			t.Errorf("%s is known neither of points nor at the end", q.Name)
		}
		seen[q.Name] = true
	}
}

// pair measures two quantities, the second at every other point.
type pair struct{}

func (pair) Quantities() []record.Quantity { return []record.Quantity{{Name: "a"}, {Name: "b"}} }

func (pair) Measure(p *record.Sample, values []record.Value) {
	if values[0] = record.Measured(1); p.Step%2 == 0 {
		values[1] = record.Measured(2)
	}
}

// TestMeasurer: a diagnostic notes its own quantities and no others.
func TestMeasurer(t *testing.T) {
	all := []New{func() Diagnostic { return pair{} }}
	schema := append(append(record.Standard(), Quantities(all)...), record.Hyperparameter("beta1"))
	a := len(record.Standard())
	for step := range 2 {
		p := &record.Sample{Step: step, Values: make([]record.Value, len(schema))}
		for _, m := range Begin(all, schema) {
			m.Measure(p)
		}
		for i, v := range p.Values {
			want := record.Value{}
			switch {
			case i == a:
				want = record.Measured(1)
			case i == a+1 && step == 0:
				want = record.Measured(2)
			}
			if v != want {
				t.Errorf("step %d: %s is %v, want %v", step, schema[i].Name, v, want)
			}
		}
	}
}
