package store

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
)

// Record is a run directory to be read. Of a run that goes on it is what was recorded when it was opened.
type Record struct {
	Dir string
	Manifest
	Status  record.Status  // how it ended; empty if it did not
	Outcome record.Outcome // likewise
	Columns []string       // of steps.csv
	Tags    []string       // of its experiment, if that stands beside it
	Node    string         // the host where it began; empty if that is not known
	size    int64          // of it
	last    int            // step of the last point if it finished, else -1
	path    string         // of steps.csv, under the name that it has as long as the run goes on; empty if there is none yet
}

// ReadRecords opens the run in a folder, or all runs in the results of an experiment, in the order of their names. A folder
// in which nothing was recorded is none. Runs whose records are damaged are left out, and their errors are faults.
func ReadRecords(ctx context.Context, dir string) (records []*Record, faults []error, err error) {
	if r, err := ReadRecord(dir); err == nil {
		r.Tags = tagsOf(filepath.Join(dir, ".."))[r.ConfigHash]
		return []*Record{r}, nil, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, []error{err}, nil
	}
	remedy := "name the folder that `steepest run` printed, such as runs/quickstart"
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, nil, fmt.Errorf("there is no folder %s; %s", dir, remedy)
	}
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	tags := tagsOf(dir)
	type read struct {
		*Record
		err error
	}
	names := slices.DeleteFunc(folders, func(f fs.DirEntry) bool { return strings.HasPrefix(f.Name(), ".") }) // half of an import that was killed
	for r := range inOrder(ctx, len(names), func(i int) read {
		r, err := ReadRecord(filepath.Join(dir, names[i].Name()))
		return read{r, err}
	}) {
		switch {
		case r.err == nil:
			r.Tags = tags[r.ConfigHash]
			records = append(records, r.Record)
		case !errors.Is(r.err, fs.ErrNotExist):
			faults = append(faults, r.err)
		}
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if len(records)+len(faults) > 0 {
		return records, faults, nil
	}
	for _, f := range names {
		if deeper := filepath.Join(dir, f.Name()); exists(filepath.Join(deeper, ExperimentFile)) {
			remedy = "name one of the experiments in it, such as " + deeper
			break
		}
	}
	return nil, nil, fmt.Errorf("%s is no results folder: there is no %s in it or in a folder in it; %s", dir, RunFile, remedy)
}

// ReadRecord opens the folder of a run, without the tags of its experiment. The error is fs.ErrNotExist if it is none, and else Damaged.
func ReadRecord(dir string) (*Record, error) {
	s, err := stand(dir)
	if err != nil {
		return nil, err
	}
	if s.begun == nil {
		return nil, fs.ErrNotExist // it has just begun
	}
	r := &Record{Dir: dir, Manifest: s.begun.Manifest, Outcome: s.outcome(), last: -1, path: s.steps(), Node: s.begun.Worker.Host}
	if len(r.Resumed) > 0 {
		r.Node = r.Resumed[0].Worker.Host
	}
	if r.Status = r.Outcome.Status; r.Status == record.Finished {
		r.last = r.Outcome.Steps
	}
	if s.published {
		if err := s.verify(); err != nil {
			return nil, err
		}
	} else if r.path == "" {
		return r, nil
	}
	f, size, err := regular.Open(r.path)
	if err != nil {
		return nil, damaged(dir, err)
	}
	defer func() { _ = f.Close() }()
	if r.size = size; !s.published { // else its rows were looked at
		_, err = inspect(io.LimitReader(f, size), r.sequence(), -1)
	}
	if err == nil {
		r.Columns, err = columns(r.path)
	}
	if err != nil {
		return nil, damaged(dir, err)
	}
	return r, nil
}

// fixed is how many Columns there are.
var fixed = strings.Count(Columns, ",") + 1

// leading is how many of them are no quantities.
const leading = 3

