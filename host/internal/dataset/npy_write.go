package dataset

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// WriteNPY writes an array of float64 in NumPy's format, version 1, whose last index runs fastest.
func WriteNPY(w io.Writer, shape []int64, values []float64) error {
	var dims strings.Builder
	for _, n := range shape {
		fmt.Fprintf(&dims, "%d, ", n)
	}
	header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", strings.TrimSuffix(dims.String(), " "))
	const before, multiple = 10, 64 // the numbers begin at a multiple of 64 bytes
	header += strings.Repeat(" ", multiple-1-(before+len(header))%multiple) + "\n"
	b := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
	if _, err := w.Write(append(b, header...)); err != nil {
		return err
	}
	for part := range slices.Chunk(values, 1<<13) {
		b = b[:0]
		for _, x := range part {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}
