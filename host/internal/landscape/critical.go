package landscape

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// CriticalKind is that of critical points among results.
const CriticalKind = "critical-points"

// CriticalPoints are the points at which the gradient is 0 that were found from a number of starts.
type CriticalPoints struct {
	Kind       string  `json:"kind"`
	Problem    string  `json:"problem,omitempty"`
	Around     *Found  `json:"around,omitempty"` // of starts around the weights of a run
	Seed       uint64  `json:"seed"`             // of the starts
	Parameters int     `json:"parameters"`
	Starts     int     `json:"starts"`
	From       string  `json:"from"`   // what the starts are
	Points     []Point `json:"points"` // in the order of their losses
	Minima     int     `json:"minima"`
	Saddles    int     `json:"saddles"`
	Maxima     int     `json:"maxima"`
	Degenerate int     `json:"degenerate"`
	// Alternating is the sum of (-1)^index over the points that are not degenerate. By the theorem of Poincaré and Hopf it is 1 where the loss grows in each
	// direction, and all are found and none is degenerate.
	Alternating int `json:"alternating_sum"`
	// Unconverged is how many searches led to no critical point: to a flat one of |g|², far away, or nowhere within the steps that there are.
	Unconverged int `json:"unconverged"`
	Flat        int `json:"flat"`
	Far         int `json:"far"`
	Gradients   int `json:"gradients"` // that the search took
	Hessians    int `json:"hessians"`

	Notes []string `json:"notes,omitempty"`
}

// Point is a critical point.
type Point struct {
	Nature      problem.Nature `json:"nature"`
	Index       int            `json:"index"` // the number of negative eigenvalues
	Loss        Number         `json:"loss"`
	Gradient    Number         `json:"gradient_norm"`
	Eigenvalues []Number       `json:"eigenvalues"` // in ascending order
	Zero        Number         `json:"zero"`        // up to which an absolute eigenvalue counts as 0
	Weights     []Number       `json:"weights"`
	Starts      int            `json:"starts"` // that led there
}

var errNoCurvature = errors.New("the problem has no curvature")

// Start writes the start of a number into weights.
type Start func(i int, weights []float64)

// CheckSize refuses a problem of which not all eigenvalues can be computed.
func CheckSize(p problem.Problem) error {
	if n := problem.Size(p.Layout()); n > curvature.MaxWhole {
		return fmt.Errorf("it has %d parameters, and critical points are told apart by all eigenvalues, which are computed of at most %d",
			n, curvature.MaxWhole)
	}
	return nil
}

// Anywhere are starts all over a problem: evenly from the box in which a function is usually minimised, and of another problem as it is initialised for
// seeds that follow from the tree. what says so.
func Anywhere(p problem.Problem, tree seed.Tree) (start Start, what string) {
	if b, is := problem.AsBoxed(p); is {
		low, high := b.Box()
		return func(i int, weights []float64) {
			r := tree.Index(i).Rand()
			for j := range weights {
				weights[j] = low[j] + (high[j]-low[j])*r.Float64()
			}
		}, "evenly from the domain"
	}
	return func(i int, weights []float64) { p.Objective(tree.Index(i)).Initialize(weights) }, "as they are initialised"
}

// Near are starts at some weights, the first, and around them: with normally distributed noise of a share of their root mean square.
func Near(at []float64, share float64, tree seed.Tree) (start Start, what string) {
	scale := share * floats.Norm(at, 2) / math.Sqrt(float64(len(at)))
	return func(i int, weights []float64) {
		copy(weights, at)
		if i == 0 {
			return
		}
		r := tree.Index(i).Rand()
		for j := range weights {
			weights[j] += scale * r.NormFloat64()
		}
	}, fmt.Sprintf("at the weights, and around them with noise of %g of their root mean square", share)
}

// CriticalOf searches the critical points of a problem from starts all over it. What is random follows from the seed, the training examples too.
func CriticalOf(ctx context.Context, p problem.Problem, from uint64, starts int, progress func(what string, share float64)) (found CriticalPoints, err error) {
	if err := CheckSize(p); err != nil {
		return found, err
	}
	tree := seed.New(from)
	o, err := objective(ctx, p, tree)
	if err != nil {
		return found, err
	}
	start, what := Anywhere(p, tree.Branch("landscape"))
	found, err = Critical(ctx, o, problem.Size(p.Layout()), starts, start, progress)
	found.Seed, found.From = from, what
	return found, err
}

