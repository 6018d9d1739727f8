package config

import "fmt"

var gridSearch = searchKind{
	name: "grid",
	help: "every combination of the values; those of the last set vary first",
	trials: func(e *Experiment, s Search, sets []set) [][]element {
		if !e.refuseIntervals(s, sets) {
			return nil
		}
		return e.product(sets)
	},
}

// product has every combination of the values of sets. Too many are refused before they are made.
func (e *Experiment) product(sets []set) [][]element {
	total := 1
	for _, s := range sets {
		if s.n == 0 {
			return nil // an interval, or one that is wrong; reported
		}
		if total *= s.n; total > maxRuns {
			e.fault(e.at(s.path), fmt.Sprintf("the sets up to here make more than %d variants", maxRuns), "choose fewer values")
			return nil
		}
	}
	rows := make([][]element, total)
	for i := range rows {
		row, rest := make([]element, len(sets)), i
		for j := len(sets) - 1; j >= 0; j-- {
			row[j], rest = sets[j].at(rest%sets[j].n), rest/sets[j].n
		}
		rows[i] = row
	}
	return rows
}
