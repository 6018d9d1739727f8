package diagnose

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestQuantities: each says what all that follows from it needs, and none has the name of another.
func TestQuantities(t *testing.T) {
	seen := map[string]bool{"step": true, "epoch": true, "wall_seconds": true}
	name, help := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`), regexp.MustCompile(`^[A-Z].*\.$`)
	for _, q := range append(record.Standard(), Quantities(Every())...) {
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

// pair measures two quantities, the second of steps from which an update leads, and an element.
var pair = Kind{
	Name: "pair", EachRow: true,
	Quantities: func(model.Settings) []record.Quantity { return []record.Quantity{{Name: "a"}, {Name: "b"}} },
	Elements:   func(model.Settings, problem.Problem) []record.Quantity { return []record.Quantity{{Name: "c[x]"}} },
	Make:       func(model.Settings, *Run) Diagnostic { return measuring{} },
}

type measuring struct{}

func (measuring) Measure(p *record.Sample, values, elements []record.Value) float64 {
	values[0], elements[0] = record.Measured(1), record.Measured(3)
	if p.Update != nil {
		values[1] = record.Measured(2)
	}
	return 0.5
}

// TestMeasurer: a diagnostic notes its own quantities and no others, at the rows that its cadence asks for and at the last point.
func TestMeasurer(t *testing.T) {
	Kinds = append(Kinds, &pair)
	defer func() { Kinds = Kinds[:len(Kinds)-1] }()
	f, _ := problem.Functions.Find("sphere")
	p := f.Problem(f.Start(2))
	for _, c := range []struct {
		at   record.Cadence
		want []int
	}{{record.Cadence{}, []int{0, 2, 4, 6, 8, 9}}, {record.Cadence{Points: record.Points{Every: 3}}, []int{0, 4, 6, 9}}} {
		chosen := []Chosen{{Name: "path"}, {Name: "pair", At: c.at}}
		schema := slices.Concat(record.Standard(), Quantities(chosen), Elements(chosen, p), record.Schema{record.Hyperparameter("beta1")})
		rows := record.Points{Every: 2}
		measurers := Begin(chosen, NewRun(p, seed.New(1)), schema, rows)
		m := measurers[1]
		var got []int
		for step := range 10 {
			s := &record.Sample{Step: step, Row: rows.Has(step), Last: step == 9, Values: make([]record.Value, len(schema))}
			if s.Row = s.Row || s.Last; !s.Last {
				s.Update = []float64{1, 2}
			}
			m.Measure(s)
			if !slices.Contains(c.want, step) {
				if slices.ContainsFunc(s.Values, func(v record.Value) bool { return v != record.Value{} }) {
					t.Errorf("step %d: something is measured", step)
				}
				continue
			}
			got = append(got, step)
			for i, v := range s.Values {
				want := map[string]record.Value{"a": record.Measured(1), "b": record.Measured(2), "c[x]": record.Measured(3)}[schema[i].Name]
				if schema[i].Name == "b" && s.Last {
					want = record.Value{}
				}
				if v != want {
					t.Errorf("step %d: %s is %v, want %v", step, schema[i].Name, v, want)
				}
			}
		}
		if spent := m.Spent(); !slices.Equal(got, c.want) || spent.Points != len(got) || spent.Equivalents != 0.5*float64(len(got)) {
			t.Errorf("%+v: at %v, %+v", c.at, got, spent)
		}
	}
}

// TestHistograms: the bins of histograms are found among the columns of a record, each with its ends; one without ends, or not measured, has none.
func TestHistograms(t *testing.T) {
	columns := []string{"train_loss", "gradient_limit", "density_low", "density_high", "gradient_histogram[0]", "gradient_histogram[1]", "tensor_histogram[a/b.weight/0]",
		"tensor_histogram[a/b.weight/1]", "tensor_histogram[c/0]", "weight_histogram[0/0]", "weight_histogram[0/1]", "density[0]", "tensor_snr[c]"}
	var values []record.Value
	for i := range columns {
		values = append(values, record.Measured(float64(i)))
	}
	values[8] = record.Value{}
	var got []string
	for _, h := range Histograms(columns) {
		low, high, shares := h.At(values)
		got = append(got, fmt.Sprint(h.Name, h.Columns, low, high, shares))
	}
	want := []string{"gradient_histogram[4 5] -1 1 [4 5]", "tensor_histogram/a/b.weight[6 7] -1 1 [6 7]", "tensor_histogram/c[8] 0 0 []", "weight_histogram/0[9 10] 0 0 []",
		"density[11] 2 3 [11]"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := Histograms([]string{"gradient_histogram[0]"}); len(all) > 0 {
		t.Errorf("without its end there is a histogram: %v", all)
	}
}
