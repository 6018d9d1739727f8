package compare

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Final is what a row ended with of a quantity that is not what is compared.
type Final struct {
	Quantity string   `json:"quantity"`
	Unit     string   `json:"unit,omitempty"`
	Median   Estimate `json:"median"`
}

var finals = statistic{name: "finals", each: final, table: finalsTable}

// final finds what else was measured at the end of the runs.
func final(c *Comparison, p *Problem) {
	for _, q := range p.schema.Finals() {
		m := measure.Measure{Quantity: q.Name}
		if m == p.measure {
			continue
		}
		sign := 1.0
		if q.Better == record.More {
			sign = -1
		}
		for _, r := range p.Rows {
			if xs := r.ends(m, p.schema, sign); len(xs) > 0 {
				r.Finals = append(r.Finals, Final{q.Name, q.Unit, estimate(statistics.Median(xs, c.Confidence), sign)})
			}
		}
	}
}

// ends are the values of a measure at the end, one for each seed, of which less is better; of several runs of a seed their median.
func (r *Entry) ends(m measure.Measure, s record.Schema, sign float64) (xs []float64) {
	if !slices.ContainsFunc(r.all, func(own *member) bool { _, is := own.Outcome.Final.Of(m.Quantity).Get(); return is }) {
		return nil
	}
	of := map[uint64][]float64{}
	for _, own := range r.all {
		if v := m.Begin(s).End(own.Outcome); v.Counts() {
			_, worst := v.Between()
			of[own.Seed] = append(of[own.Seed], sign*worst)
		}
	}
	for _, seed := range r.seeds {
		if own := of[seed]; len(own) > 0 {
			xs = append(xs, quantile.Median(own))
		}
	}
	return xs
}

func finalsTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "what else was measured at the end", Columns: []string{""},
		Notes: []string{"Median over seeds with an interval, as above."}}
	for _, r := range p.Rows {
		for _, x := range r.Finals {
			if !slices.Contains(t.Columns, x.Quantity) {
				t.Columns = append(t.Columns, x.Quantity)
			}
		}
	}
	for _, r := range p.Rows {
		cells := []Cell{{Text: r.Name}}
		for _, name := range t.Columns[1:] {
			cells = append(cells, r.final(name))
		}
		if len(r.Finals) > 0 {
			t.Rows = append(t.Rows, cells)
		}
	}
	return t
}

// final is what stands in a table of what the row ended with of a quantity.
func (r *Entry) final(quantity string) Cell {
	i := slices.IndexFunc(r.Finals, func(x Final) bool { return x.Quantity == quantity })
	if i < 0 {
		return none
	}
	x := &r.Finals[i]
	cell := ranged(quantity, x.Unit, &x.Median)
	if x.Median.N != r.Seeds {
		cell.Text += fmt.Sprintf(" of %d", x.Median.N)
		cell.Numbers = append(cell.Numbers, Named{quantity + "_n", Number(x.Median.N)})
	}
	return cell
}
