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
	w := window{f: f, size: size}
	header, begin := w.line(0)
	if header == nil {
		return nil, nil
	}
	columns := strings.Split(string(header), ",")
	index := slices.Index(columns, quantity)
	if index < 0 || len(columns) < fixed {
		return nil, nil
	}
	needed := columns[:max(index+1, fixed)]
	add := func(line []byte) {
		step, wall, x, measured, err := parseRow(line, needed, index)
		if err != nil || len(rows) > 0 && step <= rows[len(rows)-1].Step {
			return
		}
		row := Sampled{Step: step, Wall: wall}
		if measured {
			row.Value = record.Measured(x)
		}
		rows = append(rows, row)
	}
	at := begin // behind the last row that was read
	for i := range int64(n - 1) {
		from := begin + (size-begin)*i/int64(n)
		if from < at {
			continue // that row reaches over this place
		}
		line, next := []byte(nil), at
		if from-at < chunk { // the place may be in the next row
			line, next = w.line(at)
		}
		if next >= 0 && next <= from { // else it is in some row, behind which another begins
			if _, next = w.line(from - 1); next >= 0 {
				line, next = w.line(next)
			}
		}
		if next < 0 {
			break
		}
		add(line)
		at = next
	}
	if line := w.last(begin); line != nil {
		add(line)
	}
	return rows, nil
}

// chunk is how much of a file is read at once: some rows, of most experiments.
const chunk = 1024

// window is the part of a file that was read last.
type window struct {
	f    io.ReaderAt
	size int64 // of the file
	at   int64
	b    []byte
}

// read reads so many bytes from a place on, fewer where the file ends.
func (w *window) read(at, length int64) {
	w.b = slices.Grow(w.b[:0], int(length))[:length]
	n, _ := w.f.ReadAt(w.b, at) // what cannot be read is as what is not there
	w.at, w.b = at, w.b[:n]
}

// line is the line that begins at a place, and where the next one begins; nil and -1 if it does not end. It is valid until the next call.
func (w *window) line(at int64) (line []byte, next int64) {
	for length := int64(chunk); ; length *= 4 {
		if w.at <= at && at < w.at+int64(len(w.b)) {
			rest := w.b[at-w.at:]
			if end := bytes.IndexByte(rest, '\n'); end >= 0 {
				return rest[:end], at + int64(end) + 1
			}
			if int64(len(rest)) >= min(w.size-at, rowLimit) {
				return nil, -1
			}
		}
		want := min(length, w.size-at, rowLimit)
		if w.read(at, want); int64(len(w.b)) < want || want == 0 { // the file was cut off meanwhile, or ends here
			return nil, -1
		}
	}
}

// last is the last line behind a place; nil if none is whole.
func (w *window) last(begin int64) []byte {
	for length := int64(chunk); ; length *= 4 {
		length = min(length, w.size-begin, rowLimit)
		w.read(w.size-length, length)
		if end := bytes.LastIndexByte(w.b, '\n'); end >= 0 {
			start := bytes.LastIndexByte(w.b[:end], '\n')
			if start >= 0 || length == w.size-begin {
				return w.b[start+1 : end]
			}
		}
		if length == w.size-begin || length == rowLimit {
			return nil
		}
	}
}
