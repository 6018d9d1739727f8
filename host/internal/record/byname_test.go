package record

import (
	"maps"
	"slices"
	"testing"
)

// TestByName: it has what the map has that it was made from, in the order of the names, and what is not in it is zero.
func TestByName(t *testing.T) {
	of := map[string]int{"b": 2, "": 0, "c": 3, "a": 1}
	b := Named(of)
	if got := maps.Collect(b.All()); !maps.Equal(got, of) {
		t.Errorf("got %v, want %v", got, of)
	}
	for name, x := range of {
		if b.Of(name) != x {
			t.Errorf("%q is %d, not %d", name, b.Of(name), x)
		}
	}
	if names := b.Names(); !slices.Equal(names, []string{"", "a", "b", "c"}) || b.Of("ab") != 0 || ByName[int](nil).Of("a") != 0 {
		t.Errorf("%q, %d", names, b.Of("ab"))
	}
	for name := range b.All() {
		if name == "a" {
			break
		}
	}
	if Named[int](nil) != nil || Named(map[string]int{}) == nil {
		t.Error("what is not known and what is empty are not told apart")
	}
}
