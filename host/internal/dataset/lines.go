package dataset

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Line is a line of a CSV file below its header. It is valid until the next one.
type Line struct {
	Cells []string // without the spaces around them
	// Place is where a cell begins: the line and the column in the file, both from 1.
	Place func(i int) (line, column int)
}

// ReadLines reads a CSV file whose first line names its columns, in any encoding and with any separator that a data set may have: first
// the names go to header, then each line to visit. What is wrong has its place.
func ReadLines(path string, header func(names []string) error, visit func(Line) error) (Sum, error) {
	_, sum, err := from(path, func(f *file) (_ struct{}, err error) {
		r, err := newRecords(f, "")
		if err != nil {
			return struct{}{}, err
		}
		names, err := r.read()
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("%s:1: the first line is missing; it needs the names of the columns", path)
		}
		if err != nil {
			return struct{}{}, err
		}
		names = slices.Clone(names)
		for i, name := range names {
			if names[i] = strings.Clone(strings.TrimSpace(name)); !utf8.ValidString(name) {
				return struct{}{}, fmt.Errorf("%s:1: the line %s", path, notUTF8)
			}
		}
		if err := header(names); err != nil {
			return struct{}{}, err
		}
		for {
			cells, err := r.read()
			if errors.Is(err, io.EOF) {
				return struct{}{}, nil
			}
			if err != nil {
				return struct{}{}, err
			}
			for i, cell := range cells {
				cells[i] = strings.TrimSpace(cell)
			}
			if err := visit(Line{cells, r.FieldPos}); err != nil {
				return struct{}{}, err
			}
		}
	})
	return sum, err
}
