package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Choice is what a variant has in place of a set.
type Choice struct {
	Key   string `json:"key"` // within its table, such as lr or lr.from
	Value any    `json:"value"`
}

// variant is a table of the file with one choice from each set in it.
type variant struct {
	keys    map[string]any
	path    string // of the table, in the file
	choices []Choice
	taken   []move // from which place of the file the chosen values are; to is below path
}

// The roots of paths in what a workload sees: it has one problem, and all variants of optimizers in a row.
const problemRoot, optimizerRoot = "problem", "optimizer"

// root is the path of the variant with the given number among all.
func (variant) root(i int) string { return fmt.Sprintf("%s[%d]", optimizerRoot, i) }

// moves say where the keys of a variant stand in the file, under the path that it has in a workload's view.
func (v variant) moves(root string) []move {
	var list []move
	for _, m := range v.taken {
		list = append(list, move{root + strings.TrimPrefix(m.to, v.path), m.from})
	}
	slices.SortStableFunc(list, func(a, b move) int { return len(b.to) - len(a.to) })
	if v.path != root {
		list = append(list, move{root, v.path})
	}
	return list
}

// alternatives are the tables under a key, which may be one table or an array of tables.
func (t *table) alternatives(key string) []*table {
	switch t.keys[key].(type) {
	case nil:
		return nil
	case []any, []map[string]any:
		return t.subs(key)
	}
	if sub, ok := t.sub(key); ok {
		return []*table{sub}
	}
	return nil
}

// variants are all variants of some tables.
func (e *Experiment) variants(tables []*table) (all []variant) {
	for _, t := range tables {
		all = append(all, e.product(t)...)
	}
	return all
}

// product are the variants of a table with every combination of the choices from its sets. Those of the last set vary first. There are
// none if a set is wrong, which is reported.
func (e *Experiment) product(t *table) []variant {
	all := []variant{{keys: t.keys, path: t.path}}
	for _, s := range e.setsIn(t) {
		var more []variant
		for _, v := range all {
			for _, x := range s.values {
				more = append(more, v.with(s, x))
			}
		}
		if len(more) > maxRuns {
			t.fault(t.at(s.path), fmt.Sprintf("the sets up to here make more than %d variants", maxRuns), "choose fewer values")
			return all[:1]
		}
		all = more
	}
	return all
}

// with is the variant with a value in place of a set.
func (v variant) with(s set, x element) variant {
	keys, _ := replaced(v.keys, v.path, s.path, x.value).(map[string]any)
	return variant{keys, v.path, append(slices.Clip(v.choices), Choice{s.key, x.value}), append(slices.Clip(v.taken), move{s.path, x.path})}
}

// setsIn are the sets in a table, in the order of the file.
func (e *Experiment) setsIn(t *table) (sets []set) {
	type place struct {
		keys map[string]any
		path string
	}
	var found []place
	var look func(v any, path string)
	look = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			if _, is := kindOfSet(v); is {
				found = append(found, place{v, path})
				return
			}
			for key, inner := range v {
				look(inner, join(path, key))
			}
		case []any:
			for i, inner := range v {
				look(inner, fmt.Sprintf("%s[%d]", path, i))
			}
		case []map[string]any:
			for i, inner := range v {
				look(inner, fmt.Sprintf("%s[%d]", path, i))
			}
		}
	}
	look(t.keys, t.path)
	slices.SortFunc(found, func(a, b place) int {
		x, y := e.at(a.path), e.at(b.path)
		return cmp.Or(x.line-y.line, x.column-y.column, strings.Compare(a.path, b.path))
	})
	for _, f := range found {
		sets = append(sets, e.readSet(f.keys, f.path, strings.TrimPrefix(f.path, t.path+".")))
	}
	return sets
}

// replaced is a value, which stands at a path, with another in place of what stands at a path in it. Only what contains it is copied.
func replaced(v any, path, at string, x any) any {
	if path == at {
		return x
	}
	below := func(inner string) bool {
		rest, ok := strings.CutPrefix(at, inner)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if p := join(path, key); below(p) {
				v = maps.Clone(v)
				v[key] = replaced(inner, p, at, x)
				return v
			}
		}
	case []any:
		for i, inner := range v {
			if p := fmt.Sprintf("%s[%d]", path, i); below(p) {
				v = slices.Clone(v)
				v[i] = replaced(inner, p, at, x)
				return v
			}
		}
	case []map[string]any:
		for i, inner := range v {
			if p := fmt.Sprintf("%s[%d]", path, i); below(p) {
				v = slices.Clone(v)
				v[i], _ = replaced(inner, p, at, x).(map[string]any)
				return v
			}
		}
	}
	return v
}

// variantName is a name with what was chosen, such as "sgd lr=0.1".
func variantName(name string, choices []Choice) string {
	parts := []string{name}
	if name == "" {
		parts = nil
	}
	for _, c := range choices {
		parts = append(parts, c.Key+"="+shortValue(c.Value))
	}
	return strings.Join(parts, " ")
}

// shortValue is a value as it stands in names.
func shortValue(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case string:
		return v
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, shortValue(x))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+"="+shortValue(v[key]))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return fmt.Sprint(v)
}
