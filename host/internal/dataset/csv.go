package dataset

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gonum.org/v1/gonum/mat"
)

// maxLine is the longest line of a text, in bytes. Its columns take many times as much while it is read.
const maxLine = 16 << 20

// maxColumns is how many columns a CSV file may have.
const maxColumns = 1 << 21

var csvFormat = format{name: "csv", title: "CSV", endings: []string{".csv"}, table: readCSV}

// readCSV reads a file whose first line names its columns, unless it has no header: numbers, and in the target column
// (without a name, the last) the target of each example. Errors name file, line and column.
func readCSV(f *file, how Files) (t table, err error) {
	path := f.name
	r, err := newRecords(f, how.Separator)
	if err != nil {
		return t, err
	}
	first, err := r.read()
	if errors.Is(err, io.EOF) {
		return t, fmt.Errorf("%s: the file is empty; it needs a line of column names and a line for each example", path)
	}
	if err != nil {
		return t, err
	}
	t.header = make([]string, len(first))
	for i, field := range first {
		if t.header[i] = strings.Clone(strings.TrimSpace(field)); !utf8.ValidString(field) {
			return t, fmt.Errorf("%s:1: the line %s", path, notUTF8)
		}
	}
	line := t.header
	if how.Header == HeaderNo {
		t.header = numbered(len(first) + 1)[1:]
	}
	at, err := targetColumn(path, t.header, how)
	if err != nil {
		return t, err
	}
	rows := &rows{name: path, at: at, decimal: how.Decimal == ",", task: how.Task, size: f.size}
	if how.Header == HeaderNo {
		if err := rows.add(r, line); err != nil {
			return t, err
		}
	}
	if err := rows.rest(r); err != nil {
		return t, err
	}
	if how.Header == HeaderAuto {
		if err := checkHeader(path, t.header, at, rows.y.texts); err != nil {
			return t, err
		}
	}
	t.x, t.y, t.names = rows.x, rows.y, slices.Delete(slices.Clone(t.header), at, at+1)
	if how.Header != HeaderNo {
		t.warnings = indexColumn(t.header, at, rows.x)
	}
	return t, nil
}

// ReadMatrix reads a file of numbers: CSV without header, or a NumPy array, whose dimensions after the first become one.
func ReadMatrix(path string) (*mat.Dense, Sum, error) {
	return from(path, func(f *file) (*mat.Dense, error) {
		if FormatOf(path) == "npy" {
			a, err := readNPY(f)
			if err != nil {
				return nil, err
			}
			return a.matrix()
		}
		r, err := newRecords(f, "")
		if err != nil {
			return nil, err
		}
		rows := &rows{name: path, at: -1, size: f.size}
		if err := rows.rest(r); err != nil {
			return nil, err
		}
		return mat.NewDense(rows.x.rows, rows.x.columns, rows.x.data), nil
	})
}

// records reads the lines of a CSV file, of which none may be too long.
type records struct {
	*csv.Reader
	name string
	left bounded
	last int // line of the record that was read last
}

// newRecords reads text with the separator between its columns; "" is found out from the first lines.
func newRecords(f *file, separator string) (*records, error) {
	if err := f.text(); err != nil {
		return nil, err
	}
	comma, _ := utf8.DecodeRuneInString(separator)
	if separator == "" {
		sample, _ := f.Peek(sampleSize) // what is wrong comes again with the next read
		comma = guessSeparator(sample)
	}
	r := &records{name: f.name, left: bounded{Reader: f, separator: []byte(string(comma))}}
	r.Reader = csv.NewReader(&r.left)
	r.Comma = comma
	r.TrimLeadingSpace = comma != '\t' // which is space too
	r.ReuseRecord = true
	return r, nil
}

func (r *records) read() ([]string, error) {
	r.left.bytes = maxLine
	r.left.separators = maxColumns
	if r.FieldsPerRecord > 0 { // known from the first line; texts may hold separators
		r.left.separators = r.FieldsPerRecord + 1<<16
	}
	record, err := r.Read()
	var parse *csv.ParseError
	switch {
	case err == nil:
		r.last, _ = r.FieldPos(0)
		return record, nil
	case errors.Is(err, io.EOF):
		return nil, err
	case errors.Is(err, errLong):
		return nil, fmt.Errorf("%s:%d: the line is longer than %d MB; is this a CSV file, and is every quotation mark closed?",
			r.name, r.last+1, maxLine>>20)
	case errors.Is(err, errWide):
		return nil, fmt.Errorf("%s:%d: the line has too many columns, of which there may be %d, and in every line as many as in the "+
			"first; is this a CSV file?", r.name, r.last+1, maxColumns)
	case !errors.As(err, &parse):
		return nil, fmt.Errorf("%s: %w", r.name, err)
	case errors.Is(err, csv.ErrFieldCount):
		return nil, fmt.Errorf("%s:%d: %w; every line needs as many columns as the first", r.name, parse.Line, parse.Err)
	}
	return nil, fmt.Errorf("%s:%d:%d: %w; close every quotation mark, and double those inside", r.name, parse.Line,
		parse.Column, parse.Err)
}

