package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"syscall"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"github.com/steepest/steepest/host/internal/terminal"
)

// standardOutput keeps the first error of writing, which is judged once, at the end of the program.
type standardOutput struct {
	io.Writer
	mu  sync.Mutex
	err error
}

func (o *standardOutput) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// Fd is the descriptor beneath; see columns.
func (o *standardOutput) Fd() uintptr {
	if f, ok := o.Writer.(interface{ Fd() uintptr }); ok {
		return f.Fd()
	}
	return ^uintptr(0)
}

// judge returns the exit code of a program that would end with the given one, and says what could not be written. A reader
// that has seen enough, such as head, need not be told.
func (o *standardOutput) judge(code int, stderr io.Writer) int {
	err := o.failed()
	if err == nil || code == exitFailed || code == exitInterrupted {
		return code
	}
	if !errors.Is(err, syscall.EPIPE) {
		if inner := errors.Unwrap(err); inner != nil { // without the name of the file
			err = inner
		}
		_, _ = fmt.Fprintf(stderr, "steepest: cannot write to standard output: %v; what it should have shown is not complete\n", err)
	}
	return exitFailed
}

// failed is the first error of writing, nil if there was none.
func (o *standardOutput) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// columns is how wide a terminal is, 0 if w is none.
func columns(w io.Writer) int {
	if file, ok := w.(interface{ Fd() uintptr }); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	return 0
}

// listing is a table without lines.
type listing struct {
	table.Writer
	wide, word []int // of each column: the longest cell and the longest word, in columns of the terminal
}

const columnGap = 2

func newTable(header ...any) *listing {
	w := &listing{Writer: table.NewWriter()}
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
func (w *listing) AppendRow(row table.Row, config ...table.RowConfig) {
	for i, cell := range row {
		for _, line := range strings.Split(fmt.Sprint(cell), "\n") {
			w.wide[i] = max(w.wide[i], text.StringWidth(line))
		}
		for _, word := range strings.Fields(fmt.Sprint(cell)) {
			w.word[i] = max(w.word[i], text.StringWidth(word))
		}
	}
	w.Writer.AppendRow(row, config...)
}

// Fit renders the table for a terminal, whose widest columns are wrapped between words until it fits. Words, such as paths,
// are never broken. 0 columns is no terminal.
func (w *listing) Fit(columns int) string {
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
			configs = append(configs, table.ColumnConfig{Number: i + 1, WidthMax: n, WidthMaxEnforcer: terminal.Wrap})
		}
	}
	w.SetColumnConfigs(configs)
	return w.Render()
}

// hanging wraps a text for a terminal on which it begins at the given column, and goes on there in each line.
func hanging(s string, column, columns int) string {
	if columns <= column {
		return s
	}
	return strings.ReplaceAll(terminal.Wrap(s, columns-column), "\n", "\n"+strings.Repeat(" ", column))
}
