package problem

import (
	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/seed"
)

// Movement is how the minimum of a quadratic moves.
type Movement struct {
	Every    int     `json:"every"`    // steps from one place to the next
	Changes  int     `json:"changes"`  // how often it moves; behind the last it stays
	Distance float64 `json:"distance"` // from the origin, of every place but the first, which is the origin
}

// NonstationaryQuadratic is the quadratic of [ConditionedQuadratic] whose minimum moves while an optimizer runs:
//
//	f_k(x) = ½ (x − c_j)ᵀ A (x − c_j),   j = min(⌊k / every⌋, changes)
//
// at step k, with c₀ = 0 and the others drawn evenly from the sphere of radius distance, the same for the same seed. The loss of all is
// that behind the last change. AdaGrad, which divides by a sum over all steps, is ever slower to follow; RMSProp, which divides by a mean
// that forgets, is not (Goodfellow, Bengio, Courville: Deep Learning, MIT Press, 2016, sections 8.5.1 and 8.5.2).
func NonstationaryQuadratic(start []float64, condition float64, m Movement, matrixSeed uint64) Problem {
	n := len(start)
	q := &quadratic{function{start: start}, conditioned(n, condition, matrixSeed), make([]float64, n)}
	p := &nonstationary{quadratic: q, movement: m, places: [][]float64{q.center}}
	branch := seed.New(matrixSeed).Branch("movement")
	for j := 1; j <= m.Changes; j++ {
		c, r := make([]float64, n), branch.Index(j).Rand()
		for i := range c {
			c[i] = r.NormFloat64()
		}
		floats.Scale(m.Distance/floats.Norm(c, 2), c)
		p.places = append(p.places, c)
	}
	q.center = p.places[m.Changes]
	return p
}

// nonstationary has the last place as its centre.
type nonstationary struct {
	*quadratic
	movement Movement
	places   [][]float64
}

func (p *nonstationary) Objective(seed.Tree) Objective {
	b := newBowl(p.a)
	return &nonstationaryRun{functionRun: functionRun{function: &function{b.function(p.center), p.start}}, problem: p, bowl: b}
}

type nonstationaryRun struct {
	functionRun
	problem *nonstationary
	bowl    *bowl
	fresh   bool // it is at the place of step, whatever the batch
	step    int
}

var (
	_ Problem = (*nonstationary)(nil)
	_ Curved  = (*nonstationaryRun)(nil)
	_ Exact   = (*nonstationaryRun)(nil)
)

func (o *nonstationaryRun) Gradient(k int, x, g []float64) float64 {
	p := o.problem
	if k == All {
		return o.bowl.eval(p.center, x, g)
	}
	if o.fresh {
		k = o.step
	}
	return o.bowl.eval(p.places[min(k/p.movement.Every, p.movement.Changes)], x, g)
}
