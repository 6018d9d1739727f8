package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// array is what IDX and NumPy files hold, row by row: bytes, single or double precision.
type array struct {
	name    string
	shape   []int
	whole   bool // of whole numbers by its type
	bytes   []uint8
	singles []float32
	floats  []float64
}

// count is the number of elements, if they fit into the memory allowed at so many bytes each.
func (a *array) count(size int64) (int64, error) {
	n := int64(1)
	for _, s := range a.shape {
		if s == 0 {
			return 0, fmt.Errorf("%s: the array of shape %v is empty", a.name, a.shape)
		}
		if s < 0 || n > maxBytes/size/int64(s) {
			return 0, fmt.Errorf("%s: an array of shape %v takes more than the %d MB allowed; take a part of it", a.name,
				a.shape, maxBytes>>20)
		}
		n *= int64(s)
	}
	return n, nil
}

// read reads the elements, of size bytes in the file each, and keeps them as bytes, as singles, or else as float64. The i-th
// in the file is the one at index(i), or at i if that is nil.
func (a *array) read(f *file, bytes, singles bool, size int64, index func(i int64) int64, get func([]byte) float64) error {
	width := int64(8)
	switch {
	case bytes:
		width = 1
	case singles:
		width = 4
	}
	n, err := a.count(max(width, size))
	if err != nil {
		return err
	}
	if err := f.room(n*size, "its values"); err != nil {
		return err
	}
	if bytes && index == nil {
		a.bytes = make([]uint8, n)
		if err := f.fill(a.bytes, 0, n, "its values"); err != nil {
			return err
		}
		return f.end()
	}
	if index == nil {
		index = func(i int64) int64 { return i }
	}
	var put func(i int64, b []byte)
	switch {
	case bytes:
		a.bytes = make([]uint8, n)
		put = func(i int64, b []byte) { a.bytes[index(i)] = b[0] }
	case singles:
		a.singles = make([]float32, n)
		put = func(i int64, b []byte) { a.singles[index(i)] = float32(get(b)) }
	default:
		a.floats = make([]float64, n)
		put = func(i int64, b []byte) { a.floats[index(i)] = get(b) }
	}
	if err := f.values(n, size, put); err != nil {
		return err
	}
	return a.finite()
}

func (a *array) finite() error {
	wrong := func(i int, v float64) error {
		return fmt.Errorf("%s: value %d is %v; replace it by a finite number", a.name, i+1, v)
	}
	for i, v := range a.floats {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return wrong(i, v)
		}
	}
	for i, v := range a.singles {
		if v := float64(v); math.IsNaN(v) || math.IsInf(v, 0) {
			return wrong(i, v)
		}
	}
	return nil
}

// features are the rows of an array of at least two dimensions. Of three or four, it holds images: examples, height,
// width and, after that, channels.
func (a *array) features() (x Matrix, shape []int, err error) {
	if len(a.shape) < 2 {
		return nil, nil, fmt.Errorf("%s: features need an array of at least two dimensions, examples first; "+
			"this one has shape %v: "+
			"is it the file of targets?", a.name, a.shape)
	}
	columns := 1
	for _, s := range a.shape[1:] {
		columns *= s
	}
	if columns > maxFeatures {
		return nil, nil, fmt.Errorf("%s: %d features; at most %d are allowed", a.name, columns, maxFeatures)
	}
	switch len(a.shape) {
	case 3:
		shape = []int{a.shape[1], a.shape[2], 1}
	case 4:
		shape = a.shape[1:]
	}
	switch {
	case a.bytes != nil:
		x = &dense[uint8]{a.shape[0], columns, a.bytes}
	case a.singles != nil:
		x = &dense[float32]{a.shape[0], columns, a.singles}
	default:
		x = &dense[float64]{a.shape[0], columns, a.floats}
	}
	return x, shape, nil
}

// matrix has a row for each index of the first dimension.
func (a *array) matrix() (*mat.Dense, error) {
	if _, err := a.count(8); err != nil {
		return nil, err
	}
	rows := 1
	if len(a.shape) > 0 {
		rows = a.shape[0]
	}
	data := slices.Grow(a.floats, len(a.bytes)+len(a.singles))
	for _, v := range a.bytes {
		data = append(data, float64(v))
	}
	for _, v := range a.singles {
		data = append(data, float64(v))
	}
	return mat.NewDense(rows, len(data)/rows, data), nil
}

// texts are the elements of an array of targets.
func (a *array) texts() (out column, err error) {
	if len(a.shape) != 1 && (len(a.shape) != 2 || a.shape[1] != 1) {
		return out, fmt.Errorf("%s: targets need an array of one dimension; this one has shape %v: is it the file of features?",
			a.name, a.shape)
	}
	for i := range a.shape[0] {
		var text string
		switch {
		case a.bytes != nil:
			text = strconv.Itoa(int(a.bytes[i]))
		case a.singles != nil:
			text = strconv.FormatFloat(float64(a.singles[i]), 'g', -1, 64)
		default:
			text = strconv.FormatFloat(a.floats[i], 'g', -1, 64)
		}
		if !a.whole && !strings.ContainsAny(text, ".e") {
			text += ".0" // as such a number is written elsewhere
		}
		out.add(text)
	}
	return out, nil
}