// CriticalAround searches critical points from the weights and around them, with noise of a share of their size.
func (a Around) CriticalAround(ctx context.Context, tree seed.Tree, starts int, noise float64) (found CriticalPoints, err error) {
	if err := CheckSize(a.Problem); err != nil {
		return found, err
	}
	o, err := objective(ctx, a.Problem, a.Tree)
	if err != nil {
		return found, err
	}
	start, what := Near(a.Weights, noise, tree)
	found, err = Critical(ctx, o, len(a.Weights), starts, start, a.Progress)
	found.From, found.Around = what, &Found{Kind: CriticalKind, Loss: a.loss(o, a.Weights)}
	return found, err
}

// Critical searches critical points from a number of starts. progress may be nil.
func Critical(ctx context.Context, o problem.Curved, n, starts int, start Start, progress func(what string, share float64)) (found CriticalPoints, err error) {
	found = CriticalPoints{Kind: CriticalKind, Parameters: n, Starts: starts}
	var distinct []Reached
	var came []int
	weights := make([]float64, n)
	for i := range starts {
		if progress != nil {
			progress("critical points", float64(i)/float64(starts))
		}
		start(i, weights)
		r, err := Search(ctx, o, weights)
		if err != nil {
			return found, err
		}
		found.Gradients, found.Hessians = found.Gradients+r.Gradients, found.Hessians+r.Hessians
		if r.Ending != Converged {
			found.lost(r.Ending)
			continue
		}
		at := slices.IndexFunc(distinct, r.same)
		if at < 0 {
			distinct, came = append(distinct, r), append(came, 1)
			continue
		}
		if came[at]++; r.Gradient < distinct[at].Gradient {
			distinct[at] = r
		}
	}
	for i, r := range distinct {
		found.add(r, came[i])
	}
	slices.SortStableFunc(found.Points, func(a, b Point) int {
		if a.Loss != b.Loss {
			return map[bool]int{true: -1, false: 1}[a.Loss < b.Loss]
		}
		return slices.Compare(a.Weights, b.Weights)
	})
	if found.Degenerate > 0 {
		found.Notes = append(found.Notes, "Of a degenerate point eigenvalues that are 0 do not tell what it is; "+
			"there may be a curve of such points, of which as many are found as there are starts that lead to it.")
	}
	return found, nil
}

func (c *CriticalPoints) lost(e Ending) {
	c.Unconverged++
	switch e {
	case Flat:
		c.Flat++
	case Far:
		c.Far++
	}
}

func (c *CriticalPoints) add(r Reached, came int) {
	p := Point{Nature: r.Nature(), Index: r.Index(), Loss: Number(r.Loss), Gradient: Number(r.Gradient), Eigenvalues: losses(r.Eigenvalues), Zero: Number(r.Zero),
		Weights: losses(r.Weights), Starts: came}
	c.Points = append(c.Points, p)
	count := map[problem.Nature]*int{problem.Minimum: &c.Minima, problem.Saddle: &c.Saddles, problem.Maximum: &c.Maxima, problem.Degenerate: &c.Degenerate}
	*count[p.Nature]++
	if p.Nature != problem.Degenerate {
		c.Alternating += 1 - 2*(p.Index%2)
	}
}

// same tells whether two searches found one point: they are as near as 1e-6 of the weights, or as their gradients in the smallest absolute eigenvalue
// allow, which is how far off Newton's method has them.
func (r Reached) same(other Reached) bool {
	off := 0.0
	for _, x := range []Reached{r, other} {
		least := math.Inf(1)
		for _, v := range x.Eigenvalues {
			least = min(least, max(math.Abs(v), x.Zero))
		}
		if x.Gradient > 0 {
			off += 10 * x.Gradient / least
		}
	}
	size := 1 + max(floats.Norm(r.Weights, 2), floats.Norm(other.Weights, 2))
	return floats.Distance(r.Weights, other.Weights, 2) <= max(nearStep*size, min(off, 1e-2*size))
}
