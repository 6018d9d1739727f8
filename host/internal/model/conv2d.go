package model

import (
	"fmt"

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

var conv2DKind = LayerKind{
	Name:  "conv2d",
	Takes: Images,
	Size:  "filters",
	Keys: append([]Key{
		{Name: "filters", Type: Whole, Needed: "add filters = 32, the number of channels that come out",
			Help: "channels that come out; W is filters × height × width × channels"},
		{Name: "kernel", Recorded: "size", Type: Pair, Needed: "add kernel = 3, or height and width such as kernel = [3, 5]",
			Help: "height and width"},
		{Name: "stride", Type: Pair, Default: [2]int{1, 1}},
		paddingKey("see below"),
	}, parameterKeys...),
	Make: func(s Settings) Layer {
		k := Conv2D{Filters: setting[int](s, "filters"), Window: s.window()}
		k.Weight, k.Bias, k.NoBias = s.parameters()
		return Activated{k, s.activation()}
	},
}

func paddingKey(help string) Key {
	return Key{Name: "padding", Type: Choice, Default: "valid", Choices: []string{"valid", "same"}, Help: help}
}

// window is what the keys of a window say.
func (s Settings) window() Window {
	return Window{Size: setting[[2]int](s, "size"), Stride: setting[[2]int](s, "stride"), Same: setting[string](s, "padding") == "same"}
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
	return bound{out: Shape{f.oh, f.ow, k.Filters}, tensors: t, begin: func() stage {
		c := newConv2D(f, k.Filters)
		c.along = bilinear{weights: k.Filters * f.windowSize, one: newConv2D(f, k.Filters), other: newConv2D(f, k.Filters)}
		return c
	}}, nil
}

// conv2D multiplies matrices of windows (im2col), of some images at a time, so that they stay in the cache. The batch is
// cut into parts, which threads share; see [parallel.Team].
type conv2D struct {
	frame
	filters     int
	group       int // images in a matrix of windows
	y, dx       []float64
	sums        []float64   // of the gradient, over the images of each part but the first
	windows     [][]float64 // a buffer for each thread
	ahead, back *parallel.Team
	along       bilinear

	// arguments of the pass in flight
	n, parts    int
	w, x, dy, g []float64
	first       bool
}

const (
	// groupSize is the number of values of a matrix of windows: half of a usual second-level cache.
	groupSize = 1 << 16
	// convGrain is the number of multiplications that is worth a part of its own.
	convGrain = 1 << 20
	// gatherCost is how many multiplications it takes to gather a value of a window.
	gatherCost = 8
	// maxSums bounds the values of the sums of all parts: 128 MiB.
	maxSums = 1 << 24
)

func newConv2D(f frame, filters int) *conv2D {
	k := &conv2D{frame: f, filters: filters, group: max(1, groupSize/(f.outPixels*f.windowSize)),
		windows: make([][]float64, parallel.MaxThreads)}
	k.ahead, k.back = parallel.NewTeam(k.forwardPart), parallel.NewTeam(k.backwardPart)
	return k
}

// cut is the number of parts of a batch, which are whole groups of images.
func (k *conv2D) cut(n int) int {
	parts := parallel.Cut(n*k.outPixels*k.windowSize*(k.filters+gatherCost), convGrain)
	groups := (n + k.group - 1) / k.group
	for parts > 1 && (parts > groups || parts*k.filters*(k.windowSize+1) > maxSums) {
		parts /= 2
	}
	return parts
}

// part returns the images of a part.
func (k *conv2D) part(i int) (lo, hi int) {
	lo, hi = parallel.Range((k.n+k.group-1)/k.group, i, k.parts)
	return lo * k.group, min(hi*k.group, k.n)
}

func (k *conv2D) forward(_ *context, w, x []float64, n int) []float64 {
	y := grow(&k.y, n*k.outPixels*k.filters)
	k.n, k.w, k.x, k.parts = n, w, x, k.cut(n)
	k.ahead.Do(k.parts)
	return y
}

func (k *conv2D) forwardPart(part, thread int) {
	size := k.filters * k.windowSize
	weight, bias := matrix(k.filters, k.windowSize, k.w[:size]), k.w[size:]
	outSize := k.outPixels * k.filters
	for lo, hi := k.part(part); lo < hi; lo += k.group {
		count := min(k.group, hi-lo)
		windows := k.gather(thread, lo, count)
		y := k.y[lo*outSize : (lo+count)*outSize]
		fillRows(y, bias, k.filters)
		parallel.Serial(blas.NoTrans, blas.Trans, 1, matrix(count*k.outPixels, k.windowSize, windows), weight,
			1, matrix(count*k.outPixels, k.filters, y))
	}
}

func (k *conv2D) backward(w, x, dy, g []float64, n int, first bool) []float64 {
	k.n, k.w, k.x, k.dy, k.g, k.first, k.parts = n, w, x, dy, g, first, k.cut(n)
	if !first {
		grow(&k.dx, n*k.inSize)
	}
	grow(&k.sums, (k.parts-1)*len(g))
	k.back.Do(k.parts)
	addParts(g, k.sums[:(k.parts-1)*len(g)])
	if first {
		return nil
	}
	return k.dx[:n*k.inSize]
}

func (k *conv2D) forwardAlong(w, v, x, rx []float64, n int) []float64 {
	return k.along.forwardAlong(w, v, x, rx, n)
}

func (k *conv2D) backwardAlong(w, v, x, rx, dy, rdy, g, hv []float64, n int) (dx, rdx []float64) {
	rdx = k.along.backwardAlong(w, v, x, rx, dy, rdy, hv, n)
	return k.backward(w, x, dy, g, n, rx == nil), rdx
}

// addParts adds the sums of the other parts to that of the first, in their order.
func addParts(first, others []float64) {
	for ; len(others) > 0; others = others[len(first):] {
		for i, v := range others[:len(first)] {
			first[i] += v
		}
	}
}

func (k *conv2D) backwardPart(part, thread int) {
	g := k.g
	if part > 0 {
		g = k.sums[(part-1)*len(g) : part*len(g)]
	}
	size := k.filters * k.windowSize
	dw := g[:size]
	clear(dw)
	lo, hi := k.part(part)
	outSize := k.outPixels * k.filters
	sumRows(k.dy[lo*outSize:hi*outSize], g[size:], k.filters)
	for ; lo < hi; lo += k.group {
		count := min(k.group, hi-lo)
		rows := count * k.outPixels
		windows := matrix(rows, k.windowSize, k.gather(thread, lo, count))
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

// gather writes the windows of some images into a thread's buffer, a row each; outside of the image they are 0.
func (k *conv2D) gather(thread, lo, count int) []float64 {
	windows := grow(&k.windows[thread], count*k.outPixels*k.windowSize)
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
