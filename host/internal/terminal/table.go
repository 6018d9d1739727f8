package terminal

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
)

// Columns is how wide a terminal is, 0 if w is none.
func Columns(w io.Writer) int {
	columns, _ := size(w)
	return columns
}

// Rows is how high a terminal is, 0 if w is none.
func Rows(w io.Writer) int {
	_, rows := size(w)
	return rows
}

func size(w io.Writer) (columns, rows int) {
	if file, ok := w.(interface{ Fd() uintptr }); ok {
		if columns, rows, err := term.GetSize(int(file.Fd())); err == nil {
			return columns, rows
		}
	}
	return 0, 0
}

// Unicode tells whether a terminal shows more than ASCII, by the variables of the environment that say so.
func Unicode(variable func(string) string) bool {
	locale := strings.ToLower(cmp.Or(variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG")))
	return strings.HasSuffix(locale, "utf-8") || strings.HasSuffix(locale, "utf8")
}

// Table is a table without lines.
type Table struct {
	table.Writer
	wide, word []int // of each column: the longest cell and the longest word, in columns of the terminal
}

const columnGap = 2

// NewTable begins a table.
func NewTable(header ...any) *Table {
	w := &Table{Writer: table.NewWriter()}
	w.SetStyle(table.StyleDefault)
	w.Style().Options = table.OptionsNoBordersAndSeparators
	w.SuppressTrailingSpaces()
	w.Style().Box.PaddingLeft = ""
	w.Style().Box.PaddingRight = strings.Repeat(" ", columnGap)
	w.wide, w.word = make([]int, len(header)), make([]int, len(header))
	w.AppendHeader(header)
	for i, h := range header {
		w.wide[i] = text.StringWidth(fmt.Sprint(h))
		w.word[i] = w.wide[i]
	}
	return w
}

// AppendRow adds a row and measures it.
func (w *Table) AppendRow(row table.Row, config ...table.RowConfig) {
	for i, cell := range row {
		for line := range strings.SplitSeq(fmt.Sprint(cell), "\n") {
			w.wide[i] = max(w.wide[i], text.StringWidth(line))
		}
		for word := range strings.FieldsSeq(fmt.Sprint(cell)) {
			w.word[i] = max(w.word[i], text.StringWidth(word))
		}
	}
	w.Writer.AppendRow(row, config...)
}

// Fit renders the table for a terminal, whose widest columns are wrapped between words until it fits. Words, such as paths,
// are never broken. 0 columns is no terminal.
func (w *Table) Fit(columns int) string {
	width := append([]int(nil), w.wide...)
	total := columnGap * (len(width) - 1)
	for _, n := range width {
		total += n
	}
	for ; columns > 0 && total > columns; total-- {
		widest := -1
		for i, n := range width {
			if n > w.word[i] && (widest < 0 || n > width[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		width[widest]--
	}
	var configs []table.ColumnConfig
	for i, n := range width {
		if n < w.wide[i] {
			configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: n, WidthMaxEnforcer: Wrap})
		}
	}
	w.SetColumnConfigs(configs)
	return w.Render()
}

// Hanging wraps a text for a terminal on which it begins at the given column, and goes on there in each line.
func Hanging(s string, column, columns int) string {
	if columns <= column {
		return s
	}
	return strings.ReplaceAll(Wrap(s, columns-column), "\n", "\n"+strings.Repeat(" ", column))
}
