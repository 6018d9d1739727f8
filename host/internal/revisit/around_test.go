package revisit

import (
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/landscape"
)

// TestSlicing: what cannot be sliced is refused with what would be right, and what was not said is filled in.
func TestSlicing(t *testing.T) {
	for _, c := range []struct {
		asked  Slicing
		others int
		want   string
	}{
		{Slicing{Along: "eigenvector"}, 0, "eigenvectors"},
		{Slicing{Along: landscape.AlongRandom}, 1, "is of one run; name one, or write --along runs"},
		{Slicing{Along: landscape.AlongRuns}, 0, "the line between two runs, or the plane of three"},
		{Slicing{Along: landscape.AlongRuns}, 3, "the line between two runs, or the plane of three"},
		{Slicing{Along: landscape.AlongRuns, Dimensions: 1}, 2, "--dimensions 1 is not that of a slice between 3 runs"},
		{Slicing{Along: landscape.AlongRandom, Dimensions: 3}, 0, "--dimensions 3 is out of range"},
		{Slicing{Along: landscape.AlongRandom, Grid: landscape.Grid{Points: 2}}, 0, "--points 2 is out of range"},
	} {
		if err := c.asked.Check(c.others); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v with %d others: %v, want %q", c.asked, c.others, err, c.want)
		}
	}
	for along, want := range map[string][3]int{landscape.AlongRandom: {0, 1, 41}, landscape.AlongTrajectory: {0, 2, 31}, landscape.AlongRuns: {2, 2, 31}} {
		s := Slicing{Along: along}
		if err := s.Check(want[0]); err != nil || s.Dimensions != want[1] || s.Points != want[2] {
			t.Errorf("%s: %+v, %v", along, s, err)
		}
	}
}
