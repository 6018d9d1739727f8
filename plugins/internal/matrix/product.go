package matrix

import "gonum.org/v1/gonum/blas/blas64"

// A product's element is the sum of its terms in their order, from 0, each product and each sum rounded: the bits of three plain loops,
// on every processor. Sums that go on side by side, in the registers of a tile, are other elements.
const (
	tileRows, tileColumns = 3, 8 // six sums of four: with more, Go's compiler keeps some in memory
	blockDepth            = 256  // terms of a tile at a time: its rows and columns stay in the first cache
	blockRows             = 120  // rows of tiles at a time, and columns: they stay in the second
	blockColumns          = 256
)

// tile adds to a tile of c, whose rows are stride apart, the next terms: of each, a has the factors of all rows, and b of all columns.
var tile, Kernel = kernel()

// Multiply makes c, another matrix than a and b, the product of a and b, either of them transposed.
func Multiply(ta bool, a blas64.General, tb bool, b, c blas64.General) {
	multiply(operand{a, ta}, operand{b, tb}, c, false)
}

// operand is a matrix or its transpose.
type operand struct {
	m          blas64.General
	transposed bool
}

func (o operand) columns() int {
	if o.transposed {
		return o.m.Rows
	}
	return o.m.Cols
}

// multiply makes c the product of a and b, or of one that is symmetric the tiles that have elements above the diagonal, or on it.
func multiply(a, b operand, c blas64.General, upper bool) {
	clear(c.Data)
	depth := a.columns()
	scratch, done := Scratch(blockDepth * (blockRows + blockColumns))
	defer done()
	left, right := scratch[:blockDepth*blockRows], scratch[blockDepth*blockRows:]
	for j := 0; j < c.Cols; j += blockColumns {
		columns := min(blockColumns, c.Cols-j)
		for k := 0; k < depth; k += blockDepth {
			terms := min(blockDepth, depth-k)
			pack(operand{b.m, !b.transposed}, j, columns, k, terms, tileColumns, right)
			for i := 0; i < c.Rows && !(upper && i >= j+columns); i += blockRows {
				rows := min(blockRows, c.Rows-i)
				pack(a, i, rows, k, terms, tileRows, left)
				tiles(left, right, terms, c, i, rows, j, columns, upper)
			}
		}
	}
}

// pack lays terms of some rows out in bands of width rows, a term's factors beside each other. The last band is filled with zeros.
func pack(o operand, row, rows, term, terms, width int, to []float64) {
	stride, along := o.m.Stride, 1
	if o.transposed {
		stride, along = 1, o.m.Stride
	}
	for i := 0; i < rows; i += width {
		band := to[i*terms : (i+width)*terms]
		if i+width > rows {
			clear(band)
		}
		for r := range min(width, rows-i) {
			at := (row+i+r)*stride + term*along
			for k := r; k < len(band); k += width {
				band[k] = o.m.Data[at]
				at += along
			}
		}
	}
}

// tiles adds the packed terms to rows and columns of c.
func tiles(left, right []float64, terms int, c blas64.General, row, rows, column, columns int, upper bool) {
	for j := 0; j < columns; j += tileColumns {
		b := right[j*terms : (j+tileColumns)*terms]
		for i := 0; i < rows && !(upper && row+i >= column+j+tileColumns); i += tileRows {
			a, at := left[i*terms:(i+tileRows)*terms], (row+i)*c.Stride+column+j
			if rows-i >= tileRows && columns-j >= tileColumns {
				tile(a, b, c.Data[at:], c.Stride)
				continue
			}
			var whole [tileRows * tileColumns]float64
			width := min(tileColumns, columns-j)
			for r := range min(tileRows, rows-i) {
				copy(whole[r*tileColumns:], c.Data[at+r*c.Stride:][:width])
			}
			tile(a, b, whole[:], tileColumns)
			for r := range min(tileRows, rows-i) {
				copy(c.Data[at+r*c.Stride:][:width], whole[r*tileColumns:])
			}
		}
	}
}

// tilePlain is tile for every processor, two columns at a time. The conversions keep compilers from fusing a product with its sum.
func tilePlain(a, b, c []float64, stride int) {
	for j := 0; j < tileColumns; j += 2 {
		r0, r1, r2 := (*[2]float64)(c[j:]), (*[2]float64)(c[stride+j:]), (*[2]float64)(c[2*stride+j:])
		s00, s01, s10, s11, s20, s21 := r0[0], r0[1], r1[0], r1[1], r2[0], r2[1]
		for i, k := 0, j; i <= len(a)-tileRows && k < len(b)-1; i, k = i+tileRows, k+tileColumns {
			x, y := (*[tileRows]float64)(a[i:]), (*[2]float64)(b[k:])
			s00 += float64(x[0] * y[0])
			s01 += float64(x[0] * y[1])
			s10 += float64(x[1] * y[0])
			s11 += float64(x[1] * y[1])
			s20 += float64(x[2] * y[0])
			s21 += float64(x[2] * y[1])
		}
		r0[0], r0[1], r1[0], r1[1], r2[0], r2[1] = s00, s01, s10, s11, s20, s21
	}
}
