package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/agext/levenshtein"

	"github.com/steepest/steepest/host/internal/registry"
)

// set is a set of values in place of one: a table with the name of a sort of set as its key.
type set struct {
	kind setKind
	path string // of the table, in the file
	key  string // as it is called within the table that has it

	n    int                     // how many values there are; 0 of an interval
	at   func(i int) element     // the values, in order; of an interval nil
	draw func(share float64) any // the value below which such a share of an interval lies

	low, high float64 // of an interval
	whole     bool    // only whole numbers of it
}

// element is one value of a set.
type element struct {
	value any
	path  string // where the file has it; that of the set if it is computed
}

// from is the value below which such a share of the set lies.
func (s set) from(share float64) element {
	if s.n > 0 {
		return s.at(min(int(share*float64(s.n)), s.n-1))
	}
	return element{s.draw(share), s.path}
}

// setKind is a sort of set. read completes a set; ok is false if something is wrong, which is reported.
type setKind struct {
	name string
	form string // of its value, for the manual
	help string
	read func(t *table, name string, s *set) (ok bool)
	// of is the schema of a set of such values; nil if there is none.
	of    func(value node) node
	whole bool // whether integer = true can stand beside it
}

func (k setKind) String() string { return k.name }

// setKinds are in the order of the manual.
var setKinds = registry.List[setKind]{
	{"grid", "`[0.01, 0.1, 1]`", "each of these values", listed, ofValues, false},
	{"log_grid", "`[low, high, points]`", "so many values from low to high whose logarithms are equally far apart: `numpy.logspace`", logarithmic, ofNumbers(3), true},
	{"choice", "`[\"relu\", \"tanh\"]`", "the same as `grid`; the usual word where values are drawn", listed, ofValues, false},
	{"uniform", "`[low, high]`", "any number between the two; drawn by `[search]`", interval(func(low, high, share float64) float64 {
		return low + float64(share*(high-low)) // never fused
	}), ofNumbers(2), true},
	{"log_uniform", "`[low, high]`", "any number between the two, its logarithm evenly; drawn by `[search]`", interval(func(low, high, share float64) float64 {
		return short(low * math.Exp(share*math.Log(high/low)))
	}), ofNumbers(2), true},
}

// kindOfSet is the sort of set that a table is; ok is false if it is none.
func kindOfSet(v any) (kind setKind, ok bool) {
	keys, isTable := v.(map[string]any)
	if !isTable {
		return kind, false
	}
	for _, kind := range setKinds {
		if _, ok := keys[kind.name]; ok {
			return kind, true
		}
	}
	return kind, false
}

// nearSet is the key of a table that is hardly anything but a misspelt set; empty if there is none.
func nearSet(keys map[string]any) string {
	for key, v := range keys {
		if _, isList := v.([]any); !isList || len(keys) != 1 || len(key) > 20 {
			continue
		}
		for _, kind := range setKinds {
			if levenshtein.Distance(key, kind.name, nil) <= 2 {
				return key
			}
		}
	}
	return ""
}

// readSet reads a set; ok is false if something is wrong, which is reported.
func (d *document) readSet(keys map[string]any, path, key string) (s set, ok bool) {
	kind, _ := kindOfSet(keys)
	t := &table{document: d, path: path, keys: keys, known: []string{kind.name}}
	s = set{kind: kind, path: path, key: key}
	ok = kind.read(t, kind.name, &s)
	t.done()
	if d.sets == nil {
		d.sets = map[string]setKind{}
	}
	d.sets[path] = kind
	list, _ := keys[kind.name].([]any)
	for i, v := range list {
		if _, within := kindOfSet(v); within {
			t.fault(t.at(fmt.Sprintf("%s[%d]", join(path, kind.name), i)), "a set within a set",
				"write two [[optimizer]] or [[problem]] tables, each with a set of its own")
			return s, false
		}
	}
	return s, ok
}

// standIn is a value to read on with in place of a set that is wrong; nil if there is none.
func standIn(f found) any {
	keys := f.keys
	kind, _ := kindOfSet(keys)
	name := kind.name
	if name == "" {
		name = nearSet(keys)
	}
	list, _ := keys[name].([]any)
	if _, values, _, foreign := foreignSet(f); foreign {
		list = values[len(values)-1:]
	}
	if len(list) == 0 {
		return nil
	}
	if _, again := kindOfSet(list[0]); again {
		return nil
	}
	low, ok1 := toFloat(list[0])
	if len(list) > 1 && name != "grid" && name != "choice" { // the larger end: more values are allowed above than below
		if high, ok2 := toFloat(list[1]); ok1 && ok2 && high > low {
			return list[1]
		}
	}
	return list[0]
}

