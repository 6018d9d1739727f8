package compare

import (
	"fmt"
	"strings"

	"github.com/steepest/steepest/host/internal/statistics"
)

// Ranks compare optimizers over problems by the ranks of their medians.
type Ranks struct {
	N                  int        `json:"n"`          // problems
	Mean               []Number   `json:"mean_ranks"` // in the order of the optimizers
	ChiSquared         Number     `json:"chi_squared"`
	P                  Number     `json:"p"`
	F                  Number     `json:"f"`
	PF                 Number     `json:"p_f"`
	CriticalDifference Number     `json:"critical_difference"`
	Cliques            [][]string `json:"not_told_apart,omitempty"`
}

var ranks = statistic{name: "ranks", across: rank, whole: ranksTable}

func rank(c *Comparison) {
	a := c.Across
	if len(a.rows) < 2 {
		return
	}
	values := make([][]float64, len(c.Problems))
	for j, p := range c.Problems {
		for _, rows := range a.rows {
			values[j] = append(values[j], p.median(rows[j]))
		}
	}
	f := statistics.CompareRanks(values, c.level())
	a.Ranks = &Ranks{N: f.N, ChiSquared: Number(f.ChiSquared), P: Number(f.P), F: Number(f.F), PF: Number(f.PF), CriticalDifference: Number(f.CriticalDifference)}
	for _, x := range f.Ranks {
		a.Ranks.Mean = append(a.Ranks.Mean, Number(x))
	}
	for _, clique := range f.Cliques {
		var names []string
		for _, i := range clique {
			names = append(names, a.Optimizers[i])
		}
		a.Ranks.Cliques = append(a.Ranks.Cliques, names)
	}
}

func ranksTable(c *Comparison) []Table {
	r := c.Across.Ranks
	if r == nil {
		return nil
	}
	t := Table{Title: "ranks over problems", Columns: []string{"", "mean rank"}}
	for i, x := range r.Mean {
		t.Rows = append(t.Rows, []Cell{{Text: c.Across.Optimizers[i]}, number("mean_rank", x)})
	}
	for _, clique := range r.Cliques {
		t.Notes = append(t.Notes, "Not told apart: "+strings.Join(clique, ", ")+".")
	}
	test := Table{Title: "test of ranks", Columns: []string{"", "problems", "chi squared", "p", "F", "p of F", "critical difference"},
		Notes: []string{"Friedman's test, Iman and Davenport's F, and Nemenyi's critical difference of mean ranks."},
		Rows: [][]Cell{{{Text: "Friedman"}, whole("problems", r.N), number("chi_squared", r.ChiSquared), number("p", r.P), number("f", r.F), number("p_f", r.PF),
			number("critical_difference", r.CriticalDifference)}}}
	if r.N < 5 {
		test.Notes = append(test.Notes, fmt.Sprintf("Of %d problems little can be told by ranks.", r.N))
	}
	return []Table{t, test}
}
