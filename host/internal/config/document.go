package config

import (
	"strings"
)

// document is a parsed file with the places of its keys and what was found wrong so far. That of a variant has its own view of the
// places: what stands in it at one path was taken from another.
type document struct {
	*source // of the experiment's own file
	found   map[string]location
	moves   map[string][]move // by the first part of the path; the longest paths first
	*findings
}

// findings are what is known to be wrong with a file, whichever of its variants it was found in.
type findings struct {
	errors   Errors
	warnings Errors // what can be run but is hardly meant

	sets map[string]setKind // of the file that were read, by their paths
}

// move says that what stands at a path of a variant was taken from another place of the file.
type move struct{ to, from string }

// where is the place of a path; ok tells whether the file has it.
func (d *document) where(path string) (l location, ok bool) {
	l, ok = d.found[d.origin(path)]
	return l, ok
}

// origin is the path in the file of a path in a variant.
func (d *document) origin(path string) string {
	first, _, _ := strings.Cut(path, ".")
	for _, m := range d.moves[first] {
		if rest, below := strings.CutPrefix(path, m.to); below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return m.from + rest
		}
	}
	return path
}

// fault reports something wrong at a place.
func (d *document) fault(at position, message, remedy string) {
	d.errors = append(d.errors, d.diagnostic(at, message, remedy))
}

// of is the text that a place is in.
func (d *document) of(at position) *source {
	if at.source != nil {
		return at.source
	}
	return d.source
}

func (d *document) diagnostic(at position, message, remedy string) Diagnostic {
	s := d.of(at)
	r := Diagnostic{File: s.file, rank: s.rank, Line: max(at.line, 1), Column: max(at.column, 1), Length: at.length, Message: message,
		Remedy: remedy, choice: at.choice}
	if r.Line <= len(s.lines) && len(d.errors) < mostExcerpts {
		r.Source, r.skipped = excerpt(strings.TrimRight(s.lines[r.Line-1], "\r"), r.Column)
	}
	return r
}

// at returns the place of a path's value, or of the nearest table around it.
func (d *document) at(path string) position {
	whole := path
	for ; path != ""; path = path[:max(strings.LastIndexAny(path, ".["), 0)] {
		if where, ok := d.where(path); ok {
			where.value.choice = d.choiceAt(whole)
			return where.value
		}
	}
	return position{line: 1, column: 1}
}

// setAt is the set that the value at a path was chosen from, and the rest of the path from that value on, with its place in the set in
// front if it is written there, as in [2].units; ok is false if it stands for itself.
func (d *document) setAt(path string) (set, rest string, ok bool) {
	if len(d.sets) == 0 {
		return "", "", false
	}
	whole := d.origin(path)
	for set = whole; set != ""; set = set[:max(strings.LastIndexAny(set, ".["), 0)] {
		if kind, is := d.sets[set]; is {
			return set, strings.TrimPrefix(whole[len(set):], "."+kind.name), true
		}
	}
	return "", "", false
}

// choiceAt is what all the values of a set have in common that the value at a path was chosen from; "" if it was not.
func (d *document) choiceAt(path string) string {
	set, rest, ok := d.setAt(path)
	if !ok {
		return ""
	}
	_, within, _ := strings.Cut(rest, "]")
	return set + " " + header(within)
}

// computed is the sort of set that computed the value at a path; "" if it is written in the file.
func (d *document) computed(path string) string {
	if set, rest, ok := d.setAt(path); ok && rest == "" {
		return d.sets[set].name
	}
	return ""
}
