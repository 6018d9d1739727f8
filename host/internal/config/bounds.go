package config

import (
	"fmt"
	"strings"
)

// What an experiment file may have. The parser recurses into what is nested and keeps the path of every key, so a small file
// could take all memory.
const (
	maxFile   = 4 << 20 // bytes
	maxDepth  = 16      // tables and arrays inside each other
	maxKeys   = 50_000  // keys and tables
	maxValues = 250_000 // arrays, tables and what is in them
	maxLayers = 1000    // of a network
	maxRuns   = 100_000 // of an experiment
)

// scanner goes through a TOML document and counts, as far as the document is valid.
type scanner struct {
	src          string
	at           int
	keys, values int
	table        int   // depth of the table whose keys follow
	header       bool  // the line is a table's header
	dots         int   // of the key in hand
	open         []int // for every open bracket, the dots of the key that it is the value of
	around       int   // the sum of open
}

// exceeds returns the first place of a document that is beyond the bounds, and what is wrong there; nothing if all is well.
func exceeds(src string) (offset int, message, remedy string) {
	s := &scanner{src: src}
	for fresh := true; s.at < len(src); s.at++ { // fresh: nothing but blanks since the beginning of the line
		c := src[s.at]
		switch c {
		case '#':
			line, _, _ := strings.Cut(src[s.at:], "\n")
			s.at += len(line) - 1
		case '"', '\'':
			s.at += stringLength(src[s.at:]) - 1
		case '[', '{':
			if fresh && len(s.open) == 0 {
				s.header, s.table = true, 0
				s.keys++
			}
			s.values++
			s.open, s.around, s.dots = append(s.open, s.dots), s.around+s.dots, 0
		case ']', '}':
			if last := len(s.open) - 1; last >= 0 {
				if s.header {
					s.table = max(s.table, s.dots+1)
				}
				s.around -= s.open[last]
				s.open, s.dots = s.open[:last], 0
			}
		case '.':
			s.dots++
		case '=':
			s.keys++
		case ',':
			s.values++
			s.dots = 0
		case '\n':
			if len(s.open) == 0 {
				s.dots, s.header, fresh = 0, false, true
				continue
			}
		}
		fresh = fresh && (c == ' ' || c == '\t')
		switch depth := s.table + len(s.open) + s.around + s.dots; {
		case depth > maxDepth:
			return s.at, fmt.Sprintf("tables and arrays are nested more than %d deep", maxDepth),
				"no experiment needs that; remove what is nested"
		case s.keys > maxKeys:
			return s.at, fmt.Sprintf("the file has more than %d keys and tables", maxKeys), "divide it into several experiments"
		case s.values > maxValues:
			return s.at, fmt.Sprintf("the arrays and tables of the file have more than %d elements", maxValues),
				"put the numbers into a file of their own, which [problem] can name"
		}
	}
	return 0, "", ""
}

// stringLength is how long the string is, of any of the four kinds, that a text begins with.
func stringLength(text string) int {
	l := &locator{src: text}
	l.str()
	return l.at
}
