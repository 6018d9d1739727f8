package model

import "math"

// Pool takes the largest or the mean value of each channel under a window. Padding counts as absent, as in TensorFlow.
type Pool struct {
	Window  Window
	Average bool
}

var (
	maxPoolKind = LayerKind{Name: "max-pool", Takes: Images, Keys: poolKeys,
		Make: func(s Settings) Layer { return Pool{Window: s.window()} }}
	averagePoolKind = LayerKind{Name: "average-pool", Takes: Images, Keys: poolKeys,
		Make: func(s Settings) Layer { return Pool{Window: s.window(), Average: true} }}

	poolKeys = []Key{
		{Name: "size", Type: Pair, Default: [2]int{2, 2}, Help: "height and width of the window"},
		{Name: "stride", Type: Pair, Like: "size"},
		paddingKey("padding counts as absent: it is never the maximum, and a mean is over what is there"),
	}
)

func (p Pool) bind(in Shape) (bound, error) {
	f, err := p.Window.over(in)
	if err != nil {
		return bound{}, err
	}
	begin := func() stage { return &maxPool{frame: f} }
	if p.Average {
		begin = func() stage { return &averagePool{frame: f, along: &averagePool{frame: f}} }
	}
	return bound{out: Shape{f.oh, f.ow, f.c}, begin: begin}, nil
}

// each calls visit with the output place (of its first channel) and the bounds of every window of n images, clipped to
// the image: rows y0 to y1 and columns x0 to x1, and where the image begins.
func (f *frame) each(n int, visit func(out, image, y0, y1, x0, x1 int)) {
	out := 0
	for j := range n {
		for oy := range f.oh {
			y := oy*f.sh - f.top
			for ox := range f.ow {
				x := ox*f.sw - f.left
				visit(out, j*f.inSize, max(y, 0), min(y+f.kh, f.h), max(x, 0), min(x+f.kw, f.w))
				out += f.c
			}
		}
	}
}

type maxPool struct {
	frame
	y, dx   []float64
	ry, rdx []float64
	from    []int32 // where each output came from
}

func (p *maxPool) forward(_ *context, _, x []float64, n int) []float64 {
	y := grow(&p.y, n*p.outPixels*p.c)
	if cap(p.from) < len(y) {
		p.from = make([]int32, len(y))
	}
	p.each(n, func(out, image, y0, y1, x0, x1 int) {
		best, from := y[out:out+p.c], p.from[out:out+p.c]
		for iy := y0; iy < y1; iy++ {
			for ix := x0; ix < x1; ix++ {
				at := image + (iy*p.w+ix)*p.c
				values := x[at : at+p.c]
				if iy == y0 && ix == x0 {
					copy(best, values)
					for c := range from {
						from[c] = int32(at + c)
					}
					continue
				}
				for c, v := range values {
					if v > best[c] || math.IsNaN(v) { // so that not a number stays, as in torch
						best[c], from[c] = v, int32(at+c)
					}
				}
			}
		}
	})
	return y
}

func (p *maxPool) backward(_, _, dy, _ []float64, n int, first bool) []float64 {
	if first {
		return nil
	}
	return p.scatter(dy, grow(&p.dx, n*p.inSize))
}

// scatter adds up what comes from each input.
func (p *maxPool) scatter(dy, dx []float64) []float64 {
	clear(dx)
	for i, d := range dy {
		dx[p.from[i]] += d
	}
	return dx
}

func (p *maxPool) forwardAlong(_, _, _, rx []float64, n int) []float64 {
	if rx == nil {
		return nil
	}
	ry := grow(&p.ry, n*p.outPixels*p.c)
	for i := range ry {
		ry[i] = rx[p.from[i]]
	}
	return ry
}

func (p *maxPool) backwardAlong(w, _, x, _, dy, rdy, g, _ []float64, n int) (dx, rdx []float64) {
	return p.backward(w, x, dy, g, n, false), p.scatter(rdy, grow(&p.rdx, n*p.inSize))
}

type averagePool struct {
	frame
	y, dx []float64
	along *averagePool // for the derivatives, since it is linear
}

func (p *averagePool) forward(_ *context, _, x []float64, n int) []float64 {
	y := grow(&p.y, n*p.outPixels*p.c)
	clear(y)
	p.each(n, func(out, image, y0, y1, x0, x1 int) {
		sum := y[out : out+p.c]
		for iy := y0; iy < y1; iy++ {
			for ix := x0; ix < x1; ix++ {
				at := image + (iy*p.w+ix)*p.c
				for c, v := range x[at : at+p.c] {
					sum[c] += v
				}
			}
		}
		count := float64((y1 - y0) * (x1 - x0))
		for c := range sum {
			sum[c] /= count
		}
	})
	return y
}

func (p *averagePool) backward(_, _, dy, _ []float64, n int, first bool) []float64 {
	if first {
		return nil
	}
	dx := grow(&p.dx, n*p.inSize)
	clear(dx)
	p.each(n, func(out, image, y0, y1, x0, x1 int) {
		count := float64((y1 - y0) * (x1 - x0))
		for iy := y0; iy < y1; iy++ {
			for ix := x0; ix < x1; ix++ {
				at := image + (iy*p.w+ix)*p.c
				into := dx[at : at+p.c]
				for c, d := range dy[out : out+p.c] {
					into[c] += d / count
				}
			}
		}
	})
	return dx
}

func (p *averagePool) forwardAlong(_, _, _, rx []float64, n int) []float64 {
	if rx == nil {
		return nil
	}
	return p.along.forward(nil, nil, rx, n)
}

func (p *averagePool) backwardAlong(w, _, x, _, dy, rdy, g, _ []float64, n int) (dx, rdx []float64) {
	return p.backward(w, x, dy, g, n, false), p.along.backward(w, x, rdy, g, n, false)
}
