package picture

import (
	"errors"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

var partsKind = Kind{Name: "parts", Help: "what is diagnosed of each part, such as the loss of critical points by their index, against the part, at the end: median and quartiles over the seeds",
	Each: parts, Across: partsOfProblems}

// parts draws, of each optimizer, the last value that was measured of each part. Parts whose names are numbers or ranges stand at these, others in their order.
func parts(p Problem, o Options) (figure.Figure, error) {
	l := partLines{quantity: o.Measure, f: figure.Sensitivity{Title: p.title()}}
	for _, v := range p.Variants {
		if err := l.add(p, v, v.Series); err != nil {
			return nil, err
		}
	}
	return l.figure()
}

// partsOfProblems draws likewise each optimizer on each problem.
func partsOfProblems(r *Results, o Options) (figure.Figure, error) {
	l := partLines{quantity: o.Measure, f: figure.Sensitivity{Title: r.Name}}
	for _, p := range r.Problems {
		p, err := p.of(o.Optimizer)
		if err != nil {
			return nil, err
		}
		for _, v := range p.Variants {
			series := figure.Series{Name: p.Workload.Name, Look: figure.Look{Place: len(l.f.Lines)}}
			if len(p.Variants) > 1 {
				series.Name = v.Series.Name + ", " + series.Name
			}
			if err := l.add(p, v, series); err != nil {
				return nil, err
			}
		}
	}
	return l.figure()
}

// partLines are the lines of a figure of parts as they are made.
type partLines struct {
	quantity string
	f        figure.Sensitivity
	all      [][]float64
	known    []string // quantities that were measured of parts
	layers   bool     // whether the parts are layers, and not their tensors
}

// add takes what was measured of the runs of a variant as a line, if it was.
func (l *partLines) add(p Problem, v Variant, series figure.Series) error {
	opened, err := p.folder.Record(v.Runs[0].Job)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has not begun
	} else if err != nil {
		return err
	}
	l.known = parted(opened.Quantities())
	names := partsOf(opened.Quantities(), l.quantity)
	if len(names) == 0 {
		return nil
	}
	l.layers = strings.HasPrefix(names[0], "layer") && !strings.Contains(names[0], ".")
	places, line := placesOf(names), figure.Response{Series: series}
	for i, name := range names {
		values, err := p.last(v, l.quantity+"["+name+"]")
		if err != nil {
			return err
		}
		if len(values) == 0 {
			continue // there is nothing of the part, such as no critical point of an index
		}
		sorted := quantile.Sorted(values)
		line.X, line.Median = append(line.X, places[i]), append(line.Median, quantile.Of(sorted, 0.5))
		line.Low, line.High = append(line.Low, quantile.Of(sorted, 0.25)), append(line.High, quantile.Of(sorted, 0.75))
		if len(values) > 1 {
			l.f.Band = "quartiles over the seeds"
		}
		line.Runs, line.Diverged = append(line.Runs, len(values)), append(line.Diverged, 0)
	}
	l.f.Lines, l.all = append(l.f.Lines, line), append(l.all, line.Median)
	return nil
}

// figure is the figure of all that was added.
func (l *partLines) figure() (figure.Figure, error) {
	if len(l.f.Lines) == 0 {
		remedy := "write [[diagnose]] with what measures it, and run again"
		if len(l.known) > 0 {
			remedy = "choose " + registry.Sentence(l.known, "or") + ", or " + remedy
		}
		return nil, unfit(remedy, "%q is not measured of each part", l.quantity)
	}
	y, x, is := strings.Cut(l.quantity, "_by_")
	switch {
	case is:
	case l.layers:
		x = "layer"
	default:
		x = "part"
	}
	l.f.X, l.f.Y = figure.Axis{Label: words(x)}, figure.Axis{Label: words(y), Log: spansDecades(l.all...)}
	return l.f, nil
}

// last are the last values of a column that were measured of the runs of a variant. One that diverged is infinite.
func (p Problem) last(v Variant, column string) (values []float64, err error) {
	for _, r := range v.Runs {
		if !r.Status.Ended() {
			continue
		}
		t, err := p.trace(r, column)
		switch {
		case err != nil:
			return nil, err
		case t.seen == 0:
		case r.Status == record.Diverged:
			values = append(values, math.Inf(1))
		default:
			values = append(values, t.last.value)
		}
	}
	return values, nil
}

// partsOf are the names of the parts of which a quantity has a column, in order.
func partsOf(columns []string, quantity string) (names []string) {
	for _, column := range columns {
		if rest, is := strings.CutPrefix(column, quantity+"["); is {
			names = append(names, strings.TrimSuffix(rest, "]"))
		}
	}
	return names
}

// placesOf are where parts stand on an axis: at the number or in the middle of the range that each is, or in their order, from 1.
func placesOf(names []string) (places []float64) {
	for _, name := range names {
		from, to, is := strings.Cut(name, "-")
		if !is {
			to = from
		}
		low, err := strconv.ParseUint(from, 10, 32)
		high, err2 := strconv.ParseUint(to, 10, 32)
		if err != nil || err2 != nil {
			places = places[:0]
			for i := range names {
				places = append(places, float64(i+1))
			}
			return places
		}
		places = append(places, (float64(low)+float64(high))/2)
	}
	return places
}
