package config

import "fmt"

// maxWeight is the most that variants may hold together: choices, and entries of their tables. A small file could take all memory, as a
// table of many keys is there once for each variant.
const maxWeight = 10_000_000

// bearable tells whether the variants that sets make of a table can be held. If not, that is reported.
func (e *Experiment) bearable(t *table, variants int, sets []set) bool {
	if e.weight += variants * (entries(t.keys) + 8*len(sets)); len(sets) == 0 || e.weight <= maxWeight {
		return true
	}
	e.fault(e.at(t.path), fmt.Sprintf("the sets make up to %d variants of a table of %d values, with %d choices each, which is too much to hold",
		variants, entries(t.keys), len(sets)), "choose fewer values or trials")
	return false
}

// entries is how many values there are in a value.
func entries(v any) int {
	n := 1
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			n += entries(inner)
		}
	case []any:
		n += len(v)
		for _, inner := range v {
			if _, isTable := inner.(map[string]any); isTable {
				n += entries(inner)
			}
		}
	case []map[string]any:
		for _, inner := range v {
			n += entries(inner)
		}
	}
	return n
}

// combinations is how many variants a search makes of sets at most.
func (s Search) combinations(sets []set) int {
	switch {
	case s.Trials > 0:
		return s.Trials
	case len(sets) > 0 && s.Kind == zipSearch.name:
		return sets[0].n
	}
	n := 1
	for _, x := range sets {
		n = min(n*max(x.n, 1), maxRuns)
	}
	return n
}