// columns reads the header of a steps.csv.
func columns(path string) ([]string, error) {
	f, _, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	rows := readRows(io.LimitReader(f, rowLimit))
	defer rowReaders.Put(rows)
	header, err := rows.ReadSlice('\n')
	if err != nil { // it was cut off, and there are no rows
		return nil, nil
	}
	return strings.Split(string(header[:len(header)-1]), ","), nil
}

// Scheduled are the hyperparameters that steps.csv has columns of.
func (r *Record) Scheduled() (names []string) {
	for _, name := range r.Columns {
		if name, is := strings.CutPrefix(name, record.HyperparameterPrefix); is {
			names = append(names, name)
		}
	}
	return names
}

// Column reads steps.csv and calls visit for every point, in order, with the quantity of that name, if it was measured
// there. A row that was cut off is left out, and is an error in a run that finished, as a file that ends too soon is. The
// error of a bad row has its place; one of visit is returned as it is.
func (r *Record) Column(name string, visit func(step int, wall time.Duration, value float64, measured bool) error) error {
	return r.read(func(rows *bufio.Reader, path string) (end int, err error) {
		return scanColumn(rows, r.sequence(), path, name, visit)
	})
}

// Point is a point as steps.csv has it.
type Point struct {
	Step   int
	Epoch  record.Value
	Wall   time.Duration
	Values []record.Value // of Quantities, in their order
}

// Quantities are what is recorded of the run's points: the columns of steps.csv beside step, epoch and wall_seconds.
func (r *Record) Quantities() []string { return r.Columns[min(len(r.Columns), leading):] }

// Points is Column for all quantities at once. A point is valid until visit returns.
func (r *Record) Points(visit func(*Point) error) error {
	return r.read(func(rows *bufio.Reader, path string) (end int, err error) {
		return scanPoints(rows, r.sequence(), path, visit)
	})
}

// read opens steps.csv for a function that reads its rows, and returns the step of the last one.
func (r *Record) read(rows func(rows *bufio.Reader, path string) (end int, err error)) error {
	if r.path == "" {
		return nil
	}
	path := r.path
	f, _, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // it was published meanwhile
		path = filepath.Join(r.Dir, StepsFile)
		f, _, err = regular.Open(path)
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	reader := readRows(io.LimitReader(f, r.size))
	defer rowReaders.Put(reader)
	end, err := rows(reader, path)
	if err == nil && end < r.last {
		return fmt.Errorf("%s: the rows from step %d on are missing; the run finished with step %d; run it again",
			path, end+1, r.last)
	}
	return err
}

// scanColumn reads one column of a steps.csv.
func scanColumn(rows *bufio.Reader, order sequence, path, name string, visit func(int, time.Duration, float64, bool) error) (end int, err error) {
	var needed []string
	var index, step int
	var wall time.Duration
	var value float64
	var measured bool
	return scan(rows, order, path,
		func(columns []string) error {
			if index = slices.Index(columns, name); index < 0 {
				return fmt.Errorf("%s:1: there is no column %s", path, name)
			}
			needed = columns[:max(index+1, fixed)]
			return nil
		},
		func(text []byte) (_ int, err error) {
			step, wall, value, measured, err = parseRow(text, needed, index)
			return step, err
		},
		func() error { return visit(step, wall, value, measured) })
}

// scanPoints reads all columns of a steps.csv.
func scanPoints(rows *bufio.Reader, order sequence, path string, visit func(*Point) error) (end int, err error) {
	var p Point
	var columns []string
	return scan(rows, order, path,
		func(header []string) error {
			columns, p.Values = header, make([]record.Value, len(header)-leading)
			return nil
		},
		func(text []byte) (int, error) { return p.Step, parsePoint(text, columns, &p) },
		func() error { return visit(&p) })
}

