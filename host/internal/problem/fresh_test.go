package problem

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/steepest/steepest/host/internal/seed"
)

// TestLossAlone: the loss without a gradient is that of the gradient to the last bit, of batches and of all.
func TestLossAlone(t *testing.T) {
	for name, p := range curved(t) {
		o := p.Objective(seed.New(1))
		w := make([]float64, Size(p.Layout()))
		g := make([]float64, len(w))
		o.Initialize(w)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range w {
			w[i] += 0.01 * r.NormFloat64()
		}
		for _, k := range []int{0, 5, All} {
			want := o.Gradient(k, w, g)
			if got := o.Gradient(k, w, nil); math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("%s, batch %d: the loss alone is %v, with the gradient %v", name, k, got, want)
			}
		}
	}
}

// TestFresh: what is fresh is drawn again the same, is not what the steps of the run have, and validates by the same examples.
func TestFresh(t *testing.T) {
	for name, p := range curved(t) {
		tree := seed.New(1)
		o, fresh, again := p.Objective(tree), Fresh(p, tree), Fresh(p, tree)
		for _, x := range []Objective{fresh, again} {
			if m, moves := As[Moving](x); moves {
				m.Move(5)
			}
		}
		w := make([]float64, Size(p.Layout()))
		g, other := make([]float64, len(w)), make([]float64, len(w))
		o.Initialize(w)
		w[0] += 0.1
		o.Gradient(5, w, g)
		fresh.Gradient(5, w, other)
		_, noisy := p.(*noisyProblem)
		_, matrix := p.(*randomMatrix)
		_, batched := p.(Batched)
		if differs := !slices.Equal(g, other); differs != (noisy || matrix || batched) {
			t.Errorf("%s: the gradient of a fresh batch differs: %v", name, differs)
		}
		if again.Gradient(5, w, g); !slices.Equal(g, other) {
			t.Errorf("%s: a fresh batch differs when it is drawn again", name)
		}
		if a, b := o.Evaluate(Validation, w), fresh.Evaluate(Validation, w); name != "network, normalised" && a != b {
			t.Errorf("%s: validation is %v, beside the steps %v", name, a, b)
		}
	}
}
