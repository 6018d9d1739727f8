package export

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"
)

// csvFormat is CSV as RFC 4180 has it, but for its line ends. What is missing is an empty cell, and a number is the shortest that reads
// back as the same one, NaN, inf or -inf.
var csvFormat = format{name: "csv", ending: ".csv", table: func(w io.Writer, columns []column) rows {
	out := &csvRows{w: bufio.NewWriterSize(w, 1<<16)}
	cells := make([]cell, len(columns))
	for i, c := range columns {
		cells[i] = textCell(c.name)
	}
	_ = out.row(cells) // its error sticks
	return out
}}

type csvRows struct {
	w    *bufio.Writer
	line []byte
}

func (c *csvRows) row(cells []cell) error {
	b := c.line[:0]
	for i, x := range cells {
		if i > 0 {
			b = append(b, ',')
		}
		if x.kind == text && (strings.ContainsAny(x.s, ",\"\r\n") || x.s == "") {
			b = append(append(append(b, '"'), strings.ReplaceAll(x.s, `"`, `""`)...), '"')
			continue
		}
		b = appendCell(b, x)
	}
	c.line = append(b, '\n')
	_, err := c.w.Write(c.line)
	return err
}

func (c *csvRows) close() error { return c.w.Flush() }

// appendCell writes a cell as text.
func appendCell(b []byte, c cell) []byte {
	switch c.kind {
	case text:
		return append(b, c.s...)
	case integer:
		return strconv.AppendInt(b, int64(c.n), 10)
	case natural:
		return strconv.AppendUint(b, c.n, 10)
	case truth:
		return strconv.AppendBool(b, c.n != 0)
	case number:
		return appendNumber(b, c.x)
	}
	return b
}

// appendNumber writes a number as all readers of tables understand it: some don't know of a sign before inf.
func appendNumber(b []byte, x float64) []byte {
	if math.IsInf(x, 1) {
		return append(b, "inf"...)
	}
	if math.IsInf(x, -1) {
		return append(b, "-inf"...)
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}
