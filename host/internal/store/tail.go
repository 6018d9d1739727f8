package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
)

// Tail reads the points of a run while they are recorded, each once. Between two calls nothing is open, and little in memory: what was not read
// yet is on the disk. Its methods are for one goroutine.
type Tail struct {
	dirs    []string
	path    string
	info    os.FileInfo // of the file that was read last
	columns []string
	at      int64 // behind the last row that was read
	last    int   // its step
	passed  int64 // where that row begins if it was not wanted, else -1
	p       Point
}

// NewTail reads the points behind a step of the run in the first of the folders that is there: the record of a run that is measured again gets
// another place when it is over.
func NewTail(after int, dirs ...string) *Tail {
	return &Tail{dirs: dirs, last: after, passed: -1}
}

// Quantities are those of the points; nil as long as nothing is recorded. They change where the record of a run is replaced.
func (t *Tail) Quantities() ([]string, error) {
	if t.columns != nil {
		return t.columns[leading:], nil
	}
	f, err := t.open()
	if f == nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	rows := readRows(io.LimitReader(f, rowLimit))
	defer rowReaders.Put(rows)
	header, err := rows.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF): // it is being written
		return nil, nil
	case err != nil:
		return nil, err
	case !bytes.HasPrefix(header, []byte(Columns)):
		return nil, fmt.Errorf("%s:1: the first row is %s; it must begin with %s", t.path, quote(header), Columns)
	}
	t.at, t.columns = int64(len(header)), strings.Split(string(header[:len(header)-1]), ",")
	return t.columns[leading:], nil
}

// tailSize is how much is read at once.
const tailSize = 64 << 10

var tailBuffers = sync.Pool{New: func() any { return new(make([]byte, tailSize)) }}

// Next reads rows, as many as are read at once, and tells whether more are there. wanted is asked about each; of those that are, visit gets the
// point with the first quantities, until it returns false. A point is valid until it returns. Quantities must have been asked for.
func (t *Tail) Next(quantities int, wanted func(step int, wall time.Duration) bool, visit func(*Point) bool) (more bool, err error) {
	f, err := t.open()
	if f == nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	if t.columns == nil { // it is another file
		return true, nil
	}
	buffer := tailBuffers.Get().(*[]byte)
	defer tailBuffers.Put(buffer)
	for {
		b := *buffer
		n, err := f.ReadAt(b, t.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		rows := b[:bytes.LastIndexByte(b[:n], '\n')+1]
		switch {
		case len(rows) > 0:
			all, err := t.visit(rows, quantities, wanted, visit)
			return err == nil && (!all || n == len(b)), err
		case n < len(b):
			return false, nil
		case n > rowLimit:
			return false, fmt.Errorf("%s: a row is longer than %d bytes; it is damaged", t.path, rowLimit)
		}
		*buffer = make([]byte, 4*len(b))
	}
}

// visit reads rows that are whole, and tells whether it came to the end of them.
func (t *Tail) visit(rows []byte, quantities int, wanted func(int, time.Duration) bool, visit func(*Point) bool) (all bool, err error) {
	for len(rows) > 0 {
		row := rows[:bytes.IndexByte(rows, '\n')]
		step, wall, _, _, err := parseRow(row, t.columns[:leading], -1)
		if err != nil {
			return false, fmt.Errorf("%s: in the row at byte %d, column %w", t.path, t.at, err)
		}
		due := step > t.last && wanted(step, wall)
		if due {
			if err := t.parse(row, quantities); err != nil {
				return false, err
			}
		}
		if step > t.last {
			if t.last, t.passed = step, t.at; due {
				t.passed = -1
			}
		}
		t.at += int64(len(row)) + 1
		if rows = rows[len(row)+1:]; due && !visit(&t.p) {
			return false, nil
		}
	}
	return true, nil
}

func (t *Tail) parse(row []byte, quantities int) error {
	columns := t.columns[:min(len(t.columns), leading+quantities)]
	if len(t.p.Values) != len(columns)-leading {
		t.p.Values = make([]record.Value, len(columns)-leading)
	}
	if err := parsePoint(row, columns, &t.p); err != nil {
		return fmt.Errorf("%s: in the row at byte %d, column %w", t.path, t.at, err)
	}
	return nil
}

// Passed is the last point that was read if it was not wanted; nil if it was.
func (t *Tail) Passed(quantities int) (*Point, error) {
	if t.passed < 0 {
		return nil, nil
	}
	at := t.passed
	t.passed = -1
	f, err := t.open()
	if f == nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, t.at-at)
	if _, err := f.ReadAt(b, at); err != nil || t.columns == nil {
		return nil, err
	}
	return &t.p, t.parse(b[:len(b)-1], quantities)
}

// Left is how many rows are there that were not read.
func (t *Tail) Left() (rows int) {
	f, _ := t.open()
	if f == nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	b := make([]byte, 1<<20)
	for at := t.at; ; {
		n, err := f.ReadAt(b, at)
		rows += bytes.Count(b[:n], []byte("\n"))
		if at += int64(n); err != nil {
			return rows
		}
	}
}

// open opens the file that has the points; nil without an error if there is none yet. It has another name when the run is over. Of another file, all is
// read again, but the points that were read.
func (t *Tail) open() (*os.File, error) {
	for range 3 { // it may get its name meanwhile
		if t.path == "" {
			for _, dir := range t.dirs {
				if s, err := stand(dir); err == nil {
					t.path = s.steps()
					break
				} else if !errors.Is(err, fs.ErrNotExist) {
					return nil, err
				}
			}
			if t.path == "" {
				return nil, nil
			}
		}
		f, _, err := regular.Open(t.path)
		if errors.Is(err, fs.ErrNotExist) {
			t.path = ""
			continue
		}
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if t.info != nil && !os.SameFile(t.info, info) {
			t.at, t.columns, t.passed = 0, nil, -1
		}
		t.info = info
		return f, nil
	}
	return nil, nil
}
