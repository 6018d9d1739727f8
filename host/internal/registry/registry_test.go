package registry

import (
	"slices"
	"testing"
)

type entry struct{ name, what string }

func (e *entry) String() string { return e.name }

func TestList(t *testing.T) {
	l := List[*entry]{{"b", "second letter"}, {"a", "first letter"}}
	if e, ok := l.Find("a"); !ok || e.what != "first letter" {
		t.Errorf("found %v, %v", e, ok)
	}
	if e, ok := l.Find("c"); ok || e != nil {
		t.Errorf("found %v, which is not there", e)
	}
	if names := l.Names(); !slices.Equal(names, []string{"b", "a"}) {
		t.Errorf("the names are %v; they have the order of the list", names)
	}
}
