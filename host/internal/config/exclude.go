package config

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
)

// excludes are the combinations of problems and optimizers that [[exclude]] drops.
type excludes []exclude

// exclude drops the combinations of which both are in it, by their places in the lists of all variants.
type exclude struct{ problems, optimizers []bool }

// without are the optimizers that are left for the i-th problem.
func (list excludes) without(i int, optimizers []variant) (left []variant) {
	for j, o := range optimizers {
		if !slices.ContainsFunc(list, func(x exclude) bool { return x.problems[i] && x.optimizers[j] }) {
			left = append(left, o)
		}
	}
	return left
}

// maxExcludes is the most tables [[exclude]]: each is held against every variant.
const maxExcludes = 1000

// readExcludes reads what to drop of the combinations of problems and optimizers.
func (e *Experiment) readExcludes(t *table, problems, optimizers []variant) (list excludes) {
	subs := t.subs("exclude")
	if e.Search.External != nil && len(subs) > 0 {
		t.fault(t.at(subs[0].path), fmt.Sprintf("[[exclude]] does nothing in a search of the kind %q: another program chooses", ExternalKind), "remove it")
		return nil
	}
	if len(subs) > maxExcludes {
		t.fault(t.at("exclude"), fmt.Sprintf("there are %d tables [[exclude]]", len(subs)), fmt.Sprintf("write at most %d; a grid of fewer values may need none", maxExcludes))
		return nil
	}
	for _, sub := range subs {
		x := exclude{slices.Repeat([]bool{true}, len(problems)), slices.Repeat([]bool{true}, len(optimizers))}
		if len(sub.keys) == 0 {
			sub.fault(sub.at(sub.path), "[[exclude]] is empty", `write what to leave out, such as optimizer = "sgd" and lr = 1.0`)
			continue
		}
		before := len(t.errors)
		for _, c := range sub.conditions() {
			variants, matches := optimizers, x.optimizers
			if c.problem {
				variants, matches = problems, x.problems
			}
			c.mark(sub, variants, matches)
		}
		if len(t.errors) > before {
			continue
		}
		if !slices.Contains(x.problems, true) || !slices.Contains(x.optimizers, true) {
			t.warnings = append(t.warnings, t.diagnostic(t.at(sub.path), "[[exclude]] matches no combination: no variant has all of its values",
				"remove it, or correct one of its values"))
		}
		list = append(list, x)
	}
	return list
}

// condition is a key in [[exclude]] with the value that a variant must have there.
type condition struct {
	key     string // in the table of the variant; empty for its name
	problem bool   // whether that is a problem
	value   any
	path    string // of the value
	given   string // the key as it stands in [[exclude]]
}

// conditions are the keys of [[exclude]], and those of tables in it by their dotted names.
func (t *table) conditions() (list []condition) {
	var read func(keys map[string]any, path, name string)
	read = func(keys map[string]any, path, name string) {
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			at, dotted := join(path, key), key
			if name != "" {
				dotted = name + "." + key
			}
			if inner, isTable := keys[key].(map[string]any); isTable && len(inner) > 0 {
				read(inner, at, dotted)
				continue
			}
			c := condition{key: dotted, value: keys[key], path: at, given: dotted}
			if rest, ok := strings.CutPrefix(dotted, problemRoot); ok && (rest == "" || rest[0] == '.') {
				c.key, c.problem = strings.TrimPrefix(rest, "."), true
			} else if rest, ok := strings.CutPrefix(dotted, optimizerRoot); ok && (rest == "" || rest[0] == '.') {
				c.key = strings.TrimPrefix(rest, ".")
			}
			list = append(list, c)
		}
	}
	read(t.keys, t.path, "")
	return list
}

// mark leaves only those variants that match. It reports a key or a value that none has.
func (c condition) mark(t *table, variants []variant, matches []bool) {
	noun := "optimizer"
	if c.problem {
		noun = "problem"
	}
	at, _ := t.where(c.path)
	if c.given == "seed" || c.given == "seeds" {
		t.fault(at.key, "seeds are no choice to exclude: all variants run with the same", "remove it; [seeds] says which there are")
		return
	}
	exists, found := false, false
	for i, v := range variants {
		own, text, ok := v.lookup(c.key)
		is := ok && (c.is(own, text) || c.key == "" && c.is(v.base(), ""))
		exists, found, matches[i] = exists || ok, found || is, matches[i] && is
	}
	switch {
	case !exists:
		keys := []string{"optimizer", "problem"}
		for _, v := range variants {
			keys = append(keys, v.dotted(c.problem)...)
		}
		slices.Sort(keys)
		t.fault(at.key, fmt.Sprintf("no %s has the key %q", noun, c.given), proto.DidYouMean(c.given, slices.Compact(keys)))
	case !found:
		t.fault(at.value, fmt.Sprintf("no %s has %s = %s", noun, c.given, shortest(c.value, 17)), c.nearest(variants))
	}
}

// nearest is the remedy for a value that no variant has.
func (c condition) nearest(variants []variant) string {
	var texts []string
	least := math.Inf(1)
	near := ""
	for _, v := range variants {
		own, _, _ := v.lookup(c.key)
		if c.key == "" {
			own = v.base()
		}
		text := shortest(own, 17)
		x, ok1 := toFloat(c.value)
		y, ok2 := toFloat(own)
		if ok1 && ok2 && math.Abs(x-y) < least {
			least, near = math.Abs(x-y), text
		}
		texts = append(texts, text)
	}
	if near != "" {
		return "the nearest is " + near
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	return proto.DidYouMean(shortest(c.value, 17), texts[:min(len(texts), 50)])
}

// is tells whether a value, as it stands in names, is that of the condition.
func (c condition) is(v any, text string) bool {
	x, ok1 := toFloat(c.value)
	y, ok2 := toFloat(v)
	if ok1 && ok2 {
		return x == y || math.Abs(x-y) <= 1e-9*math.Abs(y) || text != "" && shortest(c.value, 17) == text
	}
	return exact(c.value) == exact(v)
}

// base is the name of the variant's table.
func (v variant) base() string {
	name, _ := v.keys["name"].(string)
	return cmp.Or(name, pluginsIn(v.keys))
}

// lookup is the value of a dotted key, and how it stands in names; the name of the variant for no key.
func (v variant) lookup(key string) (value any, text string, ok bool) {
	if key == "" {
		name := v.name(v.base())
		return name, name, name != ""
	}
	for _, c := range v.choices {
		if c.Key == key {
			return c.Value, c.String(), true
		}
	}
	value = v.keys
	for part := range strings.SplitSeq(key, ".") {
		keys, _ := value.(map[string]any)
		if value, ok = keys[part]; !ok {
			return nil, "", false
		}
	}
	return value, "", true
}

// dotted are the keys of the variant, as they stand in [[exclude]].
func (v variant) dotted(problem bool) []string {
	keys := slices.Collect(maps.Keys(v.keys))
	for _, c := range v.choices {
		keys = append(keys, c.Key)
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return key == "name" || key == "plugin" })
	for i := range keys {
		if problem {
			keys[i] = join(problemRoot, keys[i])
		}
	}
	return keys
}
