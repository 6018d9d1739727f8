package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/terminal"
)

// ComparisonFormat is a way to draw a comparison.
type ComparisonFormat struct {
	Name, Help string
	Write      func(w io.Writer, c *compare.Comparison, columns int) error
}

func (f ComparisonFormat) String() string { return f.Name }

// ComparisonFormats are those that there are.
var ComparisonFormats = registry.List[ComparisonFormat]{
	{"table", "tables for people", writeTables},
	{"json", "every number, in one object", writeJSON},
	{"csv", "a line for each number of the tables, as exact as it is known", writeCSV},
	{"markdown", "tables for GitHub and the like", writeMarkdown},
	{"latex", "tables for papers, with booktabs", writeLaTeX},
}

func writeTables(w io.Writer, c *compare.Comparison, columns int) error {
	var b strings.Builder
	for _, t := range c.Tables() {
		rows := make([]table.Row, 1, len(t.Rows)+1)
		for _, name := range t.Columns {
			rows[0] = append(rows[0], name)
		}
		for _, cells := range t.Rows {
			var row table.Row
			for _, cell := range cells {
				row = append(row, terminal.Escape(cell.Text))
			}
			rows = append(rows, row)
		}
		b.WriteString(terminal.Escape(t.Heading()) + "\n\n" + stack(rows, columns) + "\n\n")
		for _, note := range t.Notes {
			b.WriteString(terminal.Wrap(terminal.Escape(note), columns) + "\n")
		}
		b.WriteString("\n")
	}
	for _, warning := range c.Warnings {
		b.WriteString(terminal.Wrap(terminal.Escape(doubted(warning)), columns) + "\n")
	}
	_, err := io.WriteString(w, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func doubted(w compare.Warning) string {
	if w.Problem == "" {
		return "warning: " + w.Text
	}
	return "warning: " + w.Problem + ": " + w.Text
}

func writeJSON(w io.Writer, c *compare.Comparison, _ int) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(c)
}

func writeCSV(w io.Writer, c *compare.Comparison, _ int) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"table", "problem", "row", "against", "measure", "name", "value"})
	for _, t := range c.Tables() {
		for _, cells := range t.Rows {
			about := map[string]string{}
			for i, name := range t.Columns {
				if len(cells[i].Numbers) == 0 {
					about[name] = cells[i].Text
				}
			}
			line := func(name, value string) {
				measured := about["measure"]
				if about["key"] != "" {
					measured = about["key"]
				}
				_ = out.Write([]string{t.Name, t.Problem, cells[0].Text, about["against"], measured, name, value})
			}
			for i, cell := range cells {
				for _, n := range cell.Numbers {
					line(n.Name, strconv.FormatFloat(float64(n.X), 'g', -1, 64))
				}
				if t.Columns[i] == "verdict" {
					line("verdict", cell.Text)
				}
			}
		}
	}
	for _, warning := range c.Warnings {
		_ = out.Write([]string{"warnings", warning.Problem, "", "", "", warning.Concern, warning.Text})
	}
	out.Flush()
	return out.Error()
}

// printable is a text without what controls lines and terminals.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

var markdownEscapes = strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "`", "\\`", "[", `\[`, "]", `\]`)

func writeMarkdown(w io.Writer, c *compare.Comparison, _ int) error {
	var b strings.Builder
	escape := func(s string) string { return markdownEscapes.Replace(printable(s)) }
	for _, t := range c.Tables() {
		fmt.Fprintf(&b, "### %s\n\n", escape(t.Heading()))
		line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
		var head, rule []string
		for i, name := range t.Columns {
			head, rule = append(head, escape(name)), append(rule, map[bool]string{true: "---", false: "---:"}[i == 0])
		}
		line(head)
		line(rule)
		for _, cells := range t.Rows {
			var row []string
			for _, cell := range cells {
				row = append(row, escape(cell.Text))
			}
			line(row)
		}
		for _, note := range t.Notes {
			b.WriteString("\n" + escape(note) + "\n")
		}
		b.WriteString("\n")
	}
	for _, warning := range c.Warnings {
		b.WriteString("- " + escape(doubted(warning)) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var latexEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "^", `\textasciicircum{}`, "_", `\_`,
	"~", `\textasciitilde{}`, "%", `\%`, "<", `\textless{}`, ">", `\textgreater{}`, "[", "{[}", "]", "{]}")

func writeLaTeX(w io.Writer, c *compare.Comparison, _ int) error {
	var b strings.Builder
	b.WriteString("% needs \\usepackage{booktabs}\n")
	escape := func(s string) string { return latexEscapes.Replace(printable(s)) }
	for _, t := range c.Tables() {
		fmt.Fprintf(&b, "\\begin{table}\n\\caption{%s. %s}\n\\begin{tabular}{l%s}\n\\toprule\n", escape(t.Heading()), escape(strings.Join(t.Notes, " ")),
			strings.Repeat("r", len(t.Columns)-1))
		line := func(cells []string) { b.WriteString(strings.Join(cells, " & ") + " \\\\\n") }
		var head []string
		for _, name := range t.Columns {
			head = append(head, escape(name))
		}
		line(head)
		b.WriteString("\\midrule\n")
		for _, cells := range t.Rows {
			var row []string
			for _, cell := range cells {
				row = append(row, escape(cell.Text))
			}
			line(row)
		}
		b.WriteString("\\bottomrule\n\\end{tabular}\n\\end{table}\n\n")
	}
	for _, warning := range c.Warnings {
		b.WriteString("% " + printable(doubted(warning)) + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
