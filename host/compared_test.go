package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// comparedExperiment has whatever a comparison can say something of: several seeds and problems, a target that some runs miss, a row that diverges,
// and a sweep.
const comparedExperiment = `
budget   = { steps = 60 }
seeds    = { count = 6 }
target   = { train_loss = 0.35 }

[[problem]]
name           = "bowl_1 & <more>"
kind           = "sphere"
dimension      = 3
gradient_noise = 0.3

[[problem]]
name       = "tumours"
kind       = "mlp"
dataset    = "breast-cancer"
hidden     = [4]
batch      = 32
validation = 0.2

[[optimizer]]
name   = "a|b_$#%"
plugin = "sgd"
lr     = 5e-3

[[optimizer]]
name   = "wild"
plugin = "sgd"
lr     = 1e7

[[optimizer]]
plugin = "momentum"
lr     = 1e-2

[[optimizer]]
plugin = "adam"
lr     = { grid = [1e-3, 0.01, 0.1] }
`

// TestFormsHaveTheSameNumbers: what is in one of table, JSON, CSV, Markdown, LaTeX and page is in all: in JSON and CSV exactly, in the others rounded
// to four digits.
func TestFormsHaveTheSameNumbers(t *testing.T) {
	t.Parallel()
	known(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(comparedExperiment), 0o644); err != nil {
		t.Fatal(err)
	}
	says := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := within(dir).steepest(args, &stdout, &stderr); code != exitOK {
			t.Fatalf("%q: exit code %d\n%s", args, code, &stderr)
		}
		return stdout.String()
	}
	says("run", "--quiet", "--report", "--out", "r", "x.toml")
	for _, c := range []struct {
		o    compare.Options
		args []string
	}{
		{},
		{compare.Options{By: compare.ByOptimizer, AllPairs: true}, []string{"--by", "optimizer", "--all-pairs"}},
		{compare.Options{Measure: "training_seconds", Baseline: "momentum"}, []string{"--measure", "training_seconds", "--baseline", "momentum"}},
		{compare.Options{Measure: "train_loss best"}, []string{"--measure", "train_loss best"}},
	} {
		want := comparedTables(t, filepath.Join(dir, "r"), c.o)
		numbersInTexts(t, want)
		forms := map[string][]compare.Table{}
		for _, format := range []string{"table", "markdown", "latex", "json", "csv"} {
			text := says(append([]string{"compare", "r", "--format", format}, c.args...)...)
			switch format {
			case "json":
				var decoded compare.Comparison
				if err := json.Unmarshal([]byte(text), &decoded); err != nil {
					t.Fatal(err)
				}
				sameTables(t, "JSON", decoded.Tables(), want, true)
			case "csv":
				sameLines(t, text, want)
			default:
				forms[format] = map[string]func(string) []compare.Table{"table": readTable, "markdown": readMarkdown, "latex": readLaTeX}[format](text)
			}
		}
		if c.args == nil {
			text, err := os.ReadFile(filepath.Join(dir, "r", "report.html"))
			if err != nil {
				t.Fatal(err)
			}
			forms["page"] = readPage(t, string(text))
		}
		for name, tables := range forms {
			sameTables(t, name, tables, want, false)
		}
	}
}

