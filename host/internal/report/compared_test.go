package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/compare"
)

// compared is a comparison with every part, and names that each format must escape.
func compared() *compare.Comparison {
	inf := compare.Number(math.Inf(1))
	estimate := func(x compare.Number) compare.Estimate {
		return compare.Estimate{N: 5, Value: x, Low: x / 3, High: x * 7 / 3, Coverage: 0.9375}
	}
	entry := func(name string, x compare.Number) *compare.Entry {
		return &compare.Entry{Name: name, Base: name, Variants: 1, Runs: 5, Seeds: 5, Finished: 4, Diverged: 1,
			Value: &compare.Summary{Median: estimate(x), LowerQuartile: x / 2, UpperQuartile: inf, Best: x / 3, AtBest: x, AtWorst: x},
			ToTarget: []compare.ToTarget{{Measure: "steps_to_target", Median: compare.Estimate{N: 5, Value: 15, Low: 12, High: inf, Coverage: 0.9375}, Reached: 4,
				Censored: 1, Words: "15 [12, never]"}},
			Time: []compare.StepPart{{Part: "gradient", Median: estimate(1e-6)}, {Part: "optimizer", Median: estimate(2e-7)}, {Part: "transport", Median: estimate(3e-6)}}}
	}
	effect, hides := estimate(0.01234567), compare.Number(0.0288)
	return &compare.Comparison{Confidence: 0.95, By: "variant", Warnings: []compare.Warning{{Concern: "too_few_seeds", Problem: "p_1", Text: "few | 5 %"}},
		Problems: []*compare.Problem{{Name: "p_1 & <b>", Measure: "train_loss", Target: "train_loss <= 0.1", Rows: []*compare.Entry{entry("a|b_$#", 0.123456789), entry("sgd", 2)},
			Pairs: []compare.Pair{{Row: "sgd", Against: "a|b_$#", Measure: "train_loss", N: 5, P: 0.0625, Holm: 0.0625, Effect: &effect, Wins: estimate(0.25),
				Hides: &hides, Words: "indistinguishable; a difference of 0.0288 could still hide"}},
			Sensitivity: []compare.Response{{Optimizer: "sgd", Key: "lr", Values: []compare.Number{1, 2, 3}, Best: 2, Median: 0.5, Start: 1, Low: 1, High: 2, Width: 0.30103, AtLow: true}},
			Tuning:      []compare.Tuning{{Optimizer: "sgd", Trials: 3, Expected: []compare.Number{3, 2, 1}, Median: []compare.Number{2.5, 1.5, 1}}}}},
		Across: &compare.Across{Problems: []string{"p", "q"}, Optimizers: []string{"sgd", "adam"},
			Profiles: []compare.Profile{{Optimizer: "sgd", Score: 0.87654321, Staircase: compare.Staircase{X: []compare.Number{1, 1.7}, Y: []compare.Number{0.5, 1}}}},
			Reached:  []compare.Reached{{Optimizer: "sgd", Measure: "steps_to_target", Runs: 8, Staircase: compare.Staircase{X: []compare.Number{4, 9}, Y: []compare.Number{0.5, 0.75}}}},
			Ranks:    &compare.Ranks{N: 2, Mean: []compare.Number{1.5, 1.5}, ChiSquared: 0.4, P: 0.6, F: 1, PF: 0.5, CriticalDifference: 1.386}}}
}

// TestFormatsHaveTheSameNumbers: what one format says, all do, each as exactly as it shows numbers.
func TestFormatsHaveTheSameNumbers(t *testing.T) {
	c := compared()
	written := map[string]string{}
	for _, f := range ComparisonFormats {
		var b bytes.Buffer
		if err := f.Write(&b, c, 0); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		written[f.Name] = b.String()
	}
	records, err := csv.NewReader(strings.NewReader(written["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	exact := map[string]bool{}
	for _, r := range records {
		exact[strings.Join([]string{r[0], r[1], r[2], r[5], r[6]}, "\x00")] = true
	}
	var tree any
	if err := json.Unmarshal([]byte(written["json"]), &tree); err != nil {
		t.Fatal(err)
	}
	inJSON := numbersOf(tree, map[float64]bool{})
	count := 0
	for _, table := range c.Tables() {
		for _, cells := range table.Rows {
			for _, cell := range cells {
				for _, n := range cell.Numbers {
					count++
					x := float64(n.X)
					if !exact[strings.Join([]string{table.Name, table.Problem, cells[0].Text, n.Name, strconv.FormatFloat(x, 'g', -1, 64)}, "\x00")] {
						t.Errorf("%s of %s, %s: %v is not in the CSV", n.Name, table.Name, cells[0].Text, x)
					}
					if derived := table.Name == "profiles" || n.Name == "reached_25" || n.Name == "reached_75"; !derived && !inJSON[x] && !inJSON[x/100] {
						t.Errorf("%s of %s, %s: %v is not in the JSON", n.Name, table.Name, cells[0].Text, x)
					}
					for _, format := range []string{"table", "markdown", "latex"} {
						shown := compare.Shown(n.X)
						if shown == "inf" && !strings.Contains(written[format], "inf") || shown != "inf" && !strings.Contains(line(written[format], cells[0].Text, shown, format), shown) {
							t.Errorf("%s of %s, %s: %s is not in the %s", n.Name, table.Name, cells[0].Text, shown, format)
						}
					}
				}
			}
		}
	}
	if count < 60 {
		t.Errorf("only %d numbers were looked at", count)
	}
	for format, want := range map[string]string{"markdown": `a\|b\_$#`, "latex": `a|b\_\$\#`, "table": "a|b_$#", "csv": "a|b_$#"} {
		if !strings.Contains(written[format], want) {
			t.Errorf("the %s has no %s", format, want)
		}
	}
	if strings.Contains(written["markdown"], "<b>") {
		t.Error("the Markdown has HTML of a name")
	}
}

// line is one of a text that begins with a name, as a format writes it, and has a number.
func line(text, name, number, format string) string {
	switch format {
	case "markdown":
		name = "| " + markdownEscapes.Replace(name) + " |"
	case "latex":
		name = latexEscapes.Replace(name) + " &"
	default:
		name = " " + name + " "
	}
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, name) && strings.Contains(l, number) {
			return l
		}
	}
	return ""
}

func numbersOf(v any, to map[float64]bool) map[float64]bool {
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			numbersOf(x, to)
		}
	case []any:
		to[float64(len(v))] = true // how many there are
		for _, x := range v {
			numbersOf(x, to)
		}
	case float64:
		to[v] = true
	case string:
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			to[x] = true
		}
	}
	return to
}
