package report

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/figure"
)

var update = flag.Bool("update", false, "write what is drawn into testdata")

// known are a line that falls by a decade every ten steps, one that stays, and one that diverges at step 20.
func known() figure.Curves {
	c := figure.Curves{X: figure.Axis{Label: "step"}, Y: figure.Axis{Label: "train loss"}}
	for _, name := range []string{"falls", "stays", "di\x1bverges 幅幅幅幅 with a long name"} {
		l := figure.Curve{Series: figure.Series{Name: name}, Runs: 3}
		for step := 0.0; step <= 40; step++ {
			y := map[string]float64{"falls": math.Pow(10, -step/10), "stays": 0.1}[name]
			if y == 0 {
				if y = 0.5 * math.Exp(step); step > 20 {
					y = math.Inf(1)
				}
			}
			l.X, l.Median = append(l.X, step), append(l.Median, y)
		}
		c.Lines = append(c.Lines, l)
	}
	return c
}

func TestChart(t *testing.T) {
	for name, braille := range map[string]bool{"ascii": false, "braille": true} {
		got := Chart(known(), 70, braille) + "\n"
		path := filepath.Join("testdata", "chart-"+name+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s\n%v", name, got, want, err)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return r > 0x7e && r != '幅' }); i >= 0 && !braille {
			t.Errorf("not plain: %q", got[i:])
		}
	}
}

// TestChartFits: whatever the terminal's width, no line is wider, and the chart is of 13 lines at most.
func TestChartFits(t *testing.T) {
	c := known()
	for i := range 50 {
		l := c.Lines[0]
		l.Name = fmt.Sprint("variant ", i)
		c.Lines = append(c.Lines, l)
	}
	drawn := 0
	for columns := range 150 {
		for _, braille := range []bool{false, true} {
			chart := Chart(c, columns, braille)
			if chart != "" {
				drawn++
			}
			lines := strings.Split(chart, "\n")
			for _, line := range lines {
				if w := text.StringWidthWithoutEscSequences(line); w > columns {
					t.Fatalf("%d columns: %d in %q", columns, w, line)
				}
			}
			if len(lines) > 14 {
				t.Errorf("%d columns: %d lines", columns, len(lines))
			}
		}
	}
	if drawn < 200 {
		t.Errorf("only %d widths have a chart", drawn)
	}
	if chart := Chart(c, 100, false); !strings.Contains(chart, "The best 8 of 53 are drawn. In all, 1 diverged.") {
		t.Error(chart)
	}
}

func TestChartOfWhatCannotBeDrawn(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, values := range [][]float64{nil, {1}, {nan, nan}, {inf, inf}, {nan, inf}} {
		l := figure.Curve{Median: values}
		for i := range values {
			l.X = append(l.X, float64(i))
		}
		if got := Chart(figure.Curves{Lines: []figure.Curve{l}}, 80, true); got != "" {
			t.Errorf("%v: %s", values, got)
		}
	}
	for _, values := range [][]float64{{-1, 0, 1e300}, {1, nan, 0.5}, {inf, 2, 1}, {0, 1e308, 1.7e308}, {5e-324, 1}, {-1.7e308, 1.7e308}} {
		l := figure.Curve{Median: values}
		for i := range values {
			l.X = append(l.X, float64(i))
		}
		Chart(figure.Curves{Lines: []figure.Curve{l}}, 80, true) // does not fail
		Chart(figure.Curves{Lines: []figure.Curve{l}}, 80, false)
	}
}
