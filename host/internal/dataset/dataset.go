// Package dataset reads tables of examples and cuts them into training and validation examples and batches.
package dataset

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Dataset is a table of examples with two classes.
type Dataset struct {
	Name    string
	Source  string     // whom to cite
	X       *mat.Dense // examples x features
	Y       []float64  // class of each example, 0 or 1
	Classes [2]string  // what 0 and 1 stand for
}

// breastCancer is the unchanged copy that scikit-learn 1.2.1 ships (BSD-3-Clause).
//
//go:embed data/breast_cancer.csv
var breastCancer []byte

// embedded are the data sets inside the program, by name.
var embedded = map[string]func() (*Dataset, error){"breast-cancer": loadBreastCancer}

// Embedded returns the names of the data sets inside the program.
func Embedded() []string {
	var names []string
	for name := range embedded {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Load returns an embedded data set. The second result tells whether there is one of that name.
func Load(name string) (*Dataset, bool, error) {
	load, ok := embedded[name]
	if !ok {
		return nil, false, nil
	}
	d, err := load()
	return d, true, err
}

func loadBreastCancer() (*Dataset, error) {
	// scikit-learn's first line: examples, features, names of the classes; the class stands last in each row.
	header, body, _ := bytes.Cut(breastCancer, []byte("\n"))
	names := strings.Split(strings.TrimSpace(string(header)), ",")
	x, y, err := table(csv.NewReader(bytes.NewReader(body)), "breast_cancer.csv", 1, -1)
	if err != nil {
		return nil, err
	}
	return newDataset("breast-cancer", "Wolberg, Mangasarian, Street, Street: Breast Cancer Wisconsin (Diagnostic), "+
		"UCI Machine Learning Repository, 1995, doi:10.24432/C5DW2B; file of scikit-learn 1.2.1", x, y, [2]string{names[2], names[3]})
}

// ReadCSV reads a file whose first line names its columns: numbers, and in the target column the class, 0 or 1. Without
// a target name the last column is the target. Errors name file, line and column.
func ReadCSV(path, target string) (*Dataset, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the file is empty; it needs a line of column names and a line for each example", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	at := len(header) - 1
	if target != "" {
		if at = slices.Index(header, target); at < 0 {
			return nil, fmt.Errorf("%s:1: no column %q; the columns are %s", path, target, strings.Join(header, ", "))
		}
	}
	if len(header) < 2 {
		return nil, fmt.Errorf("%s:1: one column; it needs at least a feature and a target, separated by commas", path)
	}
	x, y, err := table(r, path, 1, at)
	if err != nil {
		return nil, err
	}
	return newDataset(path, path, x, y, [2]string{"0", "1"})
}

// ReadMatrix reads a file of numbers without header.
func ReadMatrix(path string) (*mat.Dense, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	rows, _, err := readRows(csv.NewReader(f), path, 0, -2)
	if err != nil {
		return nil, err
	}
	return dense(rows), nil
}

// table reads the rows after a header of skipped lines; column target (-1: the last) is split off.
func table(r *csv.Reader, name string, skipped, target int) (*mat.Dense, []float64, error) {
	rows, y, err := readRows(r, name, skipped, target)
	if err != nil {
		return nil, nil, err
	}
	return dense(rows), y, nil
}

// readRows reads numbers; target -1 splits off the last column, -2 none.
func readRows(r *csv.Reader, name string, skipped, target int) (rows [][]float64, y []float64, err error) {
	r.TrimLeadingSpace = true
	r.ReuseRecord = true
	offset := 0 // of r's line numbers; r has counted the header itself if it read it
	if skipped > 0 && r.InputOffset() == 0 {
		offset = skipped
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w; every line needs as many columns as the first", name, err)
		}
		var row []float64
		for i, field := range record {
			value, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
			if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
				line, column := r.FieldPos(i)
				return nil, nil, fmt.Errorf("%s:%d:%d: %q is not a finite number; remove the line or fill the value in",
					name, line+offset, column, field)
			}
			if i == target || target == -1 && i == len(record)-1 {
				y = append(y, value)
			} else {
				row = append(row, value)
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, nil, fmt.Errorf("%s: no numbers in the file; it needs at least one line of them", name)
	}
	return rows, y, nil
}

func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

func newDataset(name, source string, x *mat.Dense, y []float64, classes [2]string) (*Dataset, error) {
	for i, c := range y {
		if c != 0 && c != 1 {
			return nil, fmt.Errorf("%s: example %d has class %v; binary cross-entropy needs classes 0 and 1", name, i+1, c)
		}
	}
	return &Dataset{Name: name, Source: source, X: x, Y: y, Classes: classes}, nil
}
