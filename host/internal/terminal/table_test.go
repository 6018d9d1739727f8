package terminal

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
)

// TestTable: a table fits into its terminal by wrapping between words, and is whole without one.
func TestTable(t *testing.T) {
	const path = "/a/path/that/is/long/but/has/to/be/kept/whole/steepest-optimizer-sgd"
	build := func() *Table {
		w := NewTable("NAME", "WHAT", "FILE")
		w.AppendRow([]any{"sgd", "a step along the negative gradient, and more words than fit into one line", path})
		return w
	}
	for _, width := range []int{0, 200, 120, 100, 40} {
		out := build().Fit(width)
		if !strings.Contains(out, path) {
			t.Errorf("%d columns: the path is broken:\n%s", width, out)
		}
		for line := range strings.Lines(out) {
			if n := text.StringWidth(strings.TrimRight(line, "\n")); n > max(width, len(path)+2*columnGap+len("NAME")+len("gradient,")) && width > 0 {
				t.Errorf("%d columns: a line of %d:\n%s", width, n, out)
			}
		}
		if lines := strings.Count(out, "\n"); (lines == 1) != (width == 0 || width == 200) {
			t.Errorf("%d columns: %d lines:\n%s", width, lines+1, out)
		}
	}
	if got := Hanging("one two three", 4, 11); got != "one two\n    three" {
		t.Errorf("%q", got)
	}
}