func comparedTables(t *testing.T, dir string, o compare.Options) []compare.Table {
	t.Helper()
	results, err := store.OpenResults(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	o.Schema = append(record.Standard(), diagnose.Quantities(diagnose.Every())...)
	c, faults, err := compare.Read(context.Background(), []*store.Results{results}, o)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return c.Tables()
}

// shownNumber is a number in a text, with its unit if it has one, or what stands for one.
var shownNumber = regexp.MustCompile(`(not reached|never|-?inf|NaN|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)(?: (ns|us|ms|s|min|h|d)\b)?`)

// numbersInTexts finds in each text the numbers that it stands for, as exactly as four digits are, and no others.
func numbersInTexts(t *testing.T, tables []compare.Table) {
	t.Helper()
	sizes := map[string]float64{"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "d": 86400}
	count, kinds, infinite, timed := 0, map[string]bool{}, 0, 0
	for _, table := range tables {
		kinds[table.Name] = true
		for _, row := range table.Rows {
			for i, cell := range row {
				if len(cell.Numbers) == 0 {
					continue
				}
				var got []float64
				size := 1.0
				for _, m := range shownNumber.FindAllStringSubmatch(cell.Text, -1) {
					x, err := strconv.ParseFloat(m[1], 64)
					if err != nil {
						x, infinite = math.Inf(1), infinite+1 // in words
					}
					if m[2] != "" {
						size, timed = sizes[m[2]], timed+1
					}
					got = append(got, x*size)
				}
				if verdict := table.Columns[i] == "verdict"; len(got) != len(cell.Numbers) && !verdict {
					t.Errorf("%s of %s, %s: %q has not %d numbers", table.Columns[i], table.Name, row[0].Text, cell.Text, len(cell.Numbers))
				}
				for _, n := range cell.Numbers {
					count++
					x := float64(n.X)
					if !slices.ContainsFunc(got, func(y float64) bool {
						return x == y || math.IsNaN(x) && math.IsNaN(y) || math.Abs(x-y) <= 5.01e-4*math.Abs(y)
					}) {
						t.Errorf("%s of %s, %s: %v is not in %q", n.Name, table.Name, row[0].Text, x, cell.Text)
					}
				}
			}
		}
	}
	if want := 8; len(kinds) < want || count < 200 || infinite == 0 || timed == 0 {
		t.Errorf("only %d numbers, %d of them in words and %d with units, of the tables %v", count, infinite, timed, kinds)
	}
}

// sameTables compares what was read from a form with what there is to be read.
func sameTables(t *testing.T, form string, got, want []compare.Table, numbers bool) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d tables of %d", form, len(got), len(want))
		return
	}
	for i, w := range want {
		if got[i].Heading() != w.Heading() || !slices.Equal(got[i].Columns[1:], w.Columns[1:]) || len(got[i].Rows) != len(w.Rows) {
			t.Errorf("%s: %q, %q with %d rows; want %q, %q with %d", form, got[i].Heading(), got[i].Columns, len(got[i].Rows), w.Heading(), w.Columns, len(w.Rows))
			continue
		}
		for j, row := range w.Rows {
			for k, cell := range row {
				if k >= len(got[i].Rows[j]) || got[i].Rows[j][k].Text != cell.Text {
					t.Errorf("%s: %s: %v, and not %q", form, w.Heading(), got[i].Rows[j], cell.Text)
					break
				}
				if numbers && fmt.Sprint(got[i].Rows[j][k].Numbers) != fmt.Sprint(cell.Numbers) {
					t.Errorf("%s: %s: %v, and not %v", form, w.Heading(), got[i].Rows[j][k].Numbers, cell.Numbers)
				}
			}
		}
	}
}

// sameLines finds a line of the CSV for each number, exact, and no more lines than these.
func sameLines(t *testing.T, text string, want []compare.Table) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]int{}
	for _, r := range records[1:] {
		if r[0] == "warnings" || r[5] == "verdict" {
			continue
		}
		x, err := strconv.ParseFloat(r[6], 64)
		if err != nil {
			t.Error(err)
		}
		lines[fmt.Sprint(r[0], "\x00", r[1], "\x00", r[2], "\x00", r[3], "\x00", r[5], "\x00", math.Float64bits(x))]++
	}
	for _, table := range want {
		against := slices.Index(table.Columns, "against")
		for _, row := range table.Rows {
			other := ""
			if against >= 0 {
				other = row[against].Text
			}
			for _, cell := range row {
				for _, n := range cell.Numbers {
					key := fmt.Sprint(table.Name, "\x00", table.Problem, "\x00", row[0].Text, "\x00", other, "\x00", n.Name, "\x00", math.Float64bits(float64(n.X)))
					if lines[key]--; lines[key] < 0 {
						t.Errorf("CSV: %s of %s, %s: %v is not there", n.Name, table.Name, row[0].Text, n.X)
					}
				}
			}
		}
	}
	for key, n := range lines {
		if n > 0 {
			t.Errorf("CSV: %d more lines of %q", n, key)
		}
	}
}

