package report

import (
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/table"
)

// TestStack: no line is wider than the terminal, no cell is lost, and every table begins with the first column.
func TestStack(t *testing.T) {
	rows := []table.Row{{"optimizer", "runs", "train loss", "accuracy", "time"}, {"sgd", 5, "0.0408 [0.0399, 0.0424]", "97.4%", "14 us"}}
	for columns, tables := range map[int]int{0: 1, 80: 1, 58: 2, 40: 3, 10: 4} {
		got := stack(rows, columns)
		if n := strings.Count(got, "sgd"); n != tables {
			t.Errorf("%d columns: %d tables, want %d\n%s", columns, n, tables, got)
		}
		for line := range strings.Lines(got) {
			if width := len([]rune(strings.TrimRight(line, "\n"))); columns >= 40 && width > columns {
				t.Errorf("%d columns: a line has %d\n%s", columns, width, got)
			}
		}
		for _, cell := range []string{"runs", "5", "[0.0399, 0.0424]", "97.4%", "14 us"} {
			if strings.Count(got, cell) == 0 {
				t.Errorf("%d columns: %s is lost\n%s", columns, cell, got)
			}
		}
	}
}
