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

func TestSentence(t *testing.T) {
	for want, names := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := Sentence(names, "or"); got != want {
			t.Errorf("%q: %s", names, got)
		}
	}
}
