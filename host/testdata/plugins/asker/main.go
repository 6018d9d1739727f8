// Command steepest-optimizer-asker asks for everything that a step can ask for. It is for tests.
package main

import (
	"math"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR     float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate"`
	Radius float64 `hyper:"radius,0.05" in:"[0,inf)" help:"how far it looks"`
	Die    float64 `hyper:"die,0" in:"[0,1]" help:"how likely it is killed at an ask, by a number that is in no seed"`
	Times  int     `hyper:"times,1" in:"[0,1000000]" help:"how often it asks for another loss"`
}

// model is the state of the whole model.
type model struct {
	Asked int
	Slow  sdk.Vec // a mean of what was asked
}

// tensor is that of one: none.
type tensor struct{}

// step descends along the gradient a little uphill, as SAM does, of two batches, damped by the curvature along it.
func step(h hyper, s *model, _ []tensor, m sdk.Model) {
	n := len(m.Grad)
	for range 4 + h.Times {
		if rand.Float64() < h.Die {
			go func() {
				time.Sleep(rand.N(200 * time.Microsecond))
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
	uphill := m.AskGradient(d, sdk.ThisBatch, here)
	m.AskHessianVector(d, sdk.ThisBatch, curved)
	fresh := m.AskLoss(nil, sdk.FreshBatch)
	again := m.AskGradient(nil, sdk.LastFresh, other)
	if fresh != again {
		panic("the loss and that of the gradient differ")
	}
	for range h.Times {
		uphill = min(uphill, m.AskLoss(d, sdk.FreshBatch))
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
