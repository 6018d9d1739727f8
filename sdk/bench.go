package sdk

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Bench is one line of what `steepest-optimizer-NAME bench` prints: the time of a step of the update rule alone, without
// a host.
type Bench struct {
	Parameters int     `json:"parameters"`
	Threads    int     `json:"threads"`
	Kernel     string  `json:"kernel"`
	Least      float64 `json:"least_us"` // microseconds
	Median     float64 `json:"median_us"`
	P99        float64 `json:"p99_us"`     // of means over as many steps as take 20 us
	Traffic    float64 `json:"traffic_us"` // median time to move the same bytes: read the gradient, read and write the state, write the update
}

// benchTime is how long each figure is measured.
const benchTime = 400 * time.Millisecond

// bench prints a line for each number of parameters.
func (o *Optimizer) bench(w io.Writer, args []string) error {
	for _, arg := range args {
		n, shape := 1, []int{}
		for word := range strings.SplitSeq(arg, "x") {
			d, err := strconv.Atoi(word)
			if err != nil || d < 1 {
				return fmt.Errorf("%q is neither a number of parameters nor a shape; try: bench 1000 1000000 512x512", arg)
			}
			n, shape = n*d, append(shape, d)
		}
		for threads := 1; threads <= runtime.GOMAXPROCS(0); threads++ {
			if threads > 1 && n < parallelFrom {
				break
			}
			b, err := o.Bench(shape, threads)
			if err != nil {
				return err
			}
			if err := json.NewEncoder(w).Encode(b); err != nil {
				return err
			}
		}
	}
	return nil
}

// Bench times a step of one tensor, a hidden layer's weights.
func (o *Optimizer) Bench(shape []int, threads int) (Bench, error) {
	n, tensor := 1, &v1.Tensor{Name: "x", Role: v1.Role_ROLE_WEIGHT, Place: v1.Place_PLACE_HIDDEN}
	for _, d := range shape {
		n, tensor.Shape = n*d, append(tensor.Shape, int64(d))
	}
	tensor.Length, tensor.FanOut, tensor.FanIn = int64(n), tensor.Shape[0], int64(n)/tensor.Shape[0]
	in, err := o.open(&v1.OpenRequest{Tensors: []*v1.Tensor{tensor}})
	if err != nil {
		return Bench{}, err
	}
	defer in.close()
	gradient, weights, update := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range gradient {
		gradient[i] = rand.NormFloat64()
	}
	in.use(gradient, weights, update)
	if in.asks() { // at no cost
		in.answerBy(func(q question) (float64, error) {
			copy(q.into, gradient)
			return 1, nil
		})
	}
	copy(in.hyperparameters(), proto.Defaults(o.description))
	k, vectors := uint64(0), in.vectors()
	least, median, p99 := timed(func() {
		k++
		if _, e := in.advance(k, 0, threads); e != nil {
			err = e
		}
	})
	state := make([][]float64, vectors)
	for i := range state {
		state[i] = make([]float64, n)
		copy(state[i], gradient) // touches its pages
	}
	_, traffic, _ := timed(func() { move(gradient, state, update) })
	return Bench{n, threads, o.description.Kernel, least, median, p99, traffic}, err
}

// timed calls f over and over and returns minimum, median and 99th percentile in microseconds, of means over batches of 20 us.
func timed(f func()) (least, median, p99 float64) {
	f()
	f()
	start := time.Now()
	f()
	batch := 1
	if once := time.Since(start); once < 20*time.Microsecond {
		batch = int(20*time.Microsecond/max(once, 2*time.Nanosecond)) + 1
	}
	var samples []float64
	for end := time.Now().Add(benchTime); time.Now().Before(end) || len(samples) < 5; {
		start := time.Now()
		for range batch {
			f()
		}
		samples = append(samples, time.Since(start).Seconds()*1e6/float64(batch))
	}
	slices.Sort(samples)
	return samples[0], samples[len(samples)/2], samples[len(samples)*99/100]
}

// move makes a step's memory traffic and nothing else, by the runtime's vectorised copy: no rule over the same arrays can
// be faster than the memory. Blocks of 4 KiB keep what is read twice in the cache.
func move(gradient []float64, state [][]float64, update []float64) {
	var block [512]float64
	for i := 0; i < len(gradient); i += len(block) {
		end := min(i+len(block), len(gradient))
		for _, s := range state {
			copy(block[:], s[i:end])
			copy(s[i:end], block[:])
		}
		copy(update[i:end], gradient[i:end])
	}
}
