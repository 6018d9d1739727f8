package compare

import (
	"github.com/steepest/steepest/host/internal/registry"
)

// statistic is a part of a comparison: how it is found, and how its numbers stand in tables.
type statistic struct {
	name   string
	each   func(*Comparison, *Problem) // of one problem; nil if there is none
	across func(*Comparison)           // of all
	table  func(*Comparison, *Problem) Table
	whole  func(*Comparison) []Table
}

func (s statistic) String() string { return s.name }

// statistics are in the order of the tables. Later ones use what earlier ones found.
var parts = registry.List[statistic]{valuesPart, finals, toTarget, stepTime, pairs, sensitivity, tuning, diagnosed, profiles, reached, ranks}

// Table is a drawing of a part of a comparison that every format draws in its own way.
type Table struct {
	Name    string // of the statistic
	Problem string
	Title   string
	Columns []string
	Rows    [][]Cell
	Notes   []string
}

// Heading is what stands above the table: what it has, and of which problem.
func (t Table) Heading() string {
	if t.Problem == "" {
		return t.Title
	}
	return t.Problem + ": " + t.Title
}

// Cell is what stands in a table: a text, or numbers with names, of which the text shows all.
type Cell struct {
	Text    string
	Numbers []Named
}

// Named is a number and what it is.
type Named struct {
	Name string
	X    Number
}

// Tables are all drawings of the comparison that have rows.
func (c *Comparison) Tables() (all []Table) {
	for _, p := range c.Problems {
		for _, s := range parts {
			if s.table == nil {
				continue
			}
			if t := s.table(c, p); len(t.Rows) > 0 {
				t.Name, t.Problem = s.name, p.Name
				all = append(all, t)
			}
		}
	}
	for _, s := range parts {
		if s.whole == nil || c.Across == nil {
			continue
		}
		for _, t := range s.whole(c) {
			if len(t.Rows) > 0 {
				t.Name = s.name
				all = append(all, t)
			}
		}
	}
	return all
}
