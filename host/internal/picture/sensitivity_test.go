package picture

import (
	"testing"

	"github.com/steepest/steepest/host/internal/figure"
)

// TestToned: lines of one optimizer have its colour, in shades if there are several.
func TestToned(t *testing.T) {
	line := func(place int) figure.Response {
		return figure.Response{Series: figure.Series{Look: figure.Look{Place: place}}}
	}
	lines := []figure.Response{line(1), line(3), line(1)}
	toned(lines)
	pale := figure.Look{Place: 1}.Toned(0, 2)
	for i, want := range []figure.Look{pale, {Place: 3}, {Place: 1}} {
		if got := lines[i].Look; got != want {
			t.Errorf("line %d: %+v, want %+v", i, got, want)
		}
	}
}
