package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
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
	passed  int64 // where that row begins if it was left out, else -1
	b       []byte
	p       Point
}

// NewTail reads the points behind a step of the run in the first of the folders that is there: the record of a run that is measured again gets
// another place when it is over.
func NewTail(after int, dirs ...string) *Tail {
	return &Tail{dirs: dirs, last: after, passed: -1}
}

// Columns are those of the file; nil as long as there is none.
func (t *Tail) Columns() []string { return t.columns }

// tailSize is how much is read at once.
const tailSize = 64 << 10

// Next reads rows, as many as are read at once, and tells whether more are there. wanted is asked about each; of those that are, visit gets the
// point with the first quantities, until it returns false. A point is valid until it returns.
func (t *Tail) Next(quantities int, wanted func(step int, wall time.Duration) bool, visit func(*Point) bool) (more bool, err error) {
	f, err := t.open()
	if f == nil {
		return false, err
	}
	defer func() { _ = f.Close() }()
	for size := tailSize; ; size *= 4 {
		if cap(t.b) < size {
			t.b = make([]byte, size)
		}
		n, err := f.ReadAt(t.b[:size], t.at)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, err
		}
		rows := t.b[:bytes.LastIndexByte(t.b[:n], '\n')+1]
		switch {
		case len(rows) > 0:
			goOn, err := t.visit(rows, quantities, wanted, visit)
			return err == nil && (!goOn || n == size), err
		case n < size:
			return false, nil
		case size > rowLimit:
			return false, fmt.Errorf("%s: a row is longer than %d bytes; it is damaged", t.path, rowLimit)
		}
	}
}

// visit reads rows that are whole.
func (t *Tail) visit(rows []byte, quantities int, wanted func(int, time.Duration) bool, visit func(*Point) bool) (goOn bool, err error) {
	for len(rows) > 0 {
		end := bytes.IndexByte(rows, '\n')
		row := rows[:end]
		rows = rows[end+1:]
		begin := t.at
		if t.columns == nil {
			if !bytes.HasPrefix(row, []byte(Columns)) {
				return false, fmt.Errorf("%s:1: the first row is %s; it must begin with %s", t.path, quote(row), Columns)
			}
			t.columns = strings.Split(string(row), ",")
			t.at += int64(end) + 1
			continue
		}
		step, wall, _, _, err := parseRow(row, t.columns[:leading], -1)
		if err != nil {
			return false, fmt.Errorf("%s: at byte %d, column %w", t.path, begin, err)
		}
		if step > t.last {
			t.last, t.passed = step, begin
			if wanted(step, wall) {
				if err := t.parse(row, quantities); err != nil {
					return false, err
				}
				t.passed = -1
				t.at += int64(end) + 1
				if !visit(&t.p) {
					return false, nil
				}
				continue
			}
		}
		t.at += int64(end) + 1
	}
	return true, nil
}

func (t *Tail) parse(row []byte, quantities int) error {
	columns := t.columns[:min(len(t.columns), leading+quantities)]
	if len(t.p.Values) != len(columns)-leading {
		t.p.Values = make([]record.Value, len(columns)-leading)
	}
	if err := parsePoint(row, columns, &t.p); err != nil {
		return fmt.Errorf("%s: at byte %d, column %w", t.path, t.at, err)
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
	if _, err := f.ReadAt(b, at); err != nil {
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
