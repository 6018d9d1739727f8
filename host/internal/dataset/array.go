package dataset

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/gonum/mat"
)

// array is what IDX and NumPy files hold, row by row: bytes, single or double precision.
type array struct {
	name    string
	shape   []int
	bytes   []uint8
	singles []float32
	floats  []float64
}

// count is the number of elements, if elements of the given size fit into the memory allowed.
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
	if columns > MaxFeatures {
		return nil, nil, fmt.Errorf("%s: %d features; at most %d are allowed", a.name, columns, MaxFeatures)
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
func (a *array) matrix() *mat.Dense {
	rows := 1
	if len(a.shape) > 0 {
		rows = a.shape[0]
	}
	data := a.floats
	for _, v := range a.bytes {
		data = append(data, float64(v))
	}
	for _, v := range a.singles {
		data = append(data, float64(v))
	}
	return mat.NewDense(rows, len(data)/rows, data)
}

// texts are the elements of an array of targets.
func (a *array) texts() ([]string, error) {
	if len(a.shape) != 1 && (len(a.shape) != 2 || a.shape[1] != 1) {
		return nil, fmt.Errorf("%s: targets need an array of one dimension; this one has shape %v: is it the file of features?",
			a.name, a.shape)
	}
	out := make([]string, a.shape[0])
	for i := range out {
		switch {
		case a.bytes != nil:
			out[i] = strconv.Itoa(int(a.bytes[i]))
		case a.singles != nil:
			out[i] = strconv.FormatFloat(float64(a.singles[i]), 'g', -1, 64)
		default:
			out[i] = strconv.FormatFloat(a.floats[i], 'g', -1, 64)
		}
	}
	return out, nil
}
