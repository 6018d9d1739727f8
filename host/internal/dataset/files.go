package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Files says where a data set is on disk.
type Files struct {
	Features     string `json:"file"`                // CSV and LIBSVM files have the targets too
	Targets      string `json:"targets,omitempty"`   // of IDX and NumPy files
	TestFeatures string `json:"test_file,omitempty"` // the data set's own test part, if it has one
	TestTargets  string `json:"test_targets,omitempty"`
	Format       string `json:"format,omitempty"` // one of [Formats]; "" goes by the name of the file
	Task         Task   `json:"task,omitempty"`

	// of a CSV file
	Column    string `json:"target_column,omitempty"` // "" is the last
	Header    Header `json:"header,omitempty"`
	Separator string `json:"separator,omitempty"` // one of [Separators]; "" is found out
	Decimal   string `json:"decimal,omitempty"`   // "," or "."; "" is "."
}

// Check says what is wrong with a setting, beginning with its name.
func (f Files) Check() error {
	switch {
	case f.Format != "" && !slices.Contains(Formats, f.Format):
		return fmt.Errorf("format %s is none of %s", f.Format, strings.Join(Formats, ", "))
	case f.Header != HeaderAuto && f.Header != HeaderYes && f.Header != HeaderNo:
		return fmt.Errorf("header %s is neither true nor false", f.Header)
	case f.Separator != "" && !slices.Contains(Separators, f.Separator):
		return fmt.Errorf("separator %q is none of %q; the first can be written tab", f.Separator, Separators)
	case f.Decimal != "" && f.Decimal != "." && f.Decimal != ",":
		return fmt.Errorf("decimal %s is neither . nor a comma", f.Decimal)
	case f.Task != Automatic && f.Task != Classification && f.Task != Regression:
		return fmt.Errorf("task %s is neither classification nor regression", f.Task)
	}
	return nil
}

// table is what a file or a pair of files holds.
type table struct {
	x     Matrix
	y     column
	shape []int

	header   []string // of a CSV file
	names    []string // of its features
	warnings []Warning
}

// Read reads a data set. Errors say which file is wrong, where, and what would be right.
func Read(f Files) (*Dataset, error) {
	if f.Format == "" {
		if f.Format = FormatOf(f.Features); f.Format == "" {
			return nil, fmt.Errorf("%s: the name does not tell the format; write format = \"%s\"", f.Features,
				strings.Join(Formats, `" or "`))
		}
	}
	d := &Dataset{Name: f.Features, Source: f.Features, Content: map[string]Sum{}}
	all, err := f.read(d.Content, "", f.Features, f.Targets)
	if err != nil {
		return nil, err
	}
	d.Shape, d.Warnings, d.Names = all.shape, all.warnings, all.names
	own := all.y.len()
	if f.TestFeatures == "" {
		fromOne(all.x)
	} else {
		test, err := f.read(d.Content, "test_", f.TestFeatures, f.TestTargets)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(all.header, test.header) {
			return nil, fmt.Errorf("%s:1: the columns are %s, but those of %s are %s; both files need the same, in the same order",
				f.TestFeatures, listed(test.header), f.Features, listed(all.header))
		}
		if !slices.Equal(all.shape, test.shape) {
			return nil, fmt.Errorf("%s: images of %v, but those of %s are of %v; both files need the same", f.TestFeatures,
				test.shape,
				f.Features, all.shape)
		}
		fromOne(all.x, test.x)
		widen(all.x, test.x)
		test.x = compact(test.x)
		if all.x, err = stack(compact(all.x), test.x); err != nil {
			return nil, fmt.Errorf("%s: %w", f.TestFeatures, err)
		}
		all.y.append(&test.y)
		d.Test = test.y.len()
	}
	d.X = compact(all.x)
	d.Scaling = findFormat(f.Format).scaling
	if all.x.pixels(0) != nil && all.shape != nil {
		d.Peak, d.Scaling = 255, Pixels
	}
	where := f.Targets
	if HasTargets(f.Format) {
		where = f.Features
	}
	d.Y, d.Classes, err = targets(&all.y, f.Task)
	if err == nil {
		err = d.checkClasses(all.y.at(0), own, f)
	}
	var wrong *targetError
	if errors.As(err, &wrong) && wrong.example >= own {
		where, wrong.example = f.TestFeatures, wrong.example-own
		if f.TestTargets != "" {
			where = f.TestTargets
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	return d, d.check()
}

// widen gives two sparse matrices the same number of features: a LIBSVM file does not say how many there are.
func widen(a, b Matrix) {
	p, ok := a.(*sparse)
	q, also := b.(*sparse)
	if ok && also {
		p.columns = max(p.columns, q.columns)
		q.columns = p.columns
	}
}

// compact holds sparse values in the form that takes less memory.
func compact(x Matrix) Matrix {
	if m, ok := x.(*sparse); ok {
		return m.smaller()
	}
	return x
}

// read reads a part of the data set and keeps the sums of its files.
func (f Files) read(sums map[string]Sum, part, features, target string) (t table, err error) {
	format := findFormat(f.Format)
	if format.table != nil {
		t, sums[part+"file"], err = from(features, func(in *file) (table, error) { return format.table(in, f) })
		return t, err
	}
	x, sum, err := from(features, format.array)
	if err != nil {
		return t, err
	}
	sums[part+"file"] = sum
	if t.x, t.shape, err = x.features(); err != nil {
		return t, err
	}
	y, sum, err := from(target, format.array)
	if err != nil {
		return t, err
	}
	sums[part+"targets"] = sum
	if t.y, err = y.texts(); err != nil {
		return t, err
	}
	if rows, _ := t.x.Dims(); rows != t.y.len() {
		return t, fmt.Errorf("%s: %d targets, but %s has %d examples; are they of the same part of the data set?",
			target, t.y.len(), features, rows)
	}
	return t, nil
}
