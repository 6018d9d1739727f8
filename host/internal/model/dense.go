package model

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Dense is y = x Wᵀ + b, with W of shape units x in, torch's convention.
type Dense struct {
	Units        int
	NoBias       bool
	Weight, Bias Initializer
}

var denseKind = LayerKind{
	Name:  "dense",
	Takes: Vectors,
	Size:  "units",
	Keys: append([]Key{{Name: "units", Type: Whole, Last: true, Needed: "add units = 100; only the last layer's follow from the data",
		Help: "y = x Wᵀ + b; W is units × inputs, as in torch"}}, parameterKeys...),
	Make: func(s Settings) Layer {
		d := Dense{Units: setting[int](s, "units")}
		d.Weight, d.Bias, d.NoBias = s.parameters()
		return Activated{d, s.activation()}
	},
}

func (d Dense) bind(in Shape) (bound, error) {
	features, err := vector(in)
	if err != nil {
		return bound{}, err
	}
	t := []tensor{{"weight", []int{d.Units, features}, v1.Role_ROLE_WEIGHT, d.Weight, features, d.Units}}
	if !d.NoBias {
		t = append(t, tensor{"bias", []int{d.Units}, v1.Role_ROLE_BIAS, d.Bias, features, d.Units})
	}
	return bound{out: Shape{d.Units}, tensors: t, begin: func() stage { return newDense(features, d.Units) }}, nil
}

type dense struct {
	in, out      int
	y, dx        []float64
	turned, sums []float64 // of small layers: Wᵀ and its gradient
	along        bilinear
}

func newDense(in, out int) *dense {
	return &dense{in: in, out: out, along: bilinear{weights: in * out, one: &dense{in: in, out: out}, other: &dense{in: in, out: out}}}
}

// small is the number of multiplications of a layer below which plain loops beat a call of BLAS.
const small = 2 << 10

func (d *dense) forward(_ *context, w, x []float64, n int) []float64 {
	y := grow(&d.y, n*d.out)
	weight, bias := w[:d.in*d.out], w[d.in*d.out:]
	if n*d.in*d.out <= small {
		d.smallForward(weight, bias, x, y, n)
		return y
	}
	fillRows(y, bias, d.out)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, matrix(n, d.in, x), matrix(d.out, d.in, weight), 1, matrix(n, d.out, y))
	return y
}

func (d *dense) backward(w, x, dy, g []float64, n int, first bool) []float64 {
	weight, dw, db := w[:d.in*d.out], g[:d.in*d.out], g[d.in*d.out:]
	sumRows(dy, db, d.out)
	if n*d.in*d.out <= small {
		return d.smallBackward(weight, x, dy, dw, n, first)
	}
	delta := matrix(n, d.out, dy)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, delta, matrix(n, d.in, x), 0, matrix(d.out, d.in, dw))
	if first {
		return nil
	}
	dx := grow(&d.dx, n*d.in)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, delta, matrix(d.out, d.in, weight), 0, matrix(n, d.in, dx))
	return dx
}

func (d *dense) forwardAlong(w, v, x, rx []float64, n int) []float64 {
	return d.along.forwardAlong(w, v, x, rx, n)
}

func (d *dense) backwardAlong(w, v, x, rx, dy, rdy, g, hv []float64, n int) (dx, rdx []float64) {
	rdx = d.along.backwardAlong(w, v, x, rx, dy, rdy, hv, n)
	return d.backward(w, x, dy, g, n, rx == nil), rdx
}

// smallForward is forward in loops; the innermost runs along the longer side of W.
func (d *dense) smallForward(weight, bias, x, y []float64, n int) {
	fillRows(y, bias, d.out)
	if d.in < d.out {
		d.transpose(weight)
		for r := range n {
			for i, v := range x[r*d.in : (r+1)*d.in] {
				axpy(v, d.turned[i*d.out:(i+1)*d.out], y[r*d.out:(r+1)*d.out])
			}
		}
		return
	}
	for r := range n {
		for o := range d.out {
			y[r*d.out+o] += dot(weight[o*d.in:(o+1)*d.in], x[r*d.in:(r+1)*d.in])
		}
	}
}

// smallBackward is backward in loops.
func (d *dense) smallBackward(weight, x, dy, dw []float64, n int, first bool) []float64 {
	dx := grow(&d.dx, n*d.in)
	if d.in < d.out {
		d.transpose(weight)
		sums := grow(&d.sums, d.in*d.out)
		clear(sums)
		for r := range n {
			row := dy[r*d.out : (r+1)*d.out]
			for i, v := range x[r*d.in : (r+1)*d.in] {
				axpy(v, row, sums[i*d.out:(i+1)*d.out])
				if !first {
					dx[r*d.in+i] = dot(row, d.turned[i*d.out:(i+1)*d.out])
				}
			}
		}
		for o := range d.out {
			for i := range d.in {
				dw[o*d.in+i] = sums[i*d.out+o]
			}
		}
		return dx
	}
	clear(dw)
	clear(dx)
	for r := range n {
		row, back := x[r*d.in:(r+1)*d.in], dx[r*d.in:(r+1)*d.in]
		for o, e := range dy[r*d.out : (r+1)*d.out] {
			axpy(e, row, dw[o*d.in:(o+1)*d.in])
			if !first {
				axpy(e, weight[o*d.in:(o+1)*d.in], back)
			}
		}
	}
	return dx
}

// transpose keeps Wᵀ.
func (d *dense) transpose(weight []float64) {
	turned := grow(&d.turned, len(weight))
	for o := range d.out {
		for i, v := range weight[o*d.in : (o+1)*d.in] {
			turned[i*d.out+o] = v
		}
	}
}

// axpy is y += a x.
func axpy(a float64, x, y []float64) {
	y = y[:len(x)]
	for i, v := range x {
		y[i] += a * v
	}
}

// dot is Σ x y, in two sums that do not wait for each other.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	even, odd := 0.0, 0.0
	i := 1
	for ; i < len(x); i += 2 {
		even += x[i-1] * y[i-1]
		odd += x[i] * y[i]
	}
	if i == len(x) {
		even += x[i-1] * y[i-1]
	}
	return even + odd
}

func matrix(rows, columns int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: data[:rows*columns]}
}

// fillRows makes every row of y a copy of the bias, or 0 without one.
func fillRows(y, bias []float64, width int) {
	if len(bias) == 0 {
		clear(y)
		return
	}
	for r := 0; r < len(y); r += width {
		copy(y[r:r+width], bias)
	}
}

// sumRows sums the rows of dy into db, if there is one.
func sumRows(dy, db []float64, width int) {
	if len(db) == 0 {
		return
	}
	clear(db)
	for r := 0; r < len(dy); r += width {
		for c, d := range dy[r : r+width] {
			db[c] += d
		}
	}
}
