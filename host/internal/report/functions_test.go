package report

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
)

// TestFunctions: the list fits into its terminal.
func TestFunctions(t *testing.T) {
	for _, width := range []int{60, 80, 100} {
		for line := range strings.Lines(Functions(width)) {
			if n := text.StringWidth(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns: a line of %d: %s", width, n, line)
			}
		}
	}
}
