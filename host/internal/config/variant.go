package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
)

// Choice is what a variant has in place of a set.
type Choice struct {
	Key   string `json:"key"` // within its table, such as lr or lr.from
	Value any    `json:"value"`

	text string
	name string // of the key as it stands in names; empty if it is the key
}

// Name is the key as it stands in names, such as bias.lr for group[0].lr. A choice that was read from a record knows no names of groups.
func (c Choice) Name() string { return cmp.Or(c.name, readableKey(nil, c.Key)) }

// String is the value as it stands in names.
func (c Choice) String() string { return cmp.Or(c.text, shortest(c.Value, 4)) }

// Number is the value if it is a number, be it of a file or of a record.
func (c Choice) Number() (x float64, ok bool) {
	if n, is := c.Value.(json.Number); is {
		x, err := n.Float64()
		return x, err == nil
	}
	return toFloat(c.Value)
}

// variant is a table of the file with one choice from each set in it.
type variant struct {
	keys    map[string]any
	path    string // of the table, in the file
	trial   int    // which of its table's, from 1; 0 if that has no sets
	studies []int  // whose trial it is, from 1; nil if it is one of every study
	choices []Choice
	taken   []move // from which place of the file the chosen values are; to is below path
	label   string // what distinguishes it from the others of its table
	space   *space // nil unless it stands for all the trials that another program will choose
}

// The roots of paths in what a workload sees: it has one problem, and all variants of optimizers in a row.
const problemRoot, optimizerRoot = "problem", "optimizer"

// root is the path of the variant with the given number among all.
func (variant) root(i int) string { return fmt.Sprintf("%s[%d]", optimizerRoot, i) }

// name is a name with what distinguishes the variant, such as "sgd lr=0.1".
func (v variant) name(base string) string { return strings.TrimSpace(base + " " + v.label) }

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

// problemVariants are the variants of a table of a problem: every combination of its sets.
func (e *Experiment) problemVariants(t *table) []variant {
	t.refuseSets("what a problem is called and how long its runs last is no choice", "name", "budget", "target", "stop")
	sets, ok := e.listsIn(t, "problems are crossed with all of them", "list the values with grid or log_grid")
	if ok = ok && e.bearable(t, Search{}.combinations(sets), sets); !ok {
		return []variant{t.withoutSets()}
	}
	if rows := e.product(sets); rows != nil {
		return labelled(chosen([]variant{{keys: t.keys, path: t.path}}, sets, rows))
	}
	return []variant{t.withoutSets()}
}

// optimizerVariants are the variants of an optimizer's table: the trials that its search, or that of the file, makes from its sets, and
// each of them with every combination of the sets in [gradient] if it has no gradient of its own.
func (e *Experiment) optimizerVariants(t *table, gradient *table) []variant {
	t.refuseSets("it changes nothing that an optimizer computes", "name", "step_timeout", "start_timeout", "on_plugin_failure", "max_asks")
	search := e.Search
	if sub, given := t.keys["search"].(map[string]any); given {
		search = (&table{document: t.document, path: join(t.path, "search"), keys: sub}).readSearch()
		if search.Halving != nil || search.External != nil {
			t.fault(t.at(join(t.path, "search.kind")), fmt.Sprintf("a search of the kind %q is one of all optimizers: one alone would get another "+
				"budget than the others", search.Kind), fmt.Sprintf("write kind = %q in [search]", search.Kind))
			search = Search{Kind: searchKinds[0].name, path: search.path}
		}
	}
	if search.External != nil {
		return []variant{e.externalVariant(t, gradient)}
	}
	all := []variant{t.withoutSets()}
	if sets, ok := e.setsIn(t); ok && len(sets) > 0 && e.bearable(t, search.combinations(sets), sets) {
		kind := search.kind()
		perStudy := search.Trials
		if studies := e.studies(); search.Draws() && studies > 1 {
			search.Trials = min(search.Trials*studies, maxRuns)
		}
		if rows := kind.trials(e, search, sets); rows != nil {
			all = chosen([]variant{{keys: t.keys, path: t.path}}, sets, rows)
		}
		if search.Draws() {
			if e.studies() > 0 {
				for i := range all {
					all[i].studies = []int{(all[i].trial-1)/max(perStudy, 1) + 1}
				}
			}
			all = e.withoutRepeated(all, search)
		}
	}
	if _, own := t.keys["gradient"]; !own && gradient.keys != nil {
		all = e.crossed(all, gradient)
	}
	return labelled(all)
}

// crossed are variants with the file's [gradient] as theirs, with every combination of its sets.
func (e *Experiment) crossed(all []variant, gradient *table) []variant {
	sets, ok := e.listsIn(gradient, "[gradient] is for all of them",
		"list the values with grid or log_grid, or give the optimizer a gradient table of its own")
	variants := len(all) * Search{}.combinations(sets)
	rows := e.product(sets)
	if ok = ok && rows != nil && variants <= maxRuns && e.bearable(&table{path: gradient.path, keys: all[0].keys}, variants, sets); !ok {
		gradient.keys, sets = gradient.withoutSets().keys, nil
	}
	to := join(all[0].path, "gradient")
	for i, v := range all {
		all[i].keys = maps.Clone(v.keys)
		all[i].keys["gradient"] = gradient.keys
		all[i].taken = append(slices.Clip(v.taken), move{to, gradient.path})
	}
	for i, s := range sets {
		sets[i].key, sets[i].path = join("gradient", s.key), to+strings.TrimPrefix(s.path, gradient.path)
	}
	return chosen(all, sets, rows)
}

