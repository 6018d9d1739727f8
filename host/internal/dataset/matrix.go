package dataset

import (
	"fmt"
	"sort"

	"gonum.org/v1/gonum/mat"
)

// Matrix holds the features of examples, examples x features, in the form that takes the least memory. It is immutable.
type Matrix interface {
	mat.Matrix
	// Row writes the features of example i into dst, as long as there are features.
	Row(dst []float64, i int)
	// Bytes is the memory of the values.
	Bytes() int64
	// pixels is row i if it is held as bytes, or nil.
	pixels(i int) []uint8
}

// number is what a feature is held as: pixels as uint8, a NumPy file's float32 as that, everything else as float64.
type number interface{ uint8 | float32 | float64 }

// dense holds every value, row by row.
type dense[T number] struct {
	rows, columns int
	data          []T
}

// sparse holds the values that are not 0, in compressed rows: row i has values[start[i]:start[i+1]] in columns
// column[start[i]:start[i+1]], which ascend.
type sparse struct {
	rows, columns int
	start         []int
	column        []uint32
	values        []float64
	zero          bool // the file has an index 0
}

var (
	_ Matrix = (*dense[uint8])(nil)
	_ Matrix = (*sparse)(nil)
	_ Matrix = (*stacked)(nil)
)

// width is the number of bytes of a value.
func (m *dense[T]) width() int64 {
	switch any(*new(T)).(type) {
	case uint8:
		return 1
	case float32:
		return 4
	}
	return 8
}

func (m *dense[T]) Dims() (rows, columns int) { return m.rows, m.columns }
func (m *dense[T]) At(i, j int) float64       { return float64(m.data[i*m.columns+j]) }
func (m *dense[T]) T() mat.Matrix             { return mat.Transpose{Matrix: m} }
func (m *dense[T]) Bytes() int64              { return m.width() * int64(len(m.data)) }

func (m *dense[T]) Row(dst []float64, i int) {
	for j, v := range m.data[i*m.columns : (i+1)*m.columns] {
		dst[j] = float64(v)
	}
}

func (m *dense[T]) pixels(i int) []uint8 {
	if bytes, ok := any(m).(*dense[uint8]); ok {
		return bytes.data[i*m.columns : (i+1)*m.columns]
	}
	return nil
}

func (m *sparse) Dims() (rows, columns int) { return m.rows, m.columns }
func (m *sparse) T() mat.Matrix             { return mat.Transpose{Matrix: m} }
func (m *sparse) pixels(int) []uint8        { return nil }
func (m *sparse) Bytes() int64              { return 12*int64(len(m.values)) + 8*int64(len(m.start)) }

func (m *sparse) At(i, j int) float64 {
	row := m.column[m.start[i]:m.start[i+1]]
	at := sort.Search(len(row), func(k int) bool { return int(row[k]) >= j })
	if at < len(row) && int(row[at]) == j {
		return m.values[m.start[i]+at]
	}
	return 0
}

func (m *sparse) Row(dst []float64, i int) {
	clear(dst)
	for k := m.start[i]; k < m.start[i+1]; k++ {
		dst[m.column[k]] = m.values[k]
	}
}

// smaller returns the values densely if that takes less memory.
func (m *sparse) smaller() Matrix {
	if 8*int64(m.rows)*int64(m.columns) > m.Bytes() {
		return m
	}
	d := &dense[float64]{m.rows, m.columns, make([]float64, m.rows*m.columns)}
	for i := range m.rows {
		m.Row(d.data[i*m.columns:(i+1)*m.columns], i)
	}
	return d
}

// stacked is b's rows below those of a.
type stacked struct {
	a, b Matrix
	rows int // of a
}

// stack puts the rows of b below those of a.
func stack(a, b Matrix) (Matrix, error) {
	rows, p := a.Dims()
	if _, q := b.Dims(); p != q {
		return nil, fmt.Errorf("the test examples have %d features, the others %d; both need the same", q, p)
	}
	return &stacked{a, b, rows}, nil
}

// at finds row i.
func (m *stacked) at(i int) (Matrix, int) {
	if i < m.rows {
		return m.a, i
	}
	return m.b, i - m.rows
}

func (m *stacked) Dims() (rows, columns int) {
	rows, columns = m.b.Dims()
	return m.rows + rows, columns
}

func (m *stacked) At(i, j int) float64      { part, i := m.at(i); return part.At(i, j) }
func (m *stacked) T() mat.Matrix            { return mat.Transpose{Matrix: m} }
func (m *stacked) Bytes() int64             { return m.a.Bytes() + m.b.Bytes() }
func (m *stacked) Row(dst []float64, i int) { part, i := m.at(i); part.Row(dst, i) }
func (m *stacked) pixels(i int) []uint8     { part, i := m.at(i); return part.pixels(i) }
