package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// position is a place in a text: line and column from 1, in characters, and the length of the text there.
type position struct {
	line, column, length int
	source               *source // nil for the experiment's own file
	choice               string  // see [document.choiceAt]
}

// location is where a key and its value stand.
type location struct{ key, value position }

// locate finds every key of a TOML document, by its path: "problem.hidden", "optimizer[1].lr", "problem.hidden[0]".
// BurntSushi/toml keeps positions to itself, so a wrong *value* could otherwise not be pointed at. The document must be
// valid TOML; of an invalid one the result is a guess.
func locate(src string) (found map[string]location, twice []string) {
	l := &locator{src: src, line: 1, column: 1, found: map[string]location{}, tables: map[string]int{}}
	prefix := ""
	for l.skip(" \t\r\n"); l.at < len(l.src); l.skip(" \t\r\n") {
		before := l.at
		switch {
		case strings.HasPrefix(l.rest(), "[["):
			prefix = l.header(2)
		case l.peek() == '[':
			prefix = l.header(1)
		default:
			l.pair(prefix)
		}
		if l.at == before {
			l.next() // invalid; go on
		}
	}
	return l.found, l.twice
}

type locator struct {
	src          string
	at           int
	line, column int
	found        map[string]location
	tables       map[string]int // how often [[path]] was seen
	twice        []string       // paths that a dotted key defines and then another one again
}

func (l *locator) rest() string { return l.src[l.at:] }

func (l *locator) peek() byte {
	if l.at < len(l.src) {
		return l.src[l.at]
	}
	return 0
}

func (l *locator) next() {
	if l.at >= len(l.src) {
		return
	}
	r, size := utf8.DecodeRuneInString(l.rest())
	l.at += size
	l.column++
	if r == '\n' {
		l.line, l.column = l.line+1, 1
	}
}

// skip passes over the given characters, and over comments if a newline is among them.
func (l *locator) skip(set string) {
	for l.at < len(l.src) {
		switch c := l.peek(); {
		case strings.IndexByte(set, c) >= 0:
			l.next()
		case c == '#' && strings.Contains(set, "\n"):
			for l.at < len(l.src) && l.peek() != '\n' {
				l.next()
			}
		default:
			return
		}
	}
}

func (l *locator) here() position { return position{line: l.line, column: l.column} }

// upTo returns the span from start to the present place, on one line.
func (l *locator) upTo(start position) position {
	if l.line == start.line {
		start.length = l.column - start.column
	}
	return start
}

// header reads [path] or [[path]] and returns the path of the keys that follow.
func (l *locator) header(brackets int) string {
	for range brackets {
		l.next()
	}
	start := l.here()
	parts := l.key()
	span := l.upTo(start)
	for range brackets {
		l.skip(" \t")
		if l.peek() == ']' {
			l.next()
		}
	}
	path := ""
	for i, part := range parts {
		path = join(path, part.name)
		if i == len(parts)-1 && brackets == 2 {
			l.record(path, location{span, span})
			path = fmt.Sprintf("%s[%d]", path, l.tables[path])
			l.tables[strings.TrimSuffix(path, path[strings.LastIndexByte(path, '['):])]++
		} else if n := l.tables[path]; n > 0 {
			path = fmt.Sprintf("%s[%d]", path, n-1) // the last element of an array of tables
		}
		l.record(path, location{span, span})
	}
	return path
}

// part is one of the names in a dotted key.
type part struct {
	name string
	at   position
}

// key reads a dotted key.
func (l *locator) key() []part {
	var parts []part
	for {
		l.skip(" \t")
		start, at := l.at, l.here()
		var name string
		switch c := l.peek(); c {
		case '"', '\'':
			l.str()
			name = unquote(l.src[start:l.at])
		default:
			for l.at < len(l.src) && !strings.ContainsRune(" \t\r\n.=]#", rune(l.peek())) {
				l.next()
			}
			name = l.src[start:l.at]
		}
		parts = append(parts, part{name, l.upTo(at)})
		end, line, column := l.at, l.line, l.column
		l.skip(" \t")
		if l.peek() != '.' {
			l.at, l.line, l.column = end, line, column
			return parts
		}
		l.next()
	}
}

// unquote is the name that a quoted key stands for.
func unquote(text string) string {
	var into map[string]string
	if _, err := toml.Decode("name = "+text, &into); err != nil {
		return strings.Trim(text, text[:1])
	}
	return into["name"]
}

// pair reads key = value.
func (l *locator) pair(prefix string) {
	parts := l.key()
	l.skip(" \t")
	if l.peek() == '=' {
		l.next()
	}
	l.skip(" \t")
	value := l.here()
	path := prefix
	for _, part := range parts { // a table that a dotted key makes stands where it is first named
		path = join(path, part.name)
		l.record(path, location{part.at, part.at})
	}
	if first := l.found[path]; first.key != parts[len(parts)-1].at {
		l.twice = append(l.twice, path) // which the parser overlooks if the first is a table
	}
	l.value(path)
	l.found[path] = location{parts[len(parts)-1].at, l.upTo(value)}
}

// value passes over a value and records the places of what is in it.
func (l *locator) value(path string) {
	switch l.peek() {
	case '"', '\'':
		l.str()
	case '[':
		l.next()
		for i := 0; ; i++ {
			l.skip(" \t\r\n,")
			if c := l.peek(); c == ']' || c == 0 {
				l.next()
				return
			}
			before, element := l.at, l.here()
			name := fmt.Sprintf("%s[%d]", path, i)
			l.value(name)
			element = l.upTo(element)
			l.record(name, location{element, element})
			if l.at == before {
				l.next()
			}
		}
	case '{':
		l.next()
		for {
			l.skip(" \t\r\n,")
			if c := l.peek(); c == '}' || c == 0 {
				l.next()
				return
			}
			before := l.at
			l.pair(path)
			if l.at == before {
				l.next()
			}
		}
	default:
		for l.at < len(l.src) && !strings.ContainsRune(",]}\r\n#", rune(l.peek())) {
			l.next()
		}
		for l.at > 0 && (l.src[l.at-1] == ' ' || l.src[l.at-1] == '\t') {
			l.at--
			l.column--
		}
	}
}

// str passes over a string of any of the four kinds.
func (l *locator) str() {
	quote := l.peek()
	if triple := strings.Repeat(string(quote), 3); strings.HasPrefix(l.rest(), triple) {
		for range 3 {
			l.next()
		}
		for l.at < len(l.src) && !strings.HasPrefix(l.rest(), triple) {
			if l.peek() == '\\' && quote == '"' {
				l.next()
			}
			l.next()
		}
		for l.peek() == quote { // up to two quotes may stand before the closing three
			l.next()
		}
		return
	}
	l.next()
	for l.at < len(l.src) && l.peek() != quote && l.peek() != '\n' {
		if l.peek() == '\\' && quote == '"' {
			l.next()
		}
		l.next()
	}
	if l.peek() == quote {
		l.next()
	}
}

// record keeps the first place of a path.
func (l *locator) record(path string, where location) {
	if _, ok := l.found[path]; !ok {
		l.found[path] = where
	}
}

// join is the path of a key in the table at a path. A key that is not bare is quoted, so that "a.b" is not b in a.
func join(path, key string) string {
	if strings.ContainsFunc(key, func(r rune) bool { return strings.ContainsRune(`.[]"`, r) }) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
