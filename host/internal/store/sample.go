package store

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
)

// Sampled is what one row of a steps.csv has.
type Sampled struct {
	Step  int
	Wall  time.Duration
	Value record.Value
}

// Sample reads about so many of the rows of a run, evenly spread over its file, the first and the last among them, with the quantity of that name
// where it was measured. What it costs does not depend on how many rows there are. The run may go on meanwhile: a row that is being written is left
// out, as is one that makes no sense. There are none as long as nothing is recorded.
func (p *Progress) Sample(quantity string, n int) (rows []Sampled, err error) {
	if p.path == "" {
		return nil, nil
	}
	f, size, err := regular.Open(p.path)
	if errors.Is(err, fs.ErrNotExist) { // it was published meanwhile
		f, size, err = regular.Open(filepath.Join(p.Dir, StepsFile))
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	header, begin := lineFrom(f, 0, size)
	if header == nil {
		return nil, nil
	}
	columns := strings.Split(string(header), ",")
	index := slices.Index(columns, quantity)
	if index < 0 || len(columns) < fixed {
		return nil, nil
	}
	needed := columns[:max(index+1, fixed)]
	add := func(line []byte) bool {
		step, wall, x, measured, err := parseRow(line, needed, index)
		if err != nil || len(rows) > 0 && step <= rows[len(rows)-1].Step {
			return false
		}
		row := Sampled{Step: step, Wall: wall}
		if measured {
			row.Value = record.Measured(x)
		}
		rows = append(rows, row)
		return true
	}
	at := begin
	for i := range int64(n - 1) {
		from := begin + (size-begin)*i/int64(n)
		if from < at {
			continue // the row before reaches over this place
		}
		if from > begin {
			if _, from = lineFrom(f, from-1, size); from < 0 { // to the end of the row that reaches to this place
				break
			}
		}
		line, next := lineFrom(f, from, size)
		if line == nil {
			break
		}
		add(line)
		at = next
	}
	if line := lastLine(f, begin, size); line != nil {
		add(line)
	}
	return rows, nil
}

// chunk is how much of a file is read at once: some rows, of most experiments.
const chunk = 512

// lineFrom is the line of a file that begins at a place, and where the next one begins; nil and -1 if it does not end.
func lineFrom(f io.ReaderAt, at, size int64) (line []byte, next int64) {
	for length := int64(chunk); ; length *= 4 {
		length = min(length, size-at, rowLimit)
		b := make([]byte, length)
		n, err := f.ReadAt(b, at)
		if end := bytes.IndexByte(b[:n], '\n'); end >= 0 {
			return b[:end], at + int64(end) + 1
		}
		if err != nil || length == size-at || length == rowLimit {
			return nil, -1
		}
	}
}

// lastLine is the last line between two places of a file that is whole; nil if none is.
func lastLine(f io.ReaderAt, begin, size int64) []byte {
	for length := int64(chunk); ; length *= 4 {
		length = min(length, size-begin, rowLimit)
		b := make([]byte, max(length, 0))
		if _, err := f.ReadAt(b, size-length); err != nil && !errors.Is(err, io.EOF) {
			return nil
		}
		end := bytes.LastIndexByte(b, '\n')
		if end >= 0 {
			start := bytes.LastIndexByte(b[:end], '\n')
			if start >= 0 || length == size-begin {
				return b[start+1 : end]
			}
		}
		if length == size-begin || length == rowLimit {
			return nil
		}
	}
}