// listed are the values of an array.
func listed(t *table, name string, s *set) bool {
	list, ok := t.keys[name].([]any)
	if !ok || len(list) == 0 {
		t.wrong(name, "an array of values", t.keys[name], "[0.01, 0.1, 1]")
		return false
	}
	path := func(i int) string { return fmt.Sprintf("%s[%d]", join(t.path, name), i) }
	seen := map[string]bool{}
	for i, v := range list {
		if text := exact(v); seen[text] {
			t.fault(t.at(path(i)), fmt.Sprintf("%s has %s twice", name, text), "write each value once")
			return false
		} else {
			seen[text] = true
		}
	}
	if len(list) == 1 {
		t.Warn(path(0), fmt.Sprintf("%s is a set of one value: it does not vary", s.key), "write the value alone, or further ones")
	}
	s.n, s.at = len(list), func(i int) element { return element{list[i], path(i)} }
	return true
}

// logarithmic are points between two numbers, exact at the ends.
func logarithmic(t *table, name string, s *set) bool {
	const example = "[1e-5, 1e2, 36]"
	list, ok := t.keys[name].([]any)
	if !ok || len(list) != 3 {
		t.wrong(name, "an array of two numbers and how many points", t.keys[name], example)
		return false
	}
	before := len(t.errors)
	points := t.toInt("the number of points", fmt.Sprintf("%s[2]", join(t.path, name)), list[2], 0, 2, maxRuns)
	low, high, ok := t.ends(name, list, true, example)
	whole := t.wholeEnds(name, low, high, "[8, 64, 4]")
	if !ok || len(t.errors) > before {
		return false
	}
	from, to := math.Log10(low), math.Log10(high)
	point := func(i int) float64 {
		switch i {
		case 0:
			return low
		case points - 1:
			return high
		}
		return short(math.Pow(10, from+(to-from)*float64(i)/float64(points-1)))
	}
	if whole {
		s.n, s.at = t.rounded(name, points, point)
		return true
	}
	_, whole1 := list[0].(int64)
	_, whole2 := list[1].(int64)
	s.n, s.at = points, func(i int) element {
		if x := point(i); whole1 && whole2 && x == math.Trunc(x) && x < maxCount { // batch = { log_grid = [8, 64, 4] }
			return element{int64(x), t.path}
		}
		return element{point(i), t.path}
	}
	return true
}

// rounded are the whole numbers next to some points, each once.
func (t *table) rounded(name string, points int, point func(i int) float64) (n int, at func(i int) element) {
	var wholes []int64
	for i := range points {
		wholes = append(wholes, int64(math.Round(point(i))))
	}
	wholes = slices.Compact(wholes)
	if n = len(wholes); n < points {
		t.Warn(join(t.path, name), fmt.Sprintf("the %d points of %s are %d whole numbers", points, name, n),
			fmt.Sprintf("each of them is taken once; ask for fewer points, such as %d", n))
	}
	return n, func(i int) element { return element{wholes[i], t.path} }
}

// short is a number without the error of its computation: the one with few digits that it is meant to be, or else with 15 digits, which
// all processors agree on.
func short(x float64) float64 {
	for _, digits := range []int{10, 15} {
		if y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64); err == nil && math.Abs(x-y) <= 1e-14*math.Abs(x) {
			return y
		}
	}
	return x
}

// interval reads the numbers between two, of which at gives the one below which a share of them lies.
func interval(at func(low, high, share float64) float64) func(*table, string, *set) bool {
	return func(t *table, name string, s *set) bool {
		example, logarithm := "[0.5, 1.0]", name == "log_uniform"
		if logarithm {
			example = "[1e-4, 1.0]"
		}
		list, ok := t.keys[name].([]any)
		if !ok || len(list) != 2 {
			t.wrong(name, "an array of two numbers", t.keys[name], example)
			return false
		}
		low, high, ok := t.ends(name, list, logarithm, example)
		before := len(t.errors)
		whole := t.wholeEnds(name, low, high, "[1, 100]")
		if len(t.errors) > before {
			return false
		}
		s.low, s.high, s.whole = low, high, whole
		s.draw = func(share float64) any {
			if whole { // each number is as wide as its distance to the next
				return int64(min(math.Floor(at(low, high+1, share)), high))
			}
			return min(at(low, high, share), high)
		}
		return ok
	}
}

// wholeEnds reads whether only whole numbers are meant, between two that are whole.
func (t *table) wholeEnds(name string, low, high float64, example string) bool {
	whole := t.boolean("integer", false)
	if whole && (low != math.Trunc(low) || high != math.Trunc(high) || max(-low, high) > 1<<53) {
		t.fault(t.place(name), name+" with integer = true needs two whole numbers", "write it like "+name+" = "+example)
	}
	return whole
}

// ends are the first two numbers of an array, in order.
func (t *table) ends(name string, list []any, positive bool, example string) (low, high float64, ok bool) {
	low, ok1 := toFloat(list[0])
	high, ok2 := toFloat(list[1])
	what := "two finite numbers"
	if positive {
		what = "two numbers above 0"
	}
	if !ok1 || !ok2 || !(high > low) || math.IsInf(high-low, 0) || positive && !(low > 0) {
		t.fault(t.place(name), fmt.Sprintf("%s needs %s, the first below the second", name, what), "write it like "+name+" = "+example)
		return 0, 0, false
	}
	return low, high, true
}
