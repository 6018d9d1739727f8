package picture

import (
	"math"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
)

// TestCondense: runs of different lengths meet at the same steps however they were thinned; a run that diverged is infinitely bad from there on, and
// one that stopped is in no later median.
func TestCondense(t *testing.T) {
	const long, short = 100_000, 60_007
	run := func(steps int, level float64, status record.Status) *trace {
		r := &trace{stride: 1, status: status}
		for k := range steps + 1 {
			r.note(tracePoint{k, float64(k) / 10, level + float64(k)})
		}
		return r
	}
	for _, ended := range []record.Status{record.Diverged, record.Stopped} {
		traces := []*trace{run(long, 0, record.Finished), run(long, 1, record.Finished), run(short, 2, ended)}
		for _, r := range traces {
			r.thin(traces[0].stride)
			r.end()
		}
		var c condensed
		c.Runs = 3
		c.condense(traces, record.Less, "step")
		if n := len(c.X); n < mostPoints/2 || n > mostPoints+1 || c.X[0] != 0 || c.X[n-1] != long {
			t.Fatalf("%d points from %v to %v", n, c.X[0], c.X[n-1])
		}
		for i, x := range c.X {
			low, median, high := x+0.5, x+1, x+1.5 // of x, x + 1, x + 2
			switch {
			case x > short && ended == record.Diverged:
				high = math.Inf(1)
			case x > short:
				low, median, high = x+0.25, x+0.5, x+0.75 // of x, x + 1
			}
			if c.Low[i] != low || c.Median[i] != median || c.High[i] != high {
				t.Fatalf("%s, step %v: %v, %v, %v; want %v, %v, %v", ended, x, c.Low[i], c.Median[i], c.High[i], low, median, high)
			}
		}
		if stopped := ended == record.Stopped; stopped != (c.ended == 1) || stopped != (c.fewer > short) || c.all != 3 {
			t.Errorf("%s: %d of %d had ended, first before step %d", ended, c.ended, c.all, c.fewer)
		}
		var seconds condensed
		seconds.condense(traces, record.Less, "seconds")
		if seconds.X[1] != c.X[1]/10 || seconds.Low != nil {
			t.Errorf("at %v s, bands %v", seconds.X[1], seconds.Low)
		}
	}
}
