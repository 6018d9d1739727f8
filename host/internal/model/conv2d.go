package model

import (
	"fmt"
	"sync"

	"gonum.org/v1/gonum/blas"

	parallel "github.com/steepest/steepest/host/internal/blas"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Conv2D correlates images with filters (Goodfellow et al. 2016, equation 9.6):
//
//	y[i, j, f] = b[f] + Σ W[f, u, v, c] x[i stride + u - top, j stride + v - left, c]   over u, v, c
//
// W has shape filters x height x width x channels.
type Conv2D struct {
	Filters      int
	Window       Window
	NoBias       bool
	Weight, Bias Initializer
}

// Window is what a convolution or pool sees at once, and how it moves: height and width each.
type Window struct {
	Size, Stride [2]int
	Same         bool // pads so that stride 1 keeps height and width; else the window stays inside
}

// frame is a window over images of a certain size.
type frame struct {
	h, w, c    int // in
	oh, ow     int // out
	kh, kw     int
	sh, sw     int
	top, left  int
	inSize     int
	outPixels  int
	windowSize int
}

// over fits the window over images. Same padding is TensorFlow's: the output has ceil(in / stride) rows, and of the rows
// of padding that needs, the larger half is at the bottom; likewise for columns.
func (k Window) over(in Shape) (frame, error) {
	h, w, c, err := image(in)
	if err != nil {
		return frame{}, err
	}
	f := frame{h: h, w: w, c: c, kh: k.Size[0], kw: k.Size[1], sh: k.Stride[0], sw: k.Stride[1]}
	if k.Same {
		f.oh, f.ow = (h+f.sh-1)/f.sh, (w+f.sw-1)/f.sw
		f.top, f.left = max((f.oh-1)*f.sh+f.kh-h, 0)/2, max((f.ow-1)*f.sw+f.kw-w, 0)/2
	} else {
		if f.kh > h || f.kw > w {
			return frame{}, &Misfit{Message: fmt.Sprintf("its window of %d x %d is larger than its input of %v", f.kh, f.kw, in),
				Remedy: `choose a smaller one, or padding = "same"`}
		}
		f.oh, f.ow = (h-f.kh)/f.sh+1, (w-f.kw)/f.sw+1
	}
	f.inSize, f.outPixels, f.windowSize = h*w*c, f.oh*f.ow, f.kh*f.kw*c
	return f, nil
}

func (k Conv2D) bind(in Shape) (bound, error) {
	f, err := k.Window.over(in)
	if err != nil {
		return bound{}, err
	}
	if windows := (Shape{f.outPixels, f.kh, f.kw, f.c}); windows.Size() > MaxValues {
		return bound{}, tooLarge(0, fmt.Sprintf("the windows over an image, %d of %v, have", f.outPixels, windows[1:]))
	}
	fanOut := f.kh * f.kw * k.Filters
	t := []tensor{{"weight", []int{k.Filters, f.kh, f.kw, f.c}, v1.Role_ROLE_WEIGHT, k.Weight, f.windowSize, fanOut}}
	if !k.NoBias {
		t = append(t, tensor{"bias", []int{k.Filters}, v1.Role_ROLE_BIAS, k.Bias, f.windowSize, fanOut})
	}
	return bound{out: Shape{f.oh, f.ow, k.Filters}, tensors: t, begin: func() stage { return newConv2D(f, k.Filters) }}, nil
}

// conv2D multiplies matrices of windows (im2col), of some images at a time, so that they stay in the cache. With several
// threads, each has a part of the batch.
type conv2D struct {
	frame
	filters int
	group   int // images in a matrix of windows
	y, dx   []float64
	workers []worker
	wait    sync.WaitGroup

	// arguments of the pass in flight
	n           int
	w, x, dy, g []float64
	first       bool
}

// worker has the buffers of a part of the batch and the tasks to start on it, made once.
type worker struct {
	windows, dw       []float64
	forward, backward func()
}

// groupSize is the number of values of a matrix of windows: half of a usual second-level cache.
const groupSize = 1 << 16

func newConv2D(f frame, filters int) *conv2D {
	k := &conv2D{frame: f, filters: filters, group: max(1, groupSize/(f.outPixels*f.windowSize))}
	k.workers = make([]worker, parallel.Threads())
	for i := range k.workers {
		k.workers[i].forward = func() { defer k.wait.Done(); k.forwardPart(i) }
		k.workers[i].backward = func() { defer k.wait.Done(); k.backwardPart(i) }
	}
	return k
}

// part returns the images of a worker.
func (k *conv2D) part(i int) (lo, hi int) {
	return k.n * i / len(k.workers), k.n * (i + 1) / len(k.workers)
}

func (k *conv2D) forward(_ *context, w, x []float64, n int) []float64 {
	y := grow(&k.y, n*k.outPixels*k.filters)
	k.n, k.w, k.x = n, w, x
	k.wait.Add(len(k.workers))
	for _, worker := range k.workers[1:] {
		go worker.forward()
	}
	k.workers[0].forward()
	k.wait.Wait()
	return y
}

func (k *conv2D) forwardPart(i int) {
	lo, hi := k.part(i)
	size := k.filters * k.windowSize
	weight, bias := matrix(k.filters, k.windowSize, k.w[:size]), k.w[size:]
	outSize := k.outPixels * k.filters
	for ; lo < hi; lo += k.group {
		count := min(k.group, hi-lo)
		windows := k.gather(i, lo, count)
		y := k.y[lo*outSize : (lo+count)*outSize]
		fillRows(y, bias, k.filters)
		parallel.Serial(blas.NoTrans, blas.Trans, 1, matrix(count*k.outPixels, k.windowSize, windows), weight,
			1, matrix(count*k.outPixels, k.filters, y))
	}
}

func (k *conv2D) backward(w, x, dy, g []float64, n int, first bool) []float64 {
	k.n, k.w, k.x, k.dy, k.g, k.first = n, w, x, dy, g, first
	if !first {
		grow(&k.dx, n*k.inSize)
	}
	size := k.filters * k.windowSize
	sumRows(dy, g[size:], k.filters)
	k.wait.Add(len(k.workers))
	for _, worker := range k.workers[1:] {
		go worker.backward()
	}
	k.workers[0].backward()
	k.wait.Wait()
	dw := g[:size]
	for _, worker := range k.workers[1:] {
		for j, d := range worker.dw {
			dw[j] += d
		}
	}
	if first {
		return nil
	}
	return k.dx[:n*k.inSize]
}

func (k *conv2D) backwardPart(i int) {
	lo, hi := k.part(i)
	size := k.filters * k.windowSize
	dw := k.g[:size]
	if i > 0 {
		dw = grow(&k.workers[i].dw, size)
	}
	clear(dw)
	outSize := k.outPixels * k.filters
	for ; lo < hi; lo += k.group {
		count := min(k.group, hi-lo)
		rows := count * k.outPixels
		windows := matrix(rows, k.windowSize, k.gather(i, lo, count))
		dy := matrix(rows, k.filters, k.dy[lo*outSize:])
		parallel.Serial(blas.Trans, blas.NoTrans, 1, dy, windows, 1, matrix(k.filters, k.windowSize, dw))
		if k.first {
			continue
		}
		parallel.Serial(blas.NoTrans, blas.NoTrans, 1, dy, matrix(k.filters, k.windowSize, k.w), 0, windows)
		for j := range count {
			image := k.dx[(lo+j)*k.inSize : (lo+j+1)*k.inSize]
			k.scatter(windows.Data[j*k.outPixels*k.windowSize:], image)
		}
	}
}

// gather writes the windows of some images into a worker's buffer, a row each; outside of the image they are 0.
func (k *conv2D) gather(i, lo, count int) []float64 {
	windows := grow(&k.workers[i].windows, count*k.outPixels*k.windowSize)
	at := 0
	for j := lo; j < lo+count; j++ {
		image := k.x[j*k.inSize : (j+1)*k.inSize]
		for oy := range k.oh {
			for ox := range k.ow {
				for u := range k.kh {
					row := windows[at : at+k.kw*k.c]
					at += len(row)
					from, to, source, inside := k.run(oy, ox, u)
					if !inside {
						clear(row)
						continue
					}
					clear(row[:from])
					copy(row[from:to], image[source:])
					clear(row[to:])
				}
			}
		}
	}
	return windows
}

// scatter adds windows back to where they were gathered.
func (k *conv2D) scatter(windows, image []float64) {
	clear(image)
	at := 0
	for oy := range k.oh {
		for ox := range k.ow {
			for u := range k.kh {
				row := windows[at : at+k.kw*k.c]
				at += len(row)
				from, to, source, inside := k.run(oy, ox, u)
				if !inside {
					continue
				}
				target := image[source : source+to-from]
				for i, v := range row[from:to] {
					target[i] += v
				}
			}
		}
	}
}

// run tells which values from:to of row u of a window lie inside the image, and where they begin in it.
func (f *frame) run(oy, ox, u int) (from, to, source int, inside bool) {
	y, x := oy*f.sh-f.top+u, ox*f.sw-f.left
	if y < 0 || y >= f.h {
		return 0, 0, 0, false
	}
	first, last := max(-x, 0), min(f.w-x, f.kw)
	if first >= last {
		return 0, 0, 0, false
	}
	return first * f.c, last * f.c, (y*f.w + x + first) * f.c, true
}