// bounded reads so many bytes and separators, and no more.
type bounded struct {
	io.Reader
	separator         []byte
	bytes, separators int
}

var errLong, errWide = errors.New("the line is too long"), errors.New("the line has too many columns")

func (b *bounded) Read(p []byte) (int, error) {
	switch {
	case b.bytes <= 0:
		return 0, errLong
	case b.separators <= 0:
		return 0, errWide
	}
	n, err := b.Reader.Read(p)
	b.bytes -= n
	b.separators -= bytes.Count(p[:n], b.separator)
	return n, err
}

// rows collects the numbers of a file, and as text those of the column at, if that is not negative.
type rows struct {
	name    string
	at      int
	decimal bool // numbers have a decimal comma
	task    Task
	size    int64 // of the file, if that is known

	x *dense[float64]
	y column
}

// rest reads all lines to the end.
func (t *rows) rest(r *records) error {
	if t.x == nil {
		t.x = &dense[float64]{}
	}
	for {
		record, err := r.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := t.add(r, record); err != nil {
			return err
		}
	}
	if len(t.x.data) == 0 {
		return fmt.Errorf("%s: no numbers in the file; it needs at least one line of them", t.name)
	}
	t.x.columns = len(t.x.data) / t.x.rows
	t.x.data = slices.Clip(t.x.data)
	return nil
}

// estimated is how many lines tell how many there will be.
const estimated = 100

// add takes the record that was read last.
func (t *rows) add(r *records, record []string) error {
	if t.x == nil {
		t.x = &dense[float64]{}
	}
	for i, field := range record {
		field = strings.TrimSpace(field)
		if i == t.at {
			if err := t.target(r, i, field); err != nil {
				return err
			}
			continue
		}
		text := field
		if t.decimal {
			text = strings.Replace(field, ",", ".", 1)
		}
		value, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
			line, column := r.FieldPos(i)
			return fmt.Errorf("%s:%d:%d: %s %s", t.name, line, column, excerpt(field), t.remedy(field))
		}
		t.x.data = append(t.x.data, value)
	}
	t.x.rows++
	if t.x.rows == estimated && t.size > 0 {
		t.x.data = slices.Grow(t.x.data, min(int(t.size*int64(len(t.x.data))/r.InputOffset()), maxBytes/8))
	}
	if 8*int64(len(t.x.data))+t.y.bytes() > maxBytes {
		return fmt.Errorf("%s: the numbers take more than the %d MB allowed; take a part of the file", t.name, maxBytes>>20)
	}
	return nil
}

// remedy says what is wrong with a feature, and what would be right.
func (t *rows) remedy(field string) string {
	switch {
	case !utf8.ValidString(field):
		return notUTF8
	case !t.decimal && decimalComma(field):
		return `has a decimal comma; write decimal = "," in the table of the data set (--decimal ,)`
	case t.decimal && isNumber(field):
		return `has a decimal point, but decimal = "," was given; use one of them in the whole file`
	case t.at < 0:
		return "is not a finite number"
	}
	return "is not a finite number, as features must be; fill the value in, remove the line or column, or make of a column " +
		"of names one of 0 and 1 for each name"
}

// target adds the text of a target, with a decimal point.
func (t *rows) target(r *records, i int, field string) error {
	text, wrong := field, ""
	if _, ok := t.y.seen[field]; !ok {
		switch {
		case !utf8.ValidString(field):
			wrong = notUTF8
		case !decimalComma(field):
		case t.decimal:
			text = strings.Replace(field, ",", ".", 1)
		case t.task != Classification:
			wrong = `has a decimal comma; write decimal = "," in the table of the data set (--decimal ,), or, if it is the name of ` +
				`a class, task = "classification"`
		}
	}
	if wrong != "" {
		line, column := r.FieldPos(i)
		return fmt.Errorf("%s:%d:%d: %s %s", t.name, line, column, excerpt(field), wrong)
	}
	t.y.add(text)
	return nil
}

// decimalComma tells whether a text is a number if its comma is a point.
func decimalComma(s string) bool {
	return strings.Count(s, ",") == 1 && isNumber(strings.Replace(s, ",", ".", 1))
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func number64(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}

// excerpt quotes a text, or the beginning of a long one.
func excerpt(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}
