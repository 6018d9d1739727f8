package landscape

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/problem"
)

// Ending is how a search for a critical point ended.
type Ending string

// The endings of a search. Only of Converged there is a critical point.
const (
	Converged Ending = "converged"
	Flat      Ending = "flat"      // at a point where H g = 0 though g is not: |g|² is smallest there, and not 0
	Far       Ending = "far"       // the gradient falls, and the point runs away: towards infinity, or along a plateau
	Undecided Ending = "undecided" // after as many steps as are made at most, or where the loss is not finite
)

// The search is for |g| = 0 by the method of Levenberg and Marquardt, whose step is
//
//	d = −(H² + λ I)⁻¹ H g,   λ = μ |g|
//
// which makes ½ |g|² smaller at each kind of critical point, and becomes Newton's step as |g| falls (Nocedal and Wright 2006, section 10.3; Fan and
// Yuan 2005 for λ). μ follows the ratio of what |g|² fell to what was predicted, as in a trust region.
const (
	// Within is the norm of the gradient at which a critical point is found: of that at the start if this is below 1, and where rounding does not
	// allow it, within 1e-14 of the largest absolute eigenvalue times the norm of the weights. From there Newton's method goes on while the norm falls.
	Within       = 1e-10
	rounding     = 1e-14
	searchSteps  = 400
	nearStep     = 1e-6  // relative to the weights: the last step of Newton's method is shorter
	flatSlope    = 1e-3  // |H g| relative to |g| and the largest |H| of the search: below this a search that comes no further is at a flat point
	farDistance  = 1e6   // from the start, relative to its norm
	goodStep     = 1e-4  // the least ratio with which a step is made
	mostDamping  = 1e20  // λ relative to the largest squared eigenvalue
	zeroRelative = 1e-8  // to the largest: eigenvalues below count as 0
	singular     = 1e-14 // likewise: Newton's step has no part along their eigenvectors
)

// Reached is where a search for a critical point led.
type Reached struct {
	Ending      Ending
	Weights     []float64
	Loss        float64
	Gradient    float64   // its norm
	Eigenvalues []float64 // of the Hessian, in ascending order
	// Zero is the absolute value up to which an eigenvalue counts as 0: 1e-8 of the largest, or what a point that is off by as much as its gradient
	// allows can change of it.
	Zero                float64
	Gradients, Hessians int // that it took
}

// Index is how many eigenvalues are negative.
func (r Reached) Index() (n int) {
	for _, x := range r.Eigenvalues {
		if x < -r.Zero {
			n++
		}
	}
	return n
}

// Zeros is how many eigenvalues count as 0.
func (r Reached) Zeros() (n int) {
	for _, x := range r.Eigenvalues {
		if math.Abs(x) <= r.Zero {
			n++
		}
	}
	return n
}

// Nature is what a critical point is, by its eigenvalues.
func (r Reached) Nature() problem.Nature {
	if r.Zeros() > 0 {
		return problem.Degenerate
	}
	switch r.Index() {
	case 0:
		return problem.Minimum
	case len(r.Eigenvalues):
		return problem.Maximum
	}
	return problem.Saddle
}

// searcher is a search with its buffers.
type searcher struct {
	objective          problem.Curved
	r                  Reached
	h, before          *mat.SymDense
	vectors            *mat.Dense
	g, c, d, to, there []float64 // gradient, and that in the eigenvectors; step in the eigenvectors; where it leads, and the gradient there
	damping            float64   // μ
	most, top          float64   // largest absolute eigenvalue, here and so far
	lipschitz          float64   // how much the Hessian changed with the last step, in the step's length
	origin, first      float64   // norms of the start and of its gradient
}

// Search searches a critical point from a start. Its result has another ending than [Converged] where there is none to be found, and the
// error is that of the context alone.
func Search(ctx context.Context, o problem.Curved, start []float64) (Reached, error) {
	n := len(start)
	s := &searcher{objective: o, h: mat.NewSymDense(n, nil), before: mat.NewSymDense(n, nil)}
	for _, v := range []*[]float64{&s.g, &s.c, &s.d, &s.to, &s.there} {
		*v = make([]float64, n)
	}
	s.r.Weights = append([]float64(nil), start...)
	s.r.Loss = s.gradient(s.r.Weights, s.g)
	s.r.Gradient, s.r.Ending = floats.Norm(s.g, 2), Undecided
	s.origin, s.first = floats.Norm(start, 2), s.r.Gradient
	for range searchSteps {
		if err := ctx.Err(); err != nil {
			return s.r, err
		}
		if ended := s.step(); ended {
			return s.r, nil
		}
	}
	s.stopped()
	return s.r, nil
}

