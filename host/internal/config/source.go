package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// source is a text that the keys of an experiment come from: its file, one that it includes, or a flag.
type source struct {
	file  string // as diagnostics name it
	dir   string // where the paths in it begin
	lines []string
	rank  int // in the order of reading
}

func newSource(file, text string, rank int) *source {
	return &source{file: file, dir: filepath.Dir(file), lines: strings.Split(text, "\n"), rank: rank}
}

// fileAt is the path of a file that the value at a path of the experiment names: relative ones begin at the folder of the file in which
// the value stands.
func (d *document) fileAt(path, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(d.of(d.at(path)).dir, name)
}

// has tells whether the file has a path.
func (d *document) has(path string) bool { _, ok := d.where(path); return ok }

// tree is parsed TOML and the places of its keys.
type tree struct {
	keys  map[string]any
	found map[string]location
}

// parse turns a text into a tree; ok is false if it is none, which is reported.
func (d *document) parse(s *source, text string) (t tree, ok bool) {
	fault := func(at position, message, remedy string) (tree, bool) {
		at.source = s
		d.fault(at, message, remedy)
		return tree{}, false
	}
	for _, check := range []func(string) (int, string, string){notText, exceeds} {
		if offset, message, remedy := check(text); message != "" {
			return fault(place(text, offset, 1), message, remedy)
		}
	}
	if _, err := toml.Decode(text, &t.keys); err != nil {
		at, message, remedy := position{line: 1, column: 1}, err.Error(), "see https://toml.io for the syntax"
		if syntax, ok := errors.AsType[toml.ParseError](err); ok {
			at, message = place(text, syntax.Position.Start, syntax.Position.Len), syntax.Message
			remedy = syntaxRemedy(text, syntax.Position.Start, message)
		}
		return fault(at, "not valid TOML: "+message, remedy)
	}
	var twice []string
	if t.found, twice = locate(text); len(twice) > 0 {
		return fault(t.found[twice[0]].key, fmt.Sprintf("not valid TOML: %s has already been defined", twice[0]), "remove one of the two")
	}
	for path, l := range t.found {
		l.key.source, l.value.source = s, s
		t.found[path] = l
	}
	return t, true
}

// sources reads the texts of an experiment.
type sources struct {
	*document
	read int // files so far
}

// How deep files may include others, and how many there may be.
const maxIncluded, maxFiles = 8, 100

// file is the tree of a file with those that it includes, which the stack of files includes. What a file says itself counts, and of two
// that it includes the later.
func (r *sources) file(s *source, text string, stack []*source) (whole tree, ok bool) {
	stack = append(slices.Clip(stack), s)
	own, ok := r.parse(s, strings.TrimPrefix(text, "\ufeff"))
	if !ok {
		return tree{}, false
	}
	names, paths, ok := r.included(own)
	delete(own.keys, "include")
	whole = tree{map[string]any{}, map[string]location{}}
	for i, name := range names {
		included, right := r.include(name, own.found[paths[i]].value, stack)
		if ok = ok && right; ok {
			whole.merge(included)
		}
	}
	if ok {
		whole.merge(own)
	}
	return whole, ok
}

// included are the names of the files that a tree includes, and the paths at which they stand.
func (r *sources) included(own tree) (names, paths []string, ok bool) {
	v, given := own.keys["include"]
	if !given {
		return nil, nil, true
	}
	const remedy = `write it like include = ["base.toml"]`
	if name, isString := v.(string); isString {
		return []string{name}, []string{"include"}, true
	}
	list, isList := v.([]any)
	if !isList {
		r.fault(own.found["include"].value, "include must be an array of files, not "+describe(v), remedy)
		return nil, nil, false
	}
	for i, element := range list {
		path := fmt.Sprintf("include[%d]", i)
		name, isString := element.(string)
		if !isString {
			r.fault(own.found[path].value, "include must hold the paths of files, not "+describe(element), remedy)
			return nil, nil, false
		}
		names, paths = append(names, name), append(paths, path)
	}
	return names, paths, true
}

// include reads a file that is named at a place of the last of the stack.
func (r *sources) include(name string, at position, stack []*source) (tree, bool) {
	file := name
	if !filepath.IsAbs(name) {
		file = filepath.Join(at.source.dir, name)
	}
	fault := func(message, remedy string) (tree, bool) {
		r.fault(at, message, remedy)
		return tree{}, false
	}
	for i, s := range stack {
		if absolute(s.file) == absolute(file) {
			var circle []string
			for _, s := range stack[i:] {
				circle = append(circle, s.file)
			}
			return fault("files include each other in a circle: "+strings.Join(append(circle, file), " -> "), "remove one of the includes")
		}
	}
	if r.read++; len(stack) > maxIncluded || r.read > maxFiles {
		return fault(fmt.Sprintf("files include each other more than %d deep, or more than %d of them", maxIncluded, maxFiles), "include fewer files")
	}
	text, err := read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return fault("there is no file "+file, fmt.Sprintf("correct the path; it is relative to the folder of the file that names it (%s)", at.source.dir))
	} else if err != nil {
		return fault(fmt.Sprintf("cannot read %s: %s", file, reason(err)), "name a TOML file with parts of an experiment")
	}
	return r.file(newSource(file, text, r.read), text, stack)
}

func absolute(file string) string {
	if path, err := filepath.Abs(file); err == nil {
		file = path
	}
	if path, err := filepath.EvalSymlinks(file); err == nil {
		file = path
	}
	return file
}

// merge puts what another tree says over what stands here. Tables with headers or dotted keys merge key by key; everything else, inline
// tables and arrays of tables included, replaces what was there.
func (t *tree) merge(over tree) {
	replaced := map[string]bool{}
	var merge func(own, other map[string]any, path string)
	merge = func(own, other map[string]any, path string) {
		for key, v := range other {
			at := join(path, key)
			inner, isTable := v.(map[string]any)
			if before, both := own[key].(map[string]any); both && isTable && !over.inline(at) {
				merge(before, inner, at)
				continue
			}
			own[key], replaced[at] = v, true
		}
	}
	merge(t.keys, over.keys, "")
	within := func(path string) bool {
		for ; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
			if replaced[path] {
				return true
			}
		}
		return false
	}
	for path := range t.found {
		if within(path) {
			delete(t.found, path)
		}
	}
	maps.Copy(t.found, over.found)
}

// inline tells whether the table at a path is written in braces.
func (t tree) inline(path string) bool {
	at := t.found[path].value
	if at.source == nil || at.line > len(at.source.lines) {
		return false
	}
	line := []rune(at.source.lines[at.line-1])
	return at.column <= len(line) && line[at.column-1] == '{'
}
