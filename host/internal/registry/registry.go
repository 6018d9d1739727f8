// Package registry keeps what an experiment can name: an entry for each kind, in the order of the manual.
package registry

import (
	"fmt"
	"slices"
	"strings"
)

// List has entries whose strings are their names.
type List[T fmt.Stringer] []T

// Find returns the entry of that name; ok tells whether there is one.
func (l List[T]) Find(name string) (entry T, ok bool) {
	if at := slices.IndexFunc(l, func(e T) bool { return e.String() == name }); at >= 0 {
		return l[at], true
	}
	return entry, false
}

// Names are those of all entries.
func (l List[T]) Names() []string {
	var names []string
	for _, e := range l {
		names = append(names, e.String())
	}
	return names
}

// Sentence lists names in a sentence: a, b or c.
func Sentence(names []string, conjunction string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}
