package picture

import (
	"testing"

	"github.com/steepest/steepest/host/internal/config"
)

// TestLooks: no two variants have one colour, and none changes its colour as further ones are met.
func TestLooks(t *testing.T) {
	var looks Looks
	variant := func(base, name string) *config.Optimizer { return &config.Optimizer{Base: base, Name: name} }
	known := []*config.Optimizer{variant("sgd", "sgd lr=1"), variant("sgd", "sgd lr=2"), variant("sgd", "sgd lr=3"), variant("", "adam")}
	looks.Meet(known...)
	want := []int{7 * 8, 4 * 8, 0, 1}
	for again := range 2 {
		for i, o := range known {
			if n := looks.Of(o).Number(); n != want[i] {
				t.Errorf("%s has the colour %d; want %d (%d)", o.Name, n, want[i], again)
			}
		}
		looks.Meet(variant("", "momentum"), variant("sgd", "sgd lr=4"))
	}
}
