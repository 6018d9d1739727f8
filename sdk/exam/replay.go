package exam

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Conventions are the names of the recorded conventions, RULE or RULE/VARIANT.
func Conventions() []string {
	var names []string
	for _, c := range conventions {
		names = append(names, c.name)
	}
	return names
}

// Follow holds a plugin to a recorded convention, such as "adam/eps-outside".
func Follow(ctx context.Context, subject Subject, name string) (*Agreement, error) {
	at := slices.IndexFunc(conventions, func(c convention) bool { return c.name == name })
	if at < 0 {
		return nil, fmt.Errorf("there is no convention %q; there are %s", name, strings.Join(Conventions(), ", "))
	}
	return alone(ctx, subject, func(e *examiner) (*Agreement, error) {
		values, _ := conventions[at].arguments(e.about)
		return e.follow(&conventions[at], values)
	})
}

// Replay holds a plugin to a recorded trajectory: it gets the recorded gradients, and its updates are added up from the
// first point on and compared with every recorded one. tolerance is the largest difference allowed in a coordinate,
// relative to the largest coordinate of the recorded point; 0 demands equal bits.
func Replay(ctx context.Context, subject Subject, t *Trajectory, values map[string]*v1.Value,
	tolerance float64) (*Agreement, error) {
	return alone(ctx, subject, func(e *examiner) (*Agreement, error) { return e.replay("", t, values, tolerance) })
}

// alone runs f on a plugin of its own.
func alone(ctx context.Context, subject Subject, f func(*examiner) (*Agreement, error)) (*Agreement, error) {
	e := &examiner{subject: subject, ctx: ctx}
	defer e.disconnect()
	if err := e.connect(); err != nil {
		return nil, err
	}
	return f(e)
}

func (e *examiner) follow(c *convention, values map[string]*v1.Value) (*Agreement, error) {
	f, err := recorded.Open("torch/rosenbrock_" + c.file + ".csv")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	t, err := ReadTrajectory(f)
	if err != nil {
		return nil, err
	}
	return e.replay(c.name, t, values, c.tolerance)
}

func (e *examiner) replay(name string, t *Trajectory, values map[string]*v1.Value, tolerance float64) (*Agreement, error) {
	s, err := e.openWith(e.conn.Planes[0], values, layout(shape{int64(len(t.Points[0]))}))
	if err != nil {
		return nil, err
	}
	copy(s.weights, t.Points[0])
	a := &Agreement{Convention: name, Steps: len(t.Points) - 1}
	for k, point := range t.Points[1:] {
		if _, err := s.step(t.Gradients[k]); err != nil {
			return nil, err
		}
		largest := 1e-300 // rounding is in proportion to it: a coordinate may pass through 0
		for _, want := range point {
			largest = max(largest, math.Abs(want))
		}
		for i, want := range point {
			difference := math.Abs(s.weights[i]-want) / largest
			if !(difference <= tolerance) {
				return nil, fmt.Errorf("x%d after step %d is %.17g, recorded is %.17g: relative difference %.1e, allowed %.1e",
					i, k+1, s.weights[i], want, difference, tolerance)
			}
			a.Difference = math.Max(a.Difference, difference)
		}
	}
	return a, nil
}

// Trajectory is a run that another implementation recorded.
type Trajectory struct {
	Points    [][]float64 // before each step
	Gradients [][]float64 // at the points
}

// ReadTrajectory reads a CSV file with a header and a row for each step: the point in columns x0, x1, ..., the gradient
// there in columns g0, g1, ...; other columns are ignored.
func ReadTrajectory(r io.Reader) (*Trajectory, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 3 {
		return nil, errors.New("a trajectory needs a header and at least two rows")
	}
	t := &Trajectory{}
	for number, row := range rows[1:] {
		var x, g []float64
		for i, name := range rows[0] {
			column := &x
			if strings.HasPrefix(name, "g") {
				column = &g
			} else if !strings.HasPrefix(name, "x") {
				continue
			}
			value, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				return nil, fmt.Errorf("row %d: column %s: %w", number+1, name, err)
			}
			*column = append(*column, value)
		}
		if len(x) == 0 || len(x) != len(g) {
			return nil, fmt.Errorf("%d columns x0, x1, ... and %d columns g0, g1, ...; there must be as many of each", len(x), len(g))
		}
		t.Points, t.Gradients = append(t.Points, x), append(t.Gradients, g)
	}
	return t, nil
}
