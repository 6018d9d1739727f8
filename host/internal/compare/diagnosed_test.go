package compare

import (
	"slices"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// TestDiagnosed: what diagnostics took is the median over the runs that ended, the dearest first, and without any there is no table.
func TestDiagnosed(t *testing.T) {
	members := ended("a", []float64{1, 2, 3, 4}, []int{-1, -1, -2, -3})
	for i, m := range members {
		m.Outcome.Wall = 2 * time.Second
		m.Outcome.Diagnosed = []record.Diagnosed{{Name: "path", Points: 10 + i, Time: time.Duration(4*i) * time.Millisecond},
			{Name: "hessian", Points: 2, Equivalents: 100 * float64(i), Time: time.Duration(i) * time.Second}}
	}
	c := comparison(t, Options{}, members, ended("b", []float64{1, 2}, []int{-1, -1}))
	d := c.Problems[0].Rows[0].Diagnosed
	if len(d) != 2 || d[0].Diagnostic != "path" || d[0].Points.Value != 11 || d[0].Points.N != 3 || d[1].Equivalents.Value != 100 || d[1].Seconds.Value != 1 || d[1].Share.Value != 0.5 {
		t.Fatalf("%+v", d)
	}
	i := slices.IndexFunc(c.Tables(), func(t Table) bool { return t.Name == "diagnosed" })
	if i < 0 {
		t.Fatal("there is no table")
	}
	var rows [][]string
	for _, cells := range c.Tables()[i].Rows {
		var row []string
		for _, cell := range cells {
			row = append(row, cell.Text)
		}
		rows = append(rows, row)
	}
	want := [][]string{{"a", "hessian", "2", "100", "1 s [0, 2]", "50 %"}, {"a", "path", "11", "0", "4 ms [0, 8]", "0.2 %"}}
	if !slices.EqualFunc(rows, want, slices.Equal) {
		t.Errorf("the table is %q, want %q", rows, want)
	}
	c = comparison(t, Options{}, ended("b", []float64{1, 2}, []int{-1, -1}))
	if slices.ContainsFunc(c.Tables(), func(t Table) bool { return t.Name == "diagnosed" }) {
		t.Error("there is a table of nothing")
	}
}