// chosen are some variants with each row of choices from sets. There are none without rows.
func chosen(all []variant, sets []set, rows [][]element) (more []variant) {
	if len(sets) == 0 {
		return all
	}
	numbers := map[string]int{}
	for j, s := range sets {
		numbers[s.path] = j
	}
	sites := sitesIn(all[0].keys, all[0].path, func(f found) bool { _, is := numbers[f.path]; return is })
	for _, v := range all {
		for i, row := range rows {
			w := v
			w.choices, w.taken = slices.Grow(slices.Clip(v.choices), len(sets)), slices.Grow(slices.Clip(v.taken), len(sets))
			w.keys, _ = put(v.keys, sites, func(f found) any { return row[numbers[f.path]].value }).(map[string]any)
			if v.trial == 0 {
				w.trial = i + 1
			}
			for j, s := range sets {
				w.choices = append(w.choices, Choice{Key: s.key, Value: row[j].value})
				w.taken = append(w.taken, move{s.path, row[j].path})
			}
			more = append(more, w)
		}
	}
	return more
}

// withoutRepeated are trials without those that have the same values as an earlier one, of which it warns.
func (e *Experiment) withoutRepeated(all []variant, s Search) []variant {
	seen := map[string]int{} // the place in kept
	var kept []variant
	for _, v := range all {
		var key []string
		for _, c := range v.choices {
			key = append(key, exact(c.Value))
		}
		text := strings.Join(key, "\n")
		if first, again := seen[text]; again {
			kept[first].studies = append(kept[first].studies, v.studies...)
			continue
		}
		seen[text] = len(kept)
		kept = append(kept, v)
	}
	if n := s.Trials - len(kept); n > 0 && len(kept) > 0 {
		e.warnings = append(e.warnings, e.diagnostic(e.at(kept[0].path), fmt.Sprintf("%d of %d trials draw what an earlier one has drawn; they are left out",
			n, s.Trials), `draw fewer trials, or write kind = "grid" for every combination once`))
	}
	return kept
}

// isSet tells whether a table is a set, or a misspelt one.
func isSet(f found) bool {
	_, is := kindOfSet(f.keys)
	_, _, _, foreign := foreignSet(f)
	return is || foreign || nearSet(f.keys) != ""
}

// withoutSets is the table with values to read on with in place of its sets.
func (t *table) withoutSets() variant {
	keys, _ := put(t.keys, sitesIn(t.keys, t.path, isSet), standIn).(map[string]any)
	return variant{keys: keys, path: t.path}
}

// setsIn are the sets in a table, in the order of the file; ok is false if something is wrong with them, which is reported.
func (e *Experiment) setsIn(t *table) (sets []set, ok bool) {
	all := tablesIn(sitesIn(t.keys, t.path, isSet))
	slices.SortFunc(all, func(a, b found) int {
		x, y := e.at(a.path), e.at(b.path)
		return cmp.Or(e.of(x).rank-e.of(y).rank, x.line-y.line, x.column-y.column, strings.Compare(a.path, b.path))
	})
	ok = true
	for _, f := range all {
		if _, is := kindOfSet(f.keys); !is {
			typo, values, interval, foreign := foreignSet(f)
			remedy := setMeant(f, values, interval)
			if !foreign {
				typo = nearSet(f.keys)
				remedy = proto.DidYouMean(typo, setKinds.Names())
			}
			where, _ := e.where(join(f.path, typo))
			e.fault(where.key, fmt.Sprintf("unknown sort of set %q", typo), remedy)
			ok = false
			continue
		}
		s, right := e.readSet(f.keys, f.path, strings.TrimPrefix(f.path, t.path+"."))
		ok = ok && right
		sets = append(sets, s)
	}
	return sets, ok
}

// listsIn are the sets in a table where nothing is drawn: each must have a list of values.
func (e *Experiment) listsIn(t *table, why, remedy string) (sets []set, ok bool) {
	sets, ok = e.setsIn(t)
	for _, s := range sets {
		if ok && s.n == 0 {
			e.fault(e.at(s.path), fmt.Sprintf("%s is an interval, from which [search] draws for an optimizer; %s", s.kind.name, why), remedy)
			return nil, false
		}
	}
	return sets, ok
}

// refuseSets reports sets in the values of some keys, where none can be.
func (t *table) refuseSets(why string, keys ...string) {
	for _, key := range keys {
		t.refuse(key, func(path, kind string) {
			t.fault(t.at(path), fmt.Sprintf("%s cannot be a set of values (%s): %s", header(strings.TrimPrefix(path, t.path+".")), kind, why),
				"write one value")
		})
	}
}

// refuseOthers reports sets outside of what a workload has a choice of.
func (t *table) refuseOthers() {
	for key := range t.keys {
		remedy := "write one value; sets can stand in [problem], [[optimizer]] and [gradient]"
		switch key {
		case problemRoot, optimizerRoot, "gradient":
			continue
		case "seeds":
			remedy = "write [seeds] with count = 5 to run everything with so many seeds; a seed is never a hyperparameter"
		case "budget", "target", "stop":
			remedy = fmt.Sprintf("write several [[problem]], each with a table [problem.%s]", key)
		}
		t.refuse(key, func(path, kind string) {
			t.fault(t.at(path), fmt.Sprintf("%s cannot be a set of values (%s)", header(path), kind), remedy)
		})
	}
}

// refuse reports the sets in the value of a key, and puts values to read on with in their places.
func (t *table) refuse(key string, report func(path, kind string)) {
	sites := sitesIn(map[string]any{key: t.keys[key]}, t.path, func(f found) bool {
		kind, is := kindOfSet(f.keys)
		if is {
			report(f.path, kind.name)
		}
		return is
	})
	t.keys, _ = put(t.keys, sites, standIn).(map[string]any)
}
