// Command steepest-optimizer-searcher searches by losses alone. It is for tests.
package main

import "github.com/steepest/steepest/sdk"

type hyper struct {
	Radius float64 `hyper:"radius,0.01" in:"[0,inf)" help:"how far it looks"`
}

type none struct{}

// step goes where the loss is less, to one of two sides of a random direction.
func step(h hyper, _ *none, _ []none, m sdk.Model) {
	d := make([]float64, len(m.Update))
	for _, x := range m.Tensors {
		r := x.Rand()
		for i := range x.Update {
			x.Update[i] = h.Radius * r.NormFloat64()
		}
	}
	for i, u := range m.Update {
		d[i] = -u
	}
	if m.AskLoss(d, sdk.ThisBatch) < m.AskLoss(m.Update, sdk.ThisBatch) {
		copy(m.Update, d)
	}
	for _, g := range m.Grad {
		if g != 0 {
			panic("there is a gradient")
		}
	}
}

func main() {
	sdk.NewJoint("searcher", step, sdk.NoGradient(), sdk.Summary("searches"), sdk.Reference("none")).Serve()
}
