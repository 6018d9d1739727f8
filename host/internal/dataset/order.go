package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Order lists the examples of every step, as another program met them.
type Order struct {
	File string `json:"file"`

	rows   []int32 // of all steps, one step after the other
	ends   []int   // rows[ends[k-1]:ends[k]] are those of step k
	header int     // lines before the first step
}

// Steps is the number of steps listed.
func (o *Order) Steps() int { return len(o.ends) }

// Line is the line of the file that has step k, from 1.
func (o *Order) Line(k int) int { return o.header + k + 1 }

// Step returns the rows of step k.
func (o *Order) Step(k int) []int32 {
	start := 0
	if k > 0 {
		start = o.ends[k-1]
	}
	return o.rows[start:o.ends[k]]
}

// ReadOrder reads an order of batches: a line for each step with the numbers of the examples, from 0, separated by commas.
// A first line of names may stand before; if the first name is "step", the first column counts the steps from 0.
func ReadOrder(path string) (*Order, Sum, error) {
	order, sum, err := from(path, func(f *file) (*Order, error) {
		o := &Order{File: path}
		return o, o.read(f)
	})
	if err != nil {
		return nil, sum, err
	}
	return order, sum, nil
}

func (o *Order) read(f *file) error {
	if err := f.text(); err != nil {
		return err
	}
	counted := false
	for number := 1; ; number++ {
		line, err := readLine(f)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s:%d: %w", f.name, number, err)
		}
		if len(line) == 0 && errors.Is(err, io.EOF) {
			break
		}
		if number == 1 {
			if first, _, _ := bytes.Cut(line, []byte(",")); isName(first) {
				o.header, counted = 1, string(bytes.Trim(first, ` "`)) == "step"
				continue
			}
		}
		if err := o.add(line, counted); err != nil {
			return fmt.Errorf("%s:%d%w", f.name, number, err)
		}
		if 4*int64(len(o.rows))+8*int64(len(o.ends)) > maxBytes {
			return fmt.Errorf("%s:%d: the order takes more than the %d MB allowed; list fewer steps", f.name, number, maxBytes>>20)
		}
	}
	if len(o.ends) == 0 {
		return fmt.Errorf("%s: no step is listed; write a line for each, with the numbers of its examples", f.name)
	}
	return nil
}

// readLine returns a line without its end; the error is io.EOF with the last one.
func readLine(f *file) ([]byte, error) {
	var line []byte
	for {
		part, err := f.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return nil, fmt.Errorf("the line is longer than %d MB; write a line for each step", maxLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimRight(line, "\r\n"), err
		}
	}
}

// isName tells whether a field is neither a number nor empty.
func isName(field []byte) bool {
	field = bytes.TrimSpace(field)
	_, err := strconv.ParseFloat(string(field), 64)
	return len(field) > 0 && err != nil
}

// add takes the next line. Its errors begin with the column.
func (o *Order) add(line []byte, counted bool) error {
	line = bytes.TrimRight(line, ", \t") // of a table whose longer rows have more columns
	if len(line) == 0 {
		return errors.New(": the line is empty; every step has at least one example")
	}
	column, before := 1, len(o.rows)
	for i := 0; ; i++ {
		field, rest, more := bytes.Cut(line, []byte(","))
		text := string(bytes.TrimSpace(field))
		n, err := strconv.ParseUint(text, 10, 31)
		switch step := len(o.ends); {
		case err != nil:
			return fmt.Errorf(":%d: %q is not the number of an example; write whole numbers, from 0", column, text)
		case i == 0 && counted && n != uint64(step):
			return fmt.Errorf(":%d: the step is %d, but should be %d; list every step once, in order, from 0", column, n, step)
		case i > 0 || !counted:
			o.rows = append(o.rows, int32(n))
		}
		if !more {
			break
		}
		column += len(field) + 1
		line = rest
	}
	if len(o.rows) == before {
		return errors.New(": the step has no examples; every step has at least one")
	}
	o.ends = append(o.ends, len(o.rows))
	return nil
}
