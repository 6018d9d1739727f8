package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/steepest/steepest/proto"
)

// setFlag is the flag that sets keys of an experiment from the command line.
const setFlag = "--set"

// set puts values over those of the files, each given as KEY=VALUE; ok is false if something is wrong, which is reported. Optimizers, and
// problems where there are several, are addressed by their names: optimizer.sgd.lr=0.1.
func (r *sources) set(whole *tree, settings []string) (ok bool) {
	ok = true
	for i, text := range settings {
		s := &source{file: setFlag, dir: r.source.dir, lines: []string{text}, rank: maxFiles + 1 + i}
		ok = r.setOne(whole, s, text) && ok
	}
	return ok
}

func (r *sources) setOne(whole *tree, s *source, text string) bool {
	start := position{line: 1, column: 1, length: len([]rune(text)), source: s}
	l := &locator{src: text, line: 1, column: 1, found: map[string]location{}}
	parts := l.key()
	l.skip(" \t")
	if strings.Contains(text, "\n") || l.peek() != '=' || parts[0].name == "" {
		r.fault(start, fmt.Sprintf("%s takes a key, = and a value, not %q", setFlag, text), "write it like "+setFlag+" optimizer.sgd.lr=0.1")
		return false
	}
	l.next()
	l.skip(" \t")
	given, ok := r.parse(s, text[:l.at]+quotedWord(text[l.at:]))
	if !ok {
		return false
	}
	if parts[0].name == "include" {
		r.fault(start, setFlag+" cannot include files", "write include into the file")
		return false
	}
	var from string
	var value any = given.keys
	for _, p := range parts {
		from = join(from, p.name)
		value = value.(map[string]any)[p.name]
	}
	keys, to := whole.keys, ""
	for i := 0; i < len(parts)-1; i++ {
		name, at := parts[i].name, join(to, parts[i].name)
		if element, index, several := r.named(keys[name], parts[i+1].name); several && i == 0 {
			if element == nil {
				where := given.found[join(name, parts[1].name)].key
				remedy := fmt.Sprintf("none has a name; write name = \"mine\" in the [[%s]] that is meant, and set %s.mine", name, name)
				if names := elements(keys[name]); len(names) > 0 {
					remedy = proto.DidYouMean(parts[1].name, names)
				}
				r.fault(where, fmt.Sprintf("there is no %s %q", name, parts[1].name), remedy)
				return false
			}
			if i++; i == len(parts)-1 {
				example := map[string]string{optimizerRoot: ".lr=0.1", problemRoot: ".batch=32"}[name]
				r.fault(given.found[from].key, fmt.Sprintf("%s is a whole %s", from, name), "set one of its keys, such as "+from+example)
				return false
			}
			keys, to = element, fmt.Sprintf("%s[%d]", at, index)
			continue
		}
		inner, isTable := keys[name].(map[string]any)
		if v, there := keys[name]; there && !isTable {
			r.fault(given.found[at].key, fmt.Sprintf("%s is %s, which has no keys", at, describe(v)), fmt.Sprintf("set it whole: %s '%s=...'", setFlag, at))
			return false
		}
		if inner == nil {
			inner = map[string]any{}
			keys[name] = inner
			where := parts[i].at
			where.source = s
			whole.found[at] = location{where, where}
		}
		keys, to = inner, at
	}
	last := parts[len(parts)-1].name
	keys[last], to = value, join(to, last)
	for path := range whole.found {
		if below(path, to) {
			delete(whole.found, path)
		}
	}
	for path, l := range given.found {
		if below(path, from) {
			whole.found[to+strings.TrimPrefix(path, from)] = l
		}
	}
	return true
}

// below tells whether a path is the other or lies in it.
func below(path, other string) bool {
	rest, ok := strings.CutPrefix(path, other)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// bareWord is a value that can only be meant as a string.
var bareWord = regexp.MustCompile(`^[\pL_./~\\][^"'\[\]{}#=,\n]*$`)

// quotedWord is a value in quotation marks if it is a word without, as shells take them away.
func quotedWord(value string) string {
	var into map[string]any
	if _, err := toml.Decode("value = "+value, &into); err != nil && bareWord.MatchString(value) {
		return strconv.Quote(value)
	}
	return value
}

// tablesOf are the tables of an array of them; several is false if it is none.
func tablesOf(v any) (list []map[string]any, several bool) {
	switch v := v.(type) {
	case []map[string]any:
		return v, true
	case []any:
		for _, x := range v {
			if m, isTable := x.(map[string]any); isTable {
				list = append(list, m)
			}
		}
		return list, len(list) == len(v)
	}
	return nil, false
}

// elements are the names of the tables of an array.
func elements(v any) (names []string) {
	list, _ := tablesOf(v)
	for _, keys := range list {
		names = append(names, variant{keys: keys}.base())
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// named is the table of that name in an array of tables, and its place; nil if there is none.
func (r *sources) named(v any, name string) (keys map[string]any, index int, several bool) {
	list, several := tablesOf(v)
	for i, keys := range list {
		if (variant{keys: keys}).base() == name {
			return keys, i, several
		}
	}
	return nil, 0, several
}
