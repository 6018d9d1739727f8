// Command steepest-optimizer-asker asks for everything that a step can ask for. It is for tests.
package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR     float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate"`
	Radius float64 `hyper:"radius,0.05" in:"[0,inf)" help:"how far it looks"`
	Die    float64 `hyper:"die,0" in:"[0,1]" help:"how likely it is killed at an ask, by a number that is in no seed"`
	Mode   string  `hyper:"mode,none" choices:"none,hang,wild" help:"what else it does from step 3 on: hang between two asks, ask far away"`
	Times  int     `hyper:"times,1" in:"[0,1000000]" help:"how often it asks for another loss"`
}

// model is the state of the whole model.
type model struct {
	Asked int
	Slow  sdk.Vec // a mean of what was asked
}

// tensor is that of one: none.
type tensor struct{}

// waits tells whether an ask has no answer yet.
var waits atomic.Bool

// asking marks an ask.
func asking[T any](ask func() T) T {
	waits.Store(true)
	defer waits.Store(false)
	return ask()
}

// wild asks where there is no number to answer with, and then where there is.
func wild(m sdk.Model) {
	far, into := make([]float64, len(m.Grad)), make([]float64, len(m.Grad))
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64} {
		for i := range far {
			far[i] = x
		}
		for _, batch := range []sdk.Batch{sdk.ThisBatch, sdk.FreshBatch, sdk.LastFresh} {
			loss := m.AskLoss(far, batch)
			again := m.AskGradient(far, batch, into)
			if finite := loss-loss == 0; finite || math.IsNaN(loss) != math.IsNaN(again) {
				panic(fmt.Sprintf("at %v the loss is %v, and that of the gradient %v", x, loss, again))
			}
			m.AskHessianVector(far, batch, into)
		}
	}
}

// step descends along the gradient a little uphill, as SAM does, of two batches, damped by the curvature along it.
func step(h hyper, s *model, _ []tensor, m sdk.Model) {
	n := len(m.Grad)
	for range 4 + h.Times {
		if rand.Float64() < h.Die {
			go func() {
				time.Sleep(rand.N(200 * time.Microsecond))
				for patient := rand.IntN(10) > 0; patient && !waits.Load(); { // most in an ask
					time.Sleep(time.Microsecond)
				}
				if waits.Load() {
					fmt.Fprintln(os.Stderr, "killed while it waits for an answer")
				}
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}()
		}
	}
	d, here, other, curved := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	norm := 0.0
	for _, g := range m.Grad {
		norm += g * g
	}
	norm = math.Sqrt(norm)
	for i, g := range m.Grad {
		d[i] = h.Radius * g / (norm + 1e-12)
	}
	uphill := asking(func() float64 { return m.AskGradient(d, sdk.ThisBatch, here) })
	if m.K >= 3 && h.Mode == "hang" {
		select {}
	}
	m.AskHessianVector(d, sdk.ThisBatch, curved)
	fresh := asking(func() float64 { return m.AskLoss(nil, sdk.FreshBatch) })
	again := asking(func() float64 { return m.AskGradient(nil, sdk.LastFresh, other) })
	if fresh != again {
		panic("the loss and that of the gradient differ")
	}
	if m.K >= 3 && h.Mode == "wild" {
		wild(m)
	}
	for range h.Times {
		uphill = min(uphill, asking(func() float64 { return m.AskLoss(d, sdk.FreshBatch) }))
		s.Asked++
	}
	for i := range d {
		s.Slow[i] = 0.9*s.Slow[i] + 0.1*(here[i]+other[i])
		m.Update[i] = -h.LR * (s.Slow[i] + curved[i] + 1e-3*math.Tanh(uphill)*m.Grad[i])
	}
}

func main() {
	sdk.NewJoint("asker", step, sdk.Asks(), sdk.Summary("asks"), sdk.Reference("none")).Serve()
}
