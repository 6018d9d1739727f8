package foreign

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// mostCells bounds what is held in memory.
const mostCells = 1 << 26

// ReadCSV reads a file with a column step, columns epoch and wall_seconds if it has them, and a column for each quantity. Steps ascend, and
// some may be left out. An empty cell was not measured. Errors say line and column.
func ReadCSV(path string, names map[string]string) (*Curve, error) {
	c := &Curve{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), Format: "csv", File: path, Names: names}
	r := &csvReader{curve: c, path: path, last: -1}
	sum, err := dataset.ReadLines(path, r.header, r.line)
	if err != nil {
		return nil, err
	}
	if len(c.Points) == 0 {
		return nil, fmt.Errorf("%s: there is no line below the names of the columns; it needs one for each step", path)
	}
	c.Bytes, c.SHA256 = sum.Bytes, sum.SHA256
	c.finish("column")
	return c, nil
}

type csvReader struct {
	curve                  *Curve
	path                   string
	names                  []string // of the columns, renamed
	step, epoch, wall      int      // their places, -1 if they are not there
	places                 []int    // of the quantities
	last, lastLine, passed int
}

func (r *csvReader) header(columns []string) error {
	names, err := rename(columns, r.curve.Names, "column")
	if err != nil {
		return fmt.Errorf("%s:1: %w", r.path, err)
	}
	r.names = names
	r.step, r.epoch, r.wall = slices.Index(names, stepColumn), slices.Index(names, epochColumn), slices.Index(names, wallColumn)
	if r.step < 0 {
		return fmt.Errorf("%s:1: there is no column %s; say which one it is with --map NAME=%s: %s", r.path, stepColumn, stepColumn,
			proto.DidYouMean(stepColumn, columns))
	}
	for i, name := range names {
		if name != "" && i != r.step && i != r.epoch && i != r.wall {
			r.places, r.curve.Quantities = append(r.places, i), append(r.curve.Quantities, name)
		}
	}
	if len(r.places) == 0 {
		return fmt.Errorf("%s:1: there is no quantity beside the %s; it needs a column such as train_loss", r.path, stepColumn)
	}
	return nil
}

func (r *csvReader) line(l dataset.Line) error {
	p := Point{Values: make([]record.Value, len(r.places))}
	err := r.read(l, r.step, func(x float64) error {
		switch {
		case x != math.Trunc(x) || x < 0 || x > 1<<53:
			return errors.New("is no step, which is a whole number from 0 on")
		case int(x) == r.last:
			return fmt.Errorf("is the step of line %d too; a file holds one run, with a line for each step", r.lastLine)
		case int(x) < r.last:
			return fmt.Errorf("comes after step %d in line %d; a file holds one run, and its steps ascend", r.last, r.lastLine)
		}
		p.Step = int(x)
		return nil
	}, true)
	if err == nil {
		err = r.read(l, r.epoch, func(x float64) error {
			if x != math.Trunc(x) || x < 0 || x > 1<<53 {
				return errors.New("is no number of completed epochs, which is whole and not negative; leave the column out with --map epoch=")
			}
			p.Epoch = record.Measured(x)
			return nil
		}, false)
	}
	if err == nil {
		err = r.read(l, r.wall, func(x float64) error {
			if !(x >= 0 && x < mostSeconds) {
				return errors.New("is no time since the run began, in seconds")
			}
			p.Wall = time.Duration(x * float64(time.Second))
			return nil
		}, false)
	}
	for i, at := range r.places {
		if err == nil {
			err = r.read(l, at, func(x float64) error {
				p.Values[i] = record.Measured(x)
				return check(r.names[at], x)
			}, false)
		}
	}
	if err != nil {
		return err
	}
	if r.passed += len(r.places); r.passed > mostCells {
		return fmt.Errorf("%s: there are more than %d values; leave out columns with --map NAME=, or steps", r.path, mostCells)
	}
	r.last = p.Step
	r.lastLine, _ = l.Place(0)
	r.curve.Points = append(r.curve.Points, p)
	return nil
}

// mostSeconds is longer than any run takes.
const mostSeconds = 100 * 365 * 24 * 3600

// read reads a cell, if there is one.
func (r *csvReader) read(l dataset.Line, at int, take func(float64) error, needed bool) error {
	if at < 0 || l.Cells[at] == "" && !needed {
		return nil
	}
	text := l.Cells[at]
	x, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && math.IsInf(x, 0):
		err = errors.New("is beyond the largest number, 1.8e308; write inf if it is infinite")
	case err != nil && strings.Count(text, ",") == 1 && strings.Trim(text, "0123456789,+-eE") == "":
		err = errors.New("has a decimal comma; write numbers with a point")
	case err != nil && text == "":
		err = errors.New("is empty, and every line needs a step")
	case err != nil:
		err = errors.New("is no number; leave a cell empty that was not measured, and write NaN if it was")
	default:
		err = take(x)
	}
	if err == nil {
		return nil
	}
	if !strings.HasPrefix(err.Error(), r.names[at]+" ") {
		err = fmt.Errorf("the %s %s %w", r.names[at], excerpt(text), err)
	}
	line, column := l.Place(at)
	return fmt.Errorf("%s:%d:%d: %w", r.path, line, column, err)
}

// excerpt quotes a text, or the beginning of a long one.
func excerpt(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}
