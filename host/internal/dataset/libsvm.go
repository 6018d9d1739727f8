package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// maxLine is the longest line of a LIBSVM file.
const maxLine = 64 << 20

// readLIBSVM reads lines "target index:value index:value ... # comment" with ascending indices from 1 (Chang and Lin,
// LIBSVM: a library for support vector machines, 2011). Features that a line leaves out are 0.
func readLIBSVM(f *file) (t table, err error) {
	path := f.name
	m := &sparse{start: []int{0}}
	var y []string
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
			return t, fmt.Errorf("%s:%d:1: the line must begin with one target, not %q; write it like 1 3:0.5 7:2", path, line,
				target)
		}
		y = append(y, strings.TrimPrefix(target, "+"))
		if err := m.parse(rest); err != nil {
			column := len(text) - err.left + 1
			return t, fmt.Errorf("%s:%d:%d: %q %s", path, line, column, err.pair, err.wrong)
		}
		m.rows++
		m.start = append(m.start, len(m.values))
		if m.Bytes() > maxBytes {
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
	last := 0
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
		case err != nil || index < 1:
			return &pairError{pair, "needs a whole number from 1 before the colon", begin}
		case index > MaxFeatures:
			return &pairError{pair, fmt.Sprintf("has too large an index; at most %d features are allowed", MaxFeatures), begin}
		case index <= last:
			return &pairError{pair, fmt.Sprintf("comes after index %d; indices must ascend", last), begin}
		case err2 != nil || math.IsNaN(value) || math.IsInf(value, 0):
			return &pairError{pair, "needs a finite number after the colon", begin}
		}
		last = index
		m.columns = max(m.columns, index)
		if value != 0 {
			m.column, m.values = append(m.column, uint32(index-1)), append(m.values, value)
		}
	}
	return nil
}
