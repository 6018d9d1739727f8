package landscape

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// Number is one in JSON, be it finite or not.
type Number = record.Float

// Numbers are those of a result.
func Numbers(all []Number) []float64 {
	numbers := make([]float64, len(all))
	for i, x := range all {
		numbers[i] = float64(x)
	}
	return numbers
}

// losses is the inverse of Numbers.
func losses(all []float64) []Number {
	out := make([]Number, len(all))
	for i, x := range all {
		out[i] = Number(x)
	}
	return out
}

// SliceKind is that of slices among results.
const SliceKind = "slice"

// Slice is the loss along a line or on a plane through the weights of a run.
type Slice struct {
	Found
	Along  string     `json:"along"`
	Axes   []Axis     `json:"axes"`   // one or two
	Values [][]Number `json:"losses"` // a row for each point of the second axis, a single one of a line
	Marks  []Mark     `json:"marks,omitempty"`
	Path   *Path      `json:"path,omitempty"`
	// Barrier is, of the line between two runs, by how much the loss rises above the line between their losses (Frankle et al. 2020).
	Barrier *Number `json:"barrier,omitempty"`
	// Angle between the directions of a plane, in degrees, if they are not orthogonal by their making.
	Angle *Number `json:"angle,omitempty"`
}

// Axis is a direction of a slice, and the places along it, in units of the direction's length.
type Axis struct {
	Label     string   `json:"label"`
	Length    Number   `json:"length"` // Euclidean, of the direction
	At        []Number `json:"at"`
	Value     *Number  `json:"eigenvalue,omitempty"` // of an eigenvector
	Residual  *Number  `json:"residual,omitempty"`
	Slope     *Number  `json:"slope,omitempty"` // of the loss at the weights, along an eigenvector
	Share     *Number  `json:"share,omitempty"` // of the variance of a trajectory
	direction []float64
	from, to  float64 // where it is looked at unless something else is asked
}

// Mark is a place on a slice: the end of a run.
type Mark struct {
	Name string `json:"name"`
	X    Number `json:"x"`
	Y    Number `json:"y"`
	Loss Number `json:"loss"`
}

// Path is the way of the run, projected.
type Path struct {
	Steps []int    `json:"steps"`
	X     []Number `json:"x"`
	Y     []Number `json:"y"`
	Share Number   `json:"share"` // of the variance of the weights on the way that lies in the slice
}

// Grid says which points of a slice are looked at.
type Grid struct {
	Points   int     // along each axis
	From, To float64 // both 0: what suits the directions
}

// Span reads the two ends, such as "-1,1"; nothing leaves them.
func (g *Grid) Span(text string) (err error) {
	if text == "" {
		return nil
	}
	from, to, _ := strings.Cut(text, ",")
	if g.From, err = strconv.ParseFloat(strings.TrimSpace(from), 64); err == nil {
		g.To, err = strconv.ParseFloat(strings.TrimSpace(to), 64)
	}
	if err != nil || !(g.From < g.To) || math.IsInf(g.To-g.From, 0) {
		return fmt.Errorf("--range %s is no range; give its two ends, the lower one first, such as --range=-1,1", text)
	}
	return nil
}

// Plane are directions from the weights, and what is known on them.
type Plane struct {
	Slice
	origin []float64 // the weights at 0
}

// on lays the places along an axis where a grid has them.
func (x *Axis) on(g Grid) {
	from, to := x.from, x.to
	if g.From != 0 || g.To != 0 {
		from, to = g.From, g.To
	}
	at := make([]float64, g.Points)
	floats.Span(at, from, to)
	if g.Points%2 == 1 && from == -to {
		at[g.Points/2] = 0
	}
	x.At = losses(at)
}