// readAs makes a table of what was read from a form.
func readAs(heading string, grid [][]string) compare.Table {
	t := compare.Table{Title: heading, Columns: grid[0]}
	for _, texts := range grid[1:] {
		var row []compare.Cell
		for _, text := range texts {
			row = append(row, compare.Cell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// readTable reads the tables for terminals: a heading, a header, a rule and rows, in which two blanks or more are between cells.
func readTable(text string) (tables []compare.Table) {
	between := regexp.MustCompile(` {2,}`)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if !strings.HasPrefix(line, "──") {
			continue
		}
		grid := [][]string{append([]string{""}, between.Split(strings.TrimSpace(lines[i-1]), -1)...)}
		for _, row := range lines[i+1:] {
			if row == "" {
				break
			}
			grid = append(grid, between.Split(strings.TrimSpace(row), -1))
		}
		tables = append(tables, readAs(lines[i-3], grid))
	}
	return tables
}

func readMarkdown(text string) (tables []compare.Table) {
	escaped := regexp.MustCompile("\\\\([|*_`\\[\\]])")
	plain := func(s string) string { return html.UnescapeString(escaped.ReplaceAllString(s, "$1")) }
	heading, grid := "", [][]string(nil)
	for line := range strings.Lines(text + "\n") {
		line = strings.TrimSuffix(line, "\n")
		switch title, is := strings.CutPrefix(line, "### "); {
		case is:
			heading = plain(title)
		case strings.HasPrefix(line, "| --- "):
		case strings.HasPrefix(line, "| "):
			cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | ")
			for i := range cells {
				cells[i] = plain(cells[i])
			}
			grid = append(grid, cells)
		case grid != nil:
			tables, grid = append(tables, readAs(heading, grid)), nil
		}
	}
	return tables
}

func readLaTeX(text string) (tables []compare.Table) {
	plain := strings.NewReplacer(`\textbackslash{}`, `\`, `\textasciicircum{}`, "^", `\textasciitilde{}`, "~", `\textless{}`, "<", `\textgreater{}`, ">", "{[}", "[", "{]}", "]",
		`\{`, "{", `\}`, "}", `\$`, "$", `\&`, "&", `\#`, "#", `\_`, "_", `\%`, "%")
	for part := range strings.SplitSeq(text, `\begin{table}`) {
		_, caption, is := strings.Cut(part, `\caption{`)
		if !is {
			continue
		}
		var grid [][]string
		for line := range strings.Lines(part) {
			if row, is := strings.CutSuffix(line, " \\\\\n"); is {
				cells := strings.Split(row, " & ")
				for i := range cells {
					cells[i] = plain.Replace(cells[i])
				}
				grid = append(grid, cells)
			}
		}
		heading, _, _ := strings.Cut(caption, ". ")
		tables = append(tables, readAs(plain.Replace(heading), grid))
	}
	return tables
}

// readPage reads the tables of a page's comparison.
func readPage(t *testing.T, text string) (tables []compare.Table) {
	t.Helper()
	tree, err := nethtml.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	words := func(n *nethtml.Node) string {
		var b strings.Builder
		for d := range n.Descendants() {
			if d.Type == nethtml.TextNode {
				b.WriteString(d.Data)
			}
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	for n := range tree.Descendants() {
		comparison := false
		for up := range n.Ancestors() {
			comparison = comparison || slices.Contains(up.Attr, nethtml.Attribute{Key: "id", Val: "comparison"})
		}
		if n.Data != "table" || !comparison {
			continue
		}
		heading, grid := "", [][]string(nil)
		for d := range n.Descendants() {
			switch d.Data {
			case "caption":
				heading = words(d)
			case "tr":
				grid = append(grid, nil)
			case "th", "td":
				grid[len(grid)-1] = append(grid[len(grid)-1], words(d))
			}
		}
		tables = append(tables, readAs(heading, grid))
	}
	return tables
}
