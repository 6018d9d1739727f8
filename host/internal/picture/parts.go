package picture

import (
	"math"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

var partsKind = Kind{Name: "parts", Help: "what is diagnosed of each part, such as the loss of critical points by their index, against the part, at the end: median and quartiles over the seeds",
	Each: parts}

// parts draws, of each optimizer, the last value that was measured of each part. Parts whose names are numbers or ranges stand at these, others in their order.
func parts(p Problem, o Options) (figure.Figure, error) {
	var columns []string
	for _, v := range p.Variants {
		if opened, err := p.folder.Record(v.Runs[0].Job); err == nil {
			columns = opened.Quantities()
			break
		}
	}
	names := partsOf(columns, o.Measure)
	if len(names) == 0 {
		remedy := "write [[diagnose]] with what measures it, and run again"
		if known := parted(columns); len(known) > 0 {
			remedy = "choose " + registry.Sentence(known, "or") + ", or " + remedy
		}
		return nil, unfit(remedy, "%q is not measured of each part", o.Measure)
	}
	y, x, is := strings.Cut(o.Measure, "_by_")
	if !is {
		x = "part"
	}
	f := figure.Sensitivity{Title: p.title(), X: figure.Axis{Label: words(x)}, Y: figure.Axis{Label: words(y)}}
	places := placesOf(names)
	var all [][]float64
	for _, v := range p.Variants {
		line := figure.Response{Series: v.Series}
		for i, name := range names {
			values, err := p.last(v, o.Measure+"["+name+"]")
			if err != nil {
				return nil, err
			}
			if len(values) == 0 {
				continue // there is nothing of the part, such as no critical point of an index
			}
			sorted := quantile.Sorted(values)
			line.X, line.Median = append(line.X, places[i]), append(line.Median, quantile.Of(sorted, 0.5))
			line.Low, line.High = append(line.Low, quantile.Of(sorted, 0.25)), append(line.High, quantile.Of(sorted, 0.75))
			if len(values) > 1 {
				f.Band = "quartiles over the seeds"
			}
			line.Runs, line.Diverged = append(line.Runs, len(values)), append(line.Diverged, 0)
		}
		f.Lines, all = append(f.Lines, line), append(all, line.Median)
	}
	f.Y.Log = spansDecades(all...)
	return f, nil
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
