package dataset

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// readCSV reads a file whose first line names its columns: numbers, and in the target column (without a name, the last)
// the target of each example. Errors name file, line and column.
func readCSV(f *file, target string) (t table, err error) {
	path := f.name
	r := csv.NewReader(f)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return t, fmt.Errorf("%s: the file is empty; it needs a line of column names and a line for each example", path)
	}
	if err != nil {
		return t, lineError(path, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	for i, name := range header {
		header[i] = strings.TrimSpace(name)
	}
	at := len(header) - 1
	if target != "" {
		if at = slices.Index(header, target); at < 0 {
			return t, &ColumnError{path, target, header}
		}
		if slices.Contains(header[at+1:], target) {
			return t, fmt.Errorf("%s:1: two columns are called %q; rename the one that is no target", path, target)
		}
	}
	switch {
	case len(header) < 2:
		return t, fmt.Errorf("%s:1: one column; it needs at least a feature and a target, separated by commas", path)
	case len(header) > MaxFeatures:
		return t, fmt.Errorf("%s:1: %d columns; at most %d are allowed", path, len(header), MaxFeatures)
	case !slices.ContainsFunc(header, notNumber):
		return t, fmt.Errorf("%s:1: the first line holds numbers, not the names of the columns; put a line of names above it",
			path)
	}
	x, y, err := readRows(r, path, at)
	return table{x: x, y: y, header: header}, err
}

func notNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// ColumnError says that a CSV file has no column of that name.
type ColumnError struct {
	Path, Column string
	Columns      []string
}

func (e *ColumnError) Error() string {
	return fmt.Sprintf("%s:1: no column %q; the columns are %s", e.Path, e.Column, strings.Join(e.Columns, ", "))
}

// ReadMatrix reads a file of numbers: CSV without header, or a NumPy array, whose dimensions after the first become one.
func ReadMatrix(path string) (*mat.Dense, Sum, error) {
	return from(path, func(f *file) (*mat.Dense, error) {
		if FormatOf(path) == "npy" {
			a, err := readNPY(f)
			if err != nil {
				return nil, err
			}
			return a.matrix(), nil
		}
		x, _, err := readRows(csv.NewReader(f), path, -1)
		if err != nil {
			return nil, err
		}
		return mat.NewDense(x.rows, x.columns, x.data), nil
	})
}

// lineError says where the text is no CSV, and what would be right.
func lineError(name string, err error) error {
	var parse *csv.ParseError
	switch {
	case !errors.As(err, &parse):
		return fmt.Errorf("%s: %w", name, err)
	case errors.Is(err, csv.ErrFieldCount):
		return fmt.Errorf("%s:%d: %w; every line needs as many columns as the first", name, parse.Line, parse.Err)
	}
	return fmt.Errorf("%s:%d:%d: %w; close every quotation mark, and double those inside", name, parse.Line, parse.Column,
		parse.Err)
}

// readRows reads numbers, and as text those of the column at, if that is not negative.
func readRows(r *csv.Reader, name string, at int) (x *dense[float64], y []string, err error) {
	r.TrimLeadingSpace = true
	r.ReuseRecord = true
	x = &dense[float64]{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, lineError(name, err)
		}
		for i, field := range record {
			field = strings.TrimSpace(field)
			if i == at {
				y = append(y, strings.Clone(field))
				continue
			}
			value, err := strconv.ParseFloat(field, 64)
			if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
				line, column := r.FieldPos(i)
				return nil, nil, fmt.Errorf("%s:%d:%d: %q is not a finite number, as features must be; "+
					"fill the value in, remove the line or column, or make of a column of names one of 0 and 1 for each name",
					name, line, column, field)
			}
			x.data = append(x.data, value)
		}
		x.rows++
		if 8*len(x.data) > maxBytes {
			return nil, nil, fmt.Errorf("%s: the numbers take more than the %d MB allowed; take a part of the file", name,
				maxBytes>>20)
		}
	}
	if len(x.data) == 0 {
		return nil, nil, fmt.Errorf("%s: no numbers in the file; it needs at least one line of them", name)
	}
	x.columns = len(x.data) / x.rows
	x.data = slices.Clip(x.data)
	return x, y, nil
}