// Evaluate finds the losses on a plane. Its points are shared among the cores; what comes out does not depend on how many there are.
func (a Around) Evaluate(ctx context.Context, p Plane, g Grid) (Slice, error) {
	s := p.Slice
	s.Kind, s.Loss = SliceKind, a.loss(a.Objective(a.Tree), a.Weights)
	for i := range s.Axes {
		s.Axes[i].on(g)
	}
	rows := 1
	if len(s.Axes) == 2 {
		rows = g.Points
	}
	s.Values = make([][]Number, rows)
	for j := range s.Values {
		s.Values[j] = make([]Number, g.Points)
	}
	total := rows * g.Points
	next, done := make(chan int), make(chan struct{}, total)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(next)
		for k := range total {
			select {
			case next <- k:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range min(runtime.GOMAXPROCS(0), total) {
		group.Go(func() error {
			o, w := a.Objective(a.Tree), make([]float64, len(p.origin))
			for k := range next {
				copy(w, p.origin)
				for i, at := range []int{k % g.Points, k / g.Points}[:len(s.Axes)] {
					floats.AddScaled(w, float64(s.Axes[i].At[at]), s.Axes[i].direction)
				}
				s.Values[k/g.Points][k%g.Points] = a.loss(o, w)
				done <- struct{}{}
			}
			return ctx.Err()
		})
	}
	finished := make(chan error, 1)
	go func() { finished <- group.Wait() }()
	for n := 0; ; {
		select {
		case <-done:
			n++
			a.Progress("losses", float64(n)/float64(total))
		case err := <-finished:
			if err != nil {
				return s, err
			}
			for i := range s.Marks {
				s.Marks[i].Loss = a.at(p, s.Marks[i])
			}
			s.barrier()
			return s, nil
		}
	}
}

// loss is that of all training examples.
func (a Around) loss(o problem.Objective, w []float64) Number {
	x, measured := o.Evaluate(problem.Training, w).Loss.Get()
	if !measured {
		x = math.NaN()
	}
	return Number(x)
}

// at is the loss at a mark.
func (a Around) at(p Plane, m Mark) Number {
	w := append([]float64(nil), p.origin...)
	floats.AddScaled(w, float64(m.X), p.Axes[0].direction)
	if len(p.Axes) == 2 {
		floats.AddScaled(w, float64(m.Y), p.Axes[1].direction)
	}
	return a.loss(a.Objective(a.Tree), w)
}

// barrier notes how far the loss between two runs rises above the line between the losses at their ends.
func (s *Slice) barrier() {
	if s.Along != AlongRuns || len(s.Axes) != 1 || len(s.Marks) != 2 {
		return
	}
	from, to := float64(s.Marks[0].Loss), float64(s.Marks[1].Loss)
	most := 0.0
	for i, at := range s.Axes[0].At {
		if t := float64(at); t >= 0 && t <= 1 {
			most = max(most, float64(s.Values[0][i])-(1-t)*from-t*to)
		}
	}
	b := Number(most)
	s.Barrier = &b
}

// Parabola is, of a line along an eigenvector, what the Taylor series to second order predicts of the losses; nil of other slices.
func (s Slice) Parabola() (losses []float64) {
	x := s.Axes[0]
	if len(s.Axes) != 1 || x.Value == nil {
		return nil
	}
	for _, t := range Numbers(x.At) {
		losses = append(losses, float64(s.Loss)+float64(*x.Slope)*t+float64(*x.Value)*t*t/2)
	}
	return losses
}

// Check refuses what is no slice: it may have been written by another version, or by hand.
func (s Slice) Check() error {
	if n := len(s.Axes); n < 1 || n > 2 {
		return fmt.Errorf("a slice has 1 or 2 axes, not %d; make it again", n)
	}
	rows := 1
	if len(s.Axes) == 2 {
		rows = len(s.Axes[1].At)
	}
	if len(s.Values) != rows || slices.ContainsFunc(s.Values, func(row []Number) bool { return len(row) != len(s.Axes[0].At) || len(row) < 2 }) {
		return errors.New("the losses do not fit the axes; make it again")
	}
	if x := s.Axes[0]; x.Value != nil && x.Slope == nil {
		return errors.New("an eigenvector has no slope; make it again")
	}
	return nil
}
