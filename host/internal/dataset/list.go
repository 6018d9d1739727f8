package dataset

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
)

// Count is how many batches a run of so many steps meets: its last point is measured on one more than it takes steps, if the order
// lists that.
func (b *Batches) Count(steps int) int {
	if b.Lists(len(b.examples), steps+1) {
		steps++
	}
	return steps
}

// Write lists the first batches as [ReadOrder] reads them. An error of writing is w's own.
func (b *Batches) Write(ctx context.Context, w io.Writer, steps int) error {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("step")
	for i := range b.Largest(len(b.examples)) {
		_, _ = fmt.Fprintf(out, ",i%d", i)
	}
	_ = out.WriteByte('\n')
	var line []byte
	for k := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		line = strconv.AppendInt(line[:0], int64(k), 10)
		for _, row := range b.Batch(k) {
			line = strconv.AppendInt(append(line, ','), int64(row), 10)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}

// WriteParts lists each row of a data set with the part that it is in: train, validation or test, or unused if it is in none.
func WriteParts(w io.Writer, examples int, train, validation, test []int) error {
	parts := make([]string, examples)
	for name, rows := range map[string][]int{"train": train, "validation": validation, "test": test} {
		for _, row := range rows {
			parts[row] = name
		}
	}
	out := bufio.NewWriter(w)
	_, _ = out.WriteString("row,part\n")
	for row, part := range parts {
		if part == "" {
			part = "unused"
		}
		_, _ = fmt.Fprintf(out, "%d,%s\n", row, part)
	}
	return out.Flush()
}
