// Package boundary measures what it costs that an optimizer is another program.
package boundary

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Times are of one step, in microseconds.
type Times struct {
	Median float64 `json:"median_us"`
	P99    float64 `json:"p99_us"`
}

// Row is what was measured of one way to make a step.
type Row struct {
	Plugin string `json:"plugin"`
	What   string `json:"what"`
	N      int    `json:"parameters"`
	Times
	Ratio float64 `json:"ratio_to_in_process,omitempty"`
	Note  string  `json:"note,omitempty"`
}

// Measure measures one plugin for one number of parameters: in its own process, inline and in shared memory, with a host
// that is more or less busy between steps, and what the host does with an update.
func Measure(ctx context.Context, b plugin.Binary, n int) (rows []Row, err error) {
	own, err := runInProcess(ctx, b, n)
	if err != nil {
		return nil, err
	}
	base := own[0].Median
	add := func(what string, t Times, note string) {
		rows = append(rows, Row{b.Name, what, n, t, t.Median / base, note})
	}
	for _, r := range own {
		what := "in process"
		if r.Threads > 1 {
			what += fmt.Sprintf(", %d threads", r.Threads)
		}
		add(what, r.Times, fmt.Sprintf("%s; %.2f of the memory's speed", r.Kernel, r.Traffic/r.Median))
	}
	p, err := plugin.Launch(ctx, b)
	if err != nil {
		return nil, err
	}
	defer p.Kill()
	for _, busy := range []time.Duration{0, 50 * time.Microsecond, time.Millisecond} {
		inline := 0.0
		for _, plane := range []optimizer.Plane{optimizer.Inline, optimizer.Shared} {
			t, err := step(ctx, p, n, plane, busy)
			if err != nil {
				return nil, err
			}
			what, note := string(plane), ""
			if busy > 0 {
				what += fmt.Sprintf(", host busy %v", busy)
			}
			if plane == optimizer.Inline {
				inline = t.Median
			} else {
				note = fmt.Sprintf("%.0f times faster than inline", inline/t.Median)
			}
			add(what, t, note)
		}
	}
	apply, inPlace := safety(n)
	add("host applies", apply, "")
	add("in-place descent", inPlace, fmt.Sprintf("price of safety for sgd: %.2f", (base+apply.Median)/inPlace.Median))
	return rows, nil
}

// inProcess is what a plugin's own command `bench` says: its update rule without a host.
type inProcess struct {
	Parameters int     `json:"parameters"`
	Threads    int     `json:"threads"`
	Kernel     string  `json:"kernel"`
	Traffic    float64 `json:"traffic_us"` // the time to move the same bytes
	Times
}

// runInProcess asks the plugin's program for its times over n parameters, a result for each number of threads.
func runInProcess(ctx context.Context, b plugin.Binary, n int) ([]inProcess, error) {
	var out figures
	cmd := exec.CommandContext(ctx, b.Path, "bench", strconv.Itoa(n))
	cmd.Env, cmd.Stdout = b.Environment(), &out
	if err := b.Run(cmd); err != nil {
		return nil, fmt.Errorf("%s bench %d: %w", b.Path, n, err)
	}
	var results []inProcess
	for d := json.NewDecoder(&out.Buffer); ; {
		var r inProcess
		if err := d.Decode(&r); errors.Is(err, io.EOF) {
			return results, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s bench %d: %w", b.Path, n, err)
		}
		results = append(results, r)
	}
}

// figures keeps what a plugin prints, which is a few lines.
type figures struct{ bytes.Buffer }

func (f *figures) Write(p []byte) (int, error) {
	if f.Len()+len(p) > 1<<20 {
		return 0, errors.New("it prints more than figures")
	}
	return f.Buffer.Write(p)
}

// measureTime is how long each figure is measured, but for at least fewest steps.
const (
	measureTime = 500 * time.Millisecond
	fewest      = 5
)

// free answers whatever is asked at once: what is measured is the boundary.
type free struct{}

func (free) Loss(context.Context, optimizer.Batch, []float64) (float64, error) { return 1, nil }

func (free) Gradient(_ context.Context, _ optimizer.Batch, d, into []float64) (float64, error) {
	copy(into, d)
	return 1, nil
}

func (free) HessianVector(_ context.Context, _ optimizer.Batch, v, into []float64) error {
	copy(into, v)
	return nil
}

func (free) Return() {}

// step measures calls of a plugin over n parameters on one plane. Between two calls the host computes for the given time.
func step(ctx context.Context, p *plugin.Process, n int, plane optimizer.Plane, busy time.Duration) (t Times, err error) {
	in, err := p.Open(ctx, optimizer.Config{Instance: "bench", Log: io.Discard, Plane: plane, Oracle: free{}, MaxAsks: math.MaxInt32,
		Layout: []*v1.Tensor{{Name: "x", Shape: []int64{int64(n)}, Length: int64(n)}}})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, in.Close(ctx)) }()
	values := proto.Defaults(p.Description)
	gradient := in.Vectors().Gradient
	for i := range gradient {
		gradient[i] = rand.NormFloat64()
	}
	const warmup = 200 // steps, or the tenth part of the time
	var samples []float64
	begin := time.Now()
	for k := 1; len(samples) < fewest || time.Since(begin) < measureTime; k++ {
		for i, g := range gradient { // as a host does: what crosses to another core is new
			gradient[i] = -g
		}
		for until := time.Now().Add(busy); busy > 0 && time.Now().Before(until); {
			gradient[0] = rand.NormFloat64()
		}
		start := time.Now()
		if _, err := in.Step(ctx, k, values, 1); err != nil {
			return t, err
		}
		if d := time.Since(start); k > warmup || start.Sub(begin) > measureTime/10 {
			samples = append(samples, d.Seconds()*1e6)
		}
	}
	return summarize(samples), nil
}

func summarize(samples []float64) Times {
	sorted := quantile.Sorted(samples)
	return Times{quantile.Of(sorted, 0.5), quantile.Of(sorted, 0.99)}
}

// safety compares the host's part of "the plugin proposes, the host applies" with a rule that writes the weights itself:
// check and add an update of n parameters, and an in-place step of plain gradient descent.
func safety(n int) (apply, inPlace Times) {
	w, g, u := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range g {
		w[i], g[i], u[i] = rand.NormFloat64(), rand.NormFloat64(), rand.NormFloat64()
	}
	apply = timed(func() {
		if train.Norm(u) > 0 {
			floats.Add(w, u)
		}
	})
	return apply, timed(func() { floats.AddScaled(w, -1e-9, g) })
}

func timed(f func()) Times {
	f()
	var samples []float64
	for begin := time.Now(); len(samples) < fewest || time.Since(begin) < measureTime; {
		start := time.Now()
		f()
		samples = append(samples, time.Since(start).Seconds()*1e6)
	}
	return summarize(samples)
}
