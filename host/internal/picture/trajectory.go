package picture

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/store"
)

var trajectoryKind = Kind{Name: "trajectory", Help: "the ways of the first seed over the contours of a function of two variables", Each: trajectory}

func trajectory(p Problem, _ Options) (figure.Figure, error) {
	asked := p.Workload.Problem
	f, is := problem.Functions.Find(asked.Kind)
	if !is || cmp.Or(asked.Dimension, f.Dimension) != 2 {
		return nil, unfit("choose another kind of figure", "the problem %q has no contours: it is no function of two variables", asked.Kind)
	}
	t := figure.Trajectory{Title: p.title(), X: figure.Axis{Label: "x₁"}, Y: figure.Axis{Label: "x₂"},
		Loss: func(x, y float64) float64 { return f.Eval([]float64{x, y}, nil) }}
	for _, c := range f.Critical(2) {
		at := figure.Point{X: c.X[0], Y: c.X[1]}
		switch c.Nature {
		case problem.Minimum, problem.LocalMinimum:
			t.Minima = append(t.Minima, at)
		case problem.Saddle:
			t.Saddles = append(t.Saddles, at)
		}
	}
	for _, v := range p.Variants {
		path, err := p.path(v)
		if err != nil {
			return nil, err
		}
		if len(path.X) > 0 {
			t.Paths = append(t.Paths, path)
			t.Start = figure.Point{X: path.X[0], Y: path.Y[0]}
		}
	}
	if len(t.Paths) == 0 {
		return nil, unfit("write [record] parameters = true, and run again: the runs are measured once more", "no run has recorded its parameters")
	}
	return t, nil
}

// mostWay is how many points of a way are kept at most: more than are seen.
const mostWay = 100_000

// everySecond keeps every second value, the first among them.
func everySecond(x []float64) []float64 {
	for i := 0; 2*i < len(x); i++ {
		x[i] = x[2*i]
	}
	return x[:(len(x)+1)/2]
}

// path is the way of a variant's first run.
func (p Problem) path(v Variant) (path figure.Path, err error) {
	path.Series = v.Series
	opened, err := p.folder.Record(v.Runs[0].Job)
	if errors.Is(err, fs.ErrNotExist) && v.Runs[0].Status == "" { // it has not begun
		return path, nil
	} else if err != nil {
		return path, err
	}
	names := opened.Quantities()
	i := slices.Index(names, "x[0]")
	if i < 0 || i+1 >= len(names) {
		return path, nil
	}
	stride, seen := 1, 0
	err = opened.Points(func(point *store.Point) error {
		x, known1 := point.Values[i].Get()
		y, known2 := point.Values[i+1].Get()
		if !known1 || !known2 {
			return nil
		}
		if seen%stride == 0 {
			path.X, path.Y = append(path.X, x), append(path.Y, y)
		}
		if seen++; len(path.X) > mostWay {
			path.X, path.Y, stride = everySecond(path.X), everySecond(path.Y), 2*stride
		}
		return nil
	})
	return path, err
}
