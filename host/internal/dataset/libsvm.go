package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

var libsvmFormat = format{name: "libsvm", title: "LIBSVM", endings: []string{".libsvm", ".svm", ".svmlight", ".t", ".tr"},
	scaling: Unscaled, table: readLIBSVM}

// readLIBSVM reads lines "target index:value index:value ... # comment" with ascending indices (Chang and Lin, LIBSVM: a
// library for support vector machines, 2011). Features that a line leaves out are 0. The columns of the matrix are the
// indices; see [fromOne].
func readLIBSVM(f *file, _ Files) (t table, err error) {
	path := f.name
	if err := f.text(); err != nil {
		return t, err
	}
	m := &sparse{start: []int{0}}
	var y column
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	line := 1
	for ; lines.Scan(); line++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		target, rest := cutField(text)
		if target == "" {
			continue
		}
		if i := strings.IndexAny(target, ":,"); i >= 0 {
			return t, fmt.Errorf("%s:%d:1: the line must begin with one target, not %s; write it like 1 3:0.5 7:2", path, line,
				excerpt(target))
		}
		if !utf8.ValidString(target) {
			return t, fmt.Errorf("%s:%d:1: %s %s", path, line, excerpt(target), notUTF8)
		}
		y.add(strings.TrimPrefix(target, "+"))
		if err := m.parse(rest); err != nil {
			column := len(text) - err.left + 1
			return t, fmt.Errorf("%s:%d:%d: %s %s", path, line, column, excerpt(err.pair), err.wrong)
		}
		m.rows++
		m.start = append(m.start, len(m.values))
		if m.Bytes()+y.bytes() > maxBytes {
			return t, fmt.Errorf("%s: the numbers take more than the %d MB allowed; take a part of the file", path, maxBytes>>20)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return t, fmt.Errorf("%s:%d: the line is longer than %d MB; is this a LIBSVM file?", path, line, maxLine>>20)
	case err != nil && !errors.Is(err, io.EOF):
		return t, fmt.Errorf("%s: %w", path, err)
	case m.rows == 0 || m.columns == 0:
		return t, fmt.Errorf("%s: no examples with features in the file; a line is like 1 3:0.5 7:2", path)
	}
	return table{x: m, y: y}, nil
}

// cutField splits off the first of fields that are separated by white space.
func cutField(s string) (field, rest string) {
	s = strings.TrimLeft(s, " \t\r")
	if i := strings.IndexAny(s, " \t\r"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// pairError is a pair that is no index:value, and how much of the text was left where it begins.
type pairError struct {
	pair, wrong string
	left        int
}

// parse appends the pairs of a line.
func (m *sparse) parse(text string) *pairError {
	last := -1
	for pair, rest := cutField(text); pair != ""; pair, rest = cutField(rest) {
		begin := len(pair) + len(rest)
		left, right, ok := strings.Cut(pair, ":")
		if !ok {
			return &pairError{pair, "is no pair index:value", begin}
		}
		if left == "qid" {
			continue // of ranking
		}
		index, err := strconv.Atoi(left)
		value, err2 := strconv.ParseFloat(right, 64)
		switch {
		case err != nil || index < 0:
			return &pairError{pair, "needs a whole number from 0 or 1 before the colon", begin}
		case index > maxFeatures:
			return &pairError{pair, fmt.Sprintf("has too large an index; at most %d features are allowed", maxFeatures), begin}
		case index <= last:
			return &pairError{pair, fmt.Sprintf("comes after index %d; indices must ascend", last), begin}
		case err2 != nil || math.IsNaN(value) || math.IsInf(value, 0):
			return &pairError{pair, "needs a finite number after the colon", begin}
		}
		last = index
		m.columns = max(m.columns, index+1)
		m.zero = m.zero || index == 0
		if value != 0 {
			m.column, m.values = append(m.column, uint32(index)), append(m.values, value)
		}
	}
	return nil
}

// fromOne takes the column 0 away from all files of a data set if none of them has an index 0: then they count from 1, as
// LIBSVM does, and else from 0. scikit-learn's load_svmlight_files finds it out in the same way.
func fromOne(parts ...Matrix) {
	var files []*sparse
	for _, part := range parts {
		if m, ok := part.(*sparse); ok {
			if m.zero {
				return
			}
			files = append(files, m)
		}
	}
	for _, m := range files {
		m.columns--
		for i := range m.column {
			m.column[i]--
		}
	}
}