func (s *searcher) gradient(at, into []float64) (loss float64) {
	s.r.Gradients++
	return s.objective.Gradient(problem.All, at, into)
}

// step goes one step on, or says how the search ended.
func (s *searcher) step() (ended bool) {
	if !s.decompose() {
		return true
	}
	size := floats.Norm(s.r.Weights, 2)
	within := max(Within*min(1, s.first), rounding*s.most*max(1, size))
	if s.r.Gradient <= within {
		newton := s.along(0)
		if newton <= 1e-15*(1+size) || !s.advance(0) {
			if s.r.Ending = Far; newton <= nearStep*(1+size) {
				s.converged()
			}
			return true
		}
		return false
	}
	if s.damping == 0 {
		s.damping = 1e-3 * s.most * s.most / s.r.Gradient
	}
	if size > farDistance*(1+s.origin) {
		s.r.Ending = Far
		return true
	}
	for grow := 2.0; ; grow *= 2 {
		damping := s.damping * s.r.Gradient
		if !(damping <= mostDamping*s.most*s.most) || s.most == 0 || s.slope(s.most) <= 1e-10 {
			s.stopped()
			return true
		}
		s.along(damping)
		if s.advance(damping) {
			return false
		}
		s.damping *= grow
	}
}

// decompose finds the eigenvalues and eigenvectors at the weights.
func (s *searcher) decompose() (ok bool) {
	s.r.Hessians++
	problem.Hessian(s.objective, s.r.Weights, s.h)
	if s.r.Hessians > 1 {
		var change mat.Dense
		change.Sub(s.h, s.before)
		s.lipschitz = mat.Norm(&change, 2) / floats.Norm(s.d, 2)
	}
	s.before.CopySym(s.h)
	values, vectors, err := curvature.Spectrum(s.h, true)
	if err != nil || !finite(s.r.Gradient) {
		return false
	}
	s.r.Eigenvalues, s.vectors = values, vectors
	s.most = max(math.Abs(values[0]), math.Abs(values[len(values)-1]))
	s.top = max(s.top, s.most)
	mat.NewVecDense(len(s.c), s.c).MulVec(vectors.T(), mat.NewVecDense(len(s.g), s.g))
	return true
}

func finite(x float64) bool { return x-x == 0 }

// slope is |H g| relative to |g| and a size of H.
func (s *searcher) slope(size float64) float64 {
	sum := 0.0
	for i, c := range s.c {
		sum += (s.r.Eigenvalues[i] * c) * (s.r.Eigenvalues[i] * c)
	}
	return math.Sqrt(sum) / (size * s.r.Gradient)
}

// along makes the step with some damping, and where it leads; without damping it is Newton's. It returns its length.
func (s *searcher) along(damping float64) (length float64) {
	for i, v := range s.r.Eigenvalues {
		if s.d[i] = 0; math.Abs(v) > singular*s.most {
			s.d[i] = -v * s.c[i] / (v*v + damping)
		}
	}
	to := mat.NewVecDense(len(s.to), s.to)
	to.MulVec(s.vectors, mat.NewVecDense(len(s.d), s.d))
	floats.Add(s.to, s.r.Weights)
	return floats.Norm(s.d, 2)
}

// advance makes the step if the gradient becomes as much smaller as is asked: by a part of what is predicted, or for Newton's method by any.
func (s *searcher) advance(damping float64) bool {
	loss := s.gradient(s.to, s.there)
	norm := floats.Norm(s.there, 2)
	if !finite(loss) || !finite(norm) {
		return false
	}
	predicted := 0.0
	for i, v := range s.r.Eigenvalues {
		left := s.c[i] + v*s.d[i]
		predicted += s.c[i]*s.c[i] - left*left
	}
	ratio := (s.r.Gradient - norm) * (s.r.Gradient + norm) / predicted
	switch {
	case damping == 0:
		if norm >= 0.9*s.r.Gradient {
			return false
		}
	case !(ratio > goodStep):
		return false
	case ratio > 0.75:
		s.damping /= 5
	case ratio < 0.25:
		s.damping *= 2
	}
	copy(s.r.Weights, s.to)
	s.g, s.there = s.there, s.g
	s.r.Loss, s.r.Gradient = loss, norm
	return true
}

// converged notes a critical point.
func (s *searcher) converged() {
	s.r.Ending = Converged
	s.r.Zero = max(zeroRelative*s.most, 2*math.Sqrt(s.lipschitz*s.r.Gradient))
}

// stopped says of a search that comes no further where it is.
func (s *searcher) stopped() {
	if s.top == 0 || s.slope(s.top) <= flatSlope {
		s.r.Ending = Flat
	}
}
