package picture

import (
	"testing"

	"github.com/steepest/steepest/host/internal/config"
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

// TestBaseOf: problems that differ in a key of a layer alone are one line against it.
func TestBaseOf(t *testing.T) {
	for name, choices := range map[string][]config.Choice{
		"layer1.units=4":         {{Key: "layer[0].units", Value: 4}},
		"batch=8 layer1.units=4": {{Key: "batch", Value: 8}, {Key: "layer[0].units", Value: 4}},
	} {
		if base := baseOf(&config.Workload{Name: name, Choices: choices}); base != "" {
			t.Errorf("the base of %q is %q", name, base)
		}
		if base := baseOf(&config.Workload{Name: "wide " + name, Choices: choices}); base != "wide" {
			t.Errorf("the base of %q is %q", "wide "+name, base)
		}
	}
}
