package config

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/registry"
)

// set is a set of values in place of one: a table with the name of a sort of set as its key.
type set struct {
	kind   setKind
	path   string // of the table, in the file
	key    string // as it is called within the table that has it
	values []element
}

// element is one value of a set.
type element struct {
	value any
	path  string // where the file has it; that of the set if it is computed
}

// setKind is a sort of set.
type setKind struct {
	name string
	help string
	list func(t *table, name string) []element // the values, in order; nil if something is wrong, which is reported
}

func (k setKind) String() string { return k.name }

// setKinds are in the order of the manual.
var setKinds = registry.List[setKind]{
	{"grid", "each of these values", listed},
	{"log_grid", "`[low, high, points]`: so many values from low to high, whose logarithms are equally far apart", logarithmic},
	{"choice", "each of these values; drawn without order where trials are drawn", listed},
}

// kindOfSet is the sort of set that a table is; ok is false if it is none.
func kindOfSet(v any) (kind setKind, ok bool) {
	keys, _ := v.(map[string]any)
	for key := range keys {
		if kind, ok = setKinds.Find(key); ok {
			return kind, true
		}
	}
	return kind, false
}

// readSet reads a set. It has no values if something is wrong, which is reported.
func (d *document) readSet(keys map[string]any, path, key string) set {
	kind, _ := kindOfSet(keys)
	t := &table{document: d, path: path, keys: keys}
	s := set{kind: kind, path: path, key: key, values: kind.list(t, kind.name)}
	for _, x := range s.values {
		if _, is := kindOfSet(x.value); is {
			t.fault(t.at(x.path), "a set within a set", "write two [[optimizer]] or [[problem]] tables, each with a set of its own")
			s.values = nil
			break
		}
	}
	t.known = append(t.known, kind.name)
	t.done()
	return s
}

// listed are the values of an array.
func listed(t *table, name string) []element {
	list, ok := t.keys[name].([]any)
	if !ok || len(list) == 0 {
		t.wrong(name, "an array of values", t.keys[name], "[0.01, 0.1, 1]")
		return nil
	}
	var out []element
	for i, v := range list {
		path := fmt.Sprintf("%s[%d]", join(t.path, name), i)
		out = append(out, element{v, path})
	}
	return out
}

// logarithmic are points between two numbers, exact at the ends.
func logarithmic(t *table, name string) []element {
	const example = "[1e-5, 1e2, 36]"
	list, ok := t.keys[name].([]any)
	if !ok || len(list) != 3 {
		t.wrong(name, "an array of two numbers and how many points", t.keys[name], example)
		return nil
	}
	low, ok1 := toFloat(list[0])
	high, ok2 := toFloat(list[1])
	points := t.toInt(name, fmt.Sprintf("%s[2]", join(t.path, name)), list[2], 0, 2, maxRuns)
	if !ok1 || !ok2 || !(low > 0) || !(high > low) || math.IsInf(high, 1) {
		t.fault(t.place(name), name+" needs two numbers above 0, the first below the second", "write it like "+name+" = "+example)
		return nil
	}
	var out []element
	for i := range points {
		x := math.Pow(10, math.Log10(low)+(math.Log10(high)-math.Log10(low))*float64(i)/float64(points-1))
		switch i {
		case 0:
			x = low
		case points - 1:
			x = high
		}
		out = append(out, element{x, t.path})
	}
	return out
}