// scan reads a steps.csv whose rows fit into the reader's buffer. Header is given the columns, parse the text of each row, of which
// it returns the step or an error that begins with the column of the text, and visit takes what was parsed.
func scan(rows *bufio.Reader, order sequence, path string, header func([]string) error, parse func([]byte) (int, error), visit func() error) (end int, err error) {
	for line := 1; ; line++ {
		text, err := rows.ReadSlice('\n')
		switch {
		case errors.Is(err, io.EOF):
			return order.last, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return order.last, fmt.Errorf("%s:%d: the row is longer than %d bytes; it is damaged", path, line, rows.Size())
		case err != nil:
			return order.last, err
		case line == 1:
			if rest, is := bytes.CutPrefix(text, []byte(Columns)); !is || rest[0] != ',' && rest[0] != '\n' {
				return order.last, fmt.Errorf("%s:1: the first row is %s; it must begin with %s", path, quote(text), Columns)
			}
			if err := header(strings.Split(string(text[:len(text)-1]), ",")); err != nil {
				return order.last, err
			}
			continue
		}
		step, err := parse(text[:len(text)-1])
		if err == nil {
			if err = order.follow(step); err != nil {
				err = fmt.Errorf("1: %w", err)
			}
		}
		if err != nil {
			return order.last, fmt.Errorf("%s:%d:%w; restore the file from a copy", path, line, err)
		}
		if err := visit(); err != nil {
			return order.last, err
		}
	}
}

// parseRow returns the point's step and wall time, and the cell of an index, of a row that has at least some columns. The
// error begins with the column of the text.
func parseRow(text []byte, columns []string, index int) (step int, wall time.Duration, value float64, measured bool, err error) {
	at := 0
	for i, name := range columns {
		if at > len(text) {
			return 0, 0, 0, false, fmt.Errorf("%d: the row ends before the column %s", at, name)
		}
		cell := text[at:]
		if end := bytes.IndexByte(cell, ','); end >= 0 {
			cell = cell[:end]
		}
		var x float64
		switch {
		case i == stepColumn:
			step, err = strconv.Atoi(string(cell))
			x = float64(step)
		case i == wallColumn || i == index && len(cell) > 0:
			x, err = strconv.ParseFloat(string(cell), 64)
		}
		if err != nil || step < 0 || i == wallColumn && !(x >= 0 && x < maxWall.Seconds()) {
			return 0, 0, 0, false, fmt.Errorf("%d: the %s is %s, which no run records", at+1, name, quote(cell))
		}
		if i == wallColumn {
			wall = time.Duration(x * float64(time.Second))
		}
		if i == index {
			value, measured = x, len(cell) > 0
		}
		at += len(cell) + 1
	}
	return step, wall, value, measured, nil
}

// parsePoint reads the cells of a row that has all columns. The error begins with the column of the text.
func parsePoint(text []byte, columns []string, p *Point) error {
	at := 0
	for i, name := range columns {
		if at > len(text) {
			return fmt.Errorf("%d: the row ends before the column %s", at, name)
		}
		cell := text[at:]
		if end := bytes.IndexByte(cell, ','); end >= 0 {
			cell = cell[:end]
		}
		var v record.Value
		var x float64
		var err error
		switch {
		case i == stepColumn:
			p.Step, err = strconv.Atoi(string(cell))
		case len(cell) > 0 || i == wallColumn:
			x, err = strconv.ParseFloat(string(cell), 64)
			v = record.Measured(x)
		}
		if err != nil || p.Step < 0 || i == wallColumn && !(x >= 0 && x < maxWall.Seconds()) {
			return fmt.Errorf("%d: the %s is %s, which no run records", at+1, name, quote(cell))
		}
		switch {
		case i == wallColumn:
			p.Wall = time.Duration(x * float64(time.Second))
		case i >= leading:
			p.Values[i-leading] = v
		case i != stepColumn:
			p.Epoch = v
		}
		at += len(cell) + 1
	}
	return nil
}

// maxWall is longer than any run.
const maxWall = 100 * 365 * 24 * time.Hour

// quote shows the beginning of what was found.
func quote(b []byte) string {
	const most = 40
	if len(b) > most {
		return strconv.Quote(string(b[:most])) + "..."
	}
	return strconv.Quote(string(b))
}
